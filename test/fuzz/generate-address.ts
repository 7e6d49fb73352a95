/*
 * Strings that could be addresses, from a seed: parts made of pieces around the places where the rules
 * turn, put together with separators that may be missing, doubled or in disguise.
 *
 * Most pieces are single code points of kinds that some rule names; kinds stay together in a string, so
 * that whole parts of one script come out too.
 */

import { encodePunycode } from '../reference/jid/punycode.js';
import type { Random } from './random.js';

/** One kind a list: code points and [first, last] runs. */
const kinds: readonly (readonly (number | readonly [first: number, last: number])[])[] = [
  [[0x61, 0x7a]],
  [[0x61, 0x7a], [0x30, 0x39], 0x2d, 0x2e, 0x5f],
  [[0x41, 0x5a]],
  [[0x30, 0x39]],
  [[0x00, 0x7f]],
  // Separators, excluded characters, and the fullwidth forms that map onto them.
  [0x40, 0x2f, 0x22, 0x26, 0x27, 0x3a, 0x3c, 0x3e, 0x5b, 0x5d, 0x2e, 0x25],
  [0xff20, 0xff0f, 0xff02, 0xff06, 0xff07, 0xff1a, 0xff1c, 0xff1e, 0xfe6b, 0xfe55, 0x2024],
  [[0xff01, 0xffee], 0x3000],
  [[0xff21, 0xff3a], [0xff41, 0xff5a], [0xff10, 0xff19], 0xff0d, 0xff0e, 0xff61],
  [0x3002, 0xff0e, 0xff61, 0x2e],
  // Case: what grows, shrinks, has a context in other texts, or another script's version.
  [0xdf, 0x1e9e, 0x3a3, 0x3c3, 0x3c2, 0x130, 0x131, 0x49, 0x17f, 0x23a, 0x2c65, 0x212a, 0x212b],
  [[0xc0, 0x17f]],
  [[0x370, 0x3ff]],
  [[0x400, 0x52f]],
  [
    [0x13a0, 0x13fd],
    [0xab70, 0xabbf],
  ],
  [
    [0x1c80, 0x1c8f],
    [0x1c90, 0x1cbf],
    [0x10a0, 0x10ff],
  ],
  [0x1c4, 0x1c5, 0x1c6, 0x1f0, 0x149, 0x345, 0x1fb3, 0x1fbc, 0xa7ce, 0xa7cf, 0xa7da, 0xa7dc],
  [
    [0x10400, 0x1044f],
    [0x1e900, 0x1e943],
  ],
  // Normalization: marks of many classes, what they compose with, exclusions, Hangul, singletons.
  [[0x300, 0x345]],
  [0x300, 0x301, 0x302, 0x304, 0x307, 0x308, 0x30a, 0x323, 0x327, 0x328, 0x338, 0x342, 0x345],
  [[0x61, 0x7a], [0x41, 0x5a], 0x300, 0x301, 0x308, 0x304, 0x323, 0x307, 0x31b],
  [0x3c, 0x3d, 0x3e, 0x338, 0x2260, 0x226e, 0x2282],
  [0xd6, 0x1d5, 0x1d6, 0x1e9b, 0x1e69, 0x344, 0x374, 0x37e, 0x387, 0x2126, 0x2329, 0xf900, 0xfb1d],
  [[0x1f00, 0x1fff]],
  [
    [0x1ea0, 0x1ef9],
    [0x1e00, 0x1e9f],
  ],
  [
    [0x1100, 0x1112],
    [0x1161, 0x1175],
    [0x11a7, 0x11c2],
  ],
  [[0xac00, 0xac40], [0x11a8, 0x11c2], 0x1100, 0x1161],
  [[0xac00, 0xd7a3]],
  [
    [0xf900, 0xfaff],
    [0x2f800, 0x2fa1d],
  ],
  [[0x3041, 0x30ff], 0x3099, 0x309a],
  [
    0x915, 0x928, 0x930, 0x933, 0x958, 0x95b, 0x93c, 0x94d, 0x9c7, 0x9be, 0xb47, 0xb3e, 0xdd9,
    0xdcf,
  ],
  [0x1b05, 0x1b35, 0x11131, 0x11127, 0x11347, 0x1133e, 0x114b9, 0x114ba, 0x1d157, 0x1d165, 0x1d15e],
  [0xf71, 0xf72, 0xf73, 0xf74, 0xf75, 0xf80, 0xf81, 0x1037, 0x5b0, 0x5c1, 0x64b, 0x670, 0x711],
  // Context rules and what stands beside.
  [0x200c, 0x200d, 0x94d, 0x915, 0x937, 0x628, 0x627, 0x64e, 0x646, 0x6cc, 0xac1, 0x1806, 0xa872],
  [0xb7, 0x6c, 0x4c, 0x13f, 0x140],
  [0x375, 0x3b1, 0x61, 0x5f3, 0x5f4, 0x5d0, 0x5b0],
  [0x30fb, 0xff65, 0x30a2, 0x3042, 0x6f22, 0x61, 0x3005, 0x30fc],
  [[0x660, 0x669], [0x6f0, 0x6f9], 0x627, 0x628, 0x61],
  // Directions.
  [
    [0x5d0, 0x5ea],
    [0x5b0, 0x5bc],
  ],
  [[0x620, 0x64a], [0x64b, 0x652], 0x640],
  [
    0x5d0, 0x627, 0x661, 0x6f1, 0x31, 0x61, 0x2d, 0x2b, 0x24, 0x21, 0x7e, 0x300, 0x200c, 0x7c0,
    0x840,
  ],
  [
    [0x10800, 0x108ff],
    [0x1e800, 0x1e8d6],
    [0x10d40, 0x10d8f],
  ],
  // Letters without anything to do.
  [[0x4e00, 0x9fff]],
  [
    [0x904, 0x939],
    [0xe01, 0xe30],
    [0x10d0, 0x10fa],
  ],
  [
    [0x20000, 0x2a6df],
    [0x323b0, 0x33479],
  ],
  // Spaces, invisible characters, symbols, what is nothing.
  [0x20, 0xa0, 0x1680, [0x2000, 0x200a], 0x202f, 0x205f, 0x3000],
  [
    0xad,
    0x34f,
    0x61c,
    0x115f,
    0x180e,
    [0x200b, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x206f],
    0xfeff,
  ],
  [[0xfe00, 0xfe0f], 0xe0001, [0xe0020, 0xe007f], [0xe0100, 0xe01ef], 0x3164, 0xffa0],
  [[0x2190, 0x27bf], [0x1f300, 0x1faff], 0x1f3fb, [0x1f1e6, 0x1f1ff]],
  [0xaa, 0xb2, 0xbd, 0x2122, [0x2150, 0x218b], 0x2460, 0xfb01, 0xfdfa, [0x1d400, 0x1d7ff]],
  [
    0x378, 0x530, 0x1ff, 0x2fe0, 0x3347a, 0xfffe, 0xfdd0, 0x1fffe, 0xe000, 0xf0000, 0x10ffff,
    0xfffd,
  ],
  [0x6fd, 0x6fe, 0xf0b, 0x3007, 0x7fa, 0x640, 0x302e, 0x3031, 0x303b],
  [[0xd800, 0xdfff]],
];

const phrases: readonly string[] = [
  'juliet',
  'Romeo',
  'example.com',
  'EXAMPLE.com.',
  'xn--',
  'XN--',
  'ｘｎ－－',
  'xn--bcher-kva',
  'xn--zca.',
  'xn--nxasmq6b',
  'xn--f9dt7l',
  'bücher',
  '127.0.0.1',
  '255.255.255.255',
  '1.2.3',
  '[::1]',
  '[2001:DB8::',
  '::ffff:192.0.2.1]',
  '[1:2:3:4:5:6:7:8]',
  'ab--cd',
  '--',
  '-a',
  '..',
  '\\20',
  '\\5c',
  'u\u0308\u0304',
  '\u{1f468}\u{200d}\u{1f469}',
  'نامه\u200cای',
];

/** Of its own, or one of the list, any code point now and then. */
export function generateAddress(random: Random): string {
  const shape = random.below(18);
  if (shape === 16) return asciiNearBlock(random);
  if (shape === 17) return manyMarks(random);
  if (shape === 0) return soup(random, 12);
  if (shape === 1) return generatePart(random, 40);
  const local = random.oneIn(4) ? '' : `${generatePart(random, 12)}${separator(random, '@')}`;
  const domain = generateDomain(random);
  const resource = random.oneIn(2) ? '' : `${separator(random, '/')}${generatePart(random, 12)}`;
  const address = `${local}${domain}${resource}`;
  return random.oneIn(200) ? `${address}${lengthened(random)}` : address;
}

/** ASCII as long as what is looked at together, or nearly, with little in it that matters. */
function asciiNearBlock(random: Random): string {
  const length = random.pick([8, 16, 32, 48, 64, 64, 64, 96, 128, 192]) - 8 + random.below(17);
  const common = random.pick(['abcxyz', 'abcXYZ', 'ab.c', 'a', '0']);
  let text = '';
  while (text.length < length) {
    text += random.oneIn(20)
      ? random.pick(Array.from('-.@/_A 0:é'))
      : random.pick(Array.from(common));
  }
  return random.oneIn(2) ? text + random.pick(Array.from('-.@/_A \u3002')) : text;
}

/** Marks of many combining classes, in runs of any length, on few letters. */
function manyMarks(random: Random): string {
  const marks = Array.from({ length: 2 + random.below(6) }, () =>
    random.pick([
      0x300, 0x301, 0x304, 0x307, 0x308, 0x315, 0x31b, 0x323, 0x327, 0x334, 0x345, 0x3099, 0x94d,
      0x5b0,
    ]),
  );
  let text = random.pick(['a', 'u', 'Ω', 'क', '']);
  for (let left = 1 + random.below(random.pick([8, 40, 130, 500])); left > 0; left--) {
    text += random.oneIn(60) ? 'e' : String.fromCodePoint(random.pick(marks));
  }
  return random.pick([`${text}@b`, `b/${text}`, text, `a@b/${text}`]);
}

/** A part: pieces of one to three kinds. */
export function generatePart(random: Random, most: number): string {
  if (random.oneIn(60)) return '';
  if (random.oneIn(150)) return lengthened(random);
  const mixed = [random.below(kinds.length), random.below(kinds.length), random.below(2)];
  let text = '';
  for (let left = 1 + random.below(most); left > 0; left--) {
    if (random.oneIn(12)) text += random.pick(phrases);
    else if (random.oneIn(40)) text += anyCharacter(random);
    else text += character(random, random.pick(mixed));
  }
  return text;
}

function generateDomain(random: Random): string {
  if (random.oneIn(4)) return random.pick(['example.com', 'b', 'im.example.org']);
  if (random.oneIn(10)) return generateIpAddress(random);
  const labels: string[] = [];
  for (let left = 1 + random.below(3); left > 0; left--) {
    labels.push(random.oneIn(3) ? generateALabel(random) : generatePart(random, 6));
  }
  const dot = random.oneIn(8) ? String.fromCodePoint(random.pick([0x3002, 0xff0e, 0xff61])) : '.';
  return labels.join(dot) + (random.oneIn(8) ? dot : '');
}

/** Punycode of letters, mostly such as have one, now and then with one character changed. */
function generateALabel(random: Random): string {
  const kind = random.below(kinds.length);
  const codePoints = Array.from({ length: 1 + random.below(6) }, () =>
    random.oneIn(6) ? random.pick([0x61, 0x2d, 0x301, 0x200d]) : codePoint(random, kind),
  );
  let label = `xn--${encodePunycode(codePoints)}`;
  if (random.oneIn(6)) {
    const place = random.below(label.length + 1);
    const inserted = random.oneIn(3)
      ? ''
      : random.pick(['a', 'z', '0', '9', '-', 'A', '!', '９', 'zzzzz', '99999']);
    label = label.slice(0, place) + inserted + label.slice(place + random.below(2));
  }
  return random.oneIn(6) ? label.toUpperCase() : label;
}

function generateIpAddress(random: Random): string {
  const octet = (): string =>
    random.pick(['0', '1', '9', '10', '99', '199', '249', '255', '256', '01', '']);
  const ipv4 = (): string => Array.from({ length: random.oneIn(8) ? 3 : 4 }, octet).join('.');
  if (random.oneIn(3)) return ipv4();
  let text = '';
  for (let left = random.below(10); left > 0; left--) {
    text += random.pick(['0', '1', 'ab', 'DB8', 'ffff', '12345', 'g', '']);
    text += random.oneIn(5) ? '::' : ':';
  }
  text += random.pick(['', '1', 'F', ipv4(), '%eth0']);
  return `${random.oneIn(12) ? '' : '['}${text}${random.oneIn(12) ? '' : ']'}${random.oneIn(16) ? '.' : ''}`;
}

/** Near the limits: 1,023 octets, 1,534 and 4,096 units, and what is far beyond. */
function lengthened(random: Random): string {
  const unit = random.pick([
    'a',
    'é',
    'あ',
    '😀',
    'Ａ',
    'u\u0308\u0304',
    'Ⱥ',
    'xn--zca.',
    'a.',
    'e\u0301',
    '\u3000',
    '\u1100\u1161',
  ]);
  const target = random.pick([1023, 1023, 1534, 3069, 4096, 3580, 8000]);
  const count = Math.max(1, Math.floor(target / random.pick([1, unit.length, octetLength(unit)])));
  return unit.repeat(count + random.below(3) - 1) + 'a'.repeat(random.below(4));
}

const octetLength = (text: string): number => new TextEncoder().encode(text).length;

function separator(random: Random, usual: string): string {
  return random.oneIn(12) ? random.pick(['', '@@', '//', '@/', '/@', '＠', '／']) : usual;
}

function soup(random: Random, most: number): string {
  let text = '';
  for (let left = random.below(most); left > 0; left--) {
    text += random.oneIn(3) ? anyCharacter(random) : character(random, random.below(kinds.length));
  }
  return text;
}

/** How many kinds of characters there are for `character`. */
export const kindCount = kinds.length;

export const character = (random: Random, kind: number): string =>
  String.fromCodePoint(codePoint(random, kind));

function codePoint(random: Random, kind: number): number {
  const item = random.pick(kinds[kind] ?? [0x61]);
  return typeof item === 'number' ? item : item[0] + random.below(item[1] - item[0] + 1);
}

/** Planes 0 to 3, where something is assigned, more often than the rest. */
function anyCharacter(random: Random): string {
  return String.fromCodePoint(random.below(random.pick([0x3000, 0x10000, 0x34000, 0x110000])));
}
