/*
 * IP addresses as RFC 3986, section 3.2.2, writes them; no IPvFuture and no zone.
 */

const decOctet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const ipv4 = `${decOctet}(?:\\.${decOctet}){3}`;
const h16 = '[0-9a-fA-F]{1,4}';
const ls32 = `(?:${h16}:${h16}|${ipv4})`;

// The nine lines of IPv6address, in their order.
const ipv6 = [
  `(?:${h16}:){6}${ls32}`,
  `::(?:${h16}:){5}${ls32}`,
  `(?:${h16})?::(?:${h16}:){4}${ls32}`,
  `(?:(?:${h16}:){0,1}${h16})?::(?:${h16}:){3}${ls32}`,
  `(?:(?:${h16}:){0,2}${h16})?::(?:${h16}:){2}${ls32}`,
  `(?:(?:${h16}:){0,3}${h16})?::${h16}:${ls32}`,
  `(?:(?:${h16}:){0,4}${h16})?::${ls32}`,
  `(?:(?:${h16}:){0,5}${h16})?::${h16}`,
  `(?:(?:${h16}:){0,6}${h16})?::`,
];

const ipv4Pattern = new RegExp(`^${ipv4}$`, 'u');
const ipv6Pattern = new RegExp(`^(?:${ipv6.map((line) => `(?:${line})`).join('|')})$`, 'u');

export const isIpv4Address = (text: string): boolean => ipv4Pattern.test(text);
export const isIpv6Address = (text: string): boolean => ipv6Pattern.test(text);
