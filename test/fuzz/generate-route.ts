/*
 * Random households of seats and random streams of stanzas for the target of route.ts. Names and addresses are few, so
 * that they meet often; forms are many: prefixes, references, languages, wrong types, wrong addresses.
 */
import type { Random } from './random.js';

export interface RouteSeat {
  readonly jid: string;
  readonly isAvailable: boolean;
  readonly priority: number;
  readonly isFramed: boolean;
  readonly flags: Readonly<Record<string, boolean>>;
  /** To whom it has sent presence before. */
  readonly directed: readonly string[];
}

export interface RouteCase {
  readonly seed: number;
  readonly isOutspoken: boolean;
  readonly keepsKnown: boolean;
  /** Answers come at the end, and the host changes nothing meanwhile. */
  readonly isLate: boolean;
  readonly seats: readonly RouteSeat[];
  readonly existing: readonly string[];
  /** `account sender`, bare. */
  readonly known: readonly string[];
  /** Index of the seat that sends, -1 for another server. */
  readonly sender: number;
  readonly isStrict: boolean;
  /** The header of the sender's stream; '' for frames. */
  readonly header: string;
  readonly stanzas: readonly string[];
  readonly cutSeed: number;
}

export const domains = ['example.com', 'xn--bcher-kva.example'] as const;
export const peerDomain = 'verona.example';
const streams = 'http://etherx.jabber.org/streams';
const resources = ['balcony', 'chamber', 'a b', 'ü', '<&>'] as const;
const accounts = [
  'juliet@example.com',
  'romeo@example.com',
  'tybalt@bücher.example',
  'jürgen@example.com',
] as const;
const absent = ['away@example.com', 'nobody@example.com'] as const;

/** Addresses as people write them: not canonical, foreign, broken. */
const odd = [
  'Juliet@EXAMPLE.com',
  'romeo@example.com.',
  'tybalt@xn--bcher-kva.example/balcony',
  'JÜRGEN@example.com/balcony',
  'ｊuliet@example.com/chamber',
  'example.com',
  'Example.COM/disco',
  'bücher.example',
  'verona.example',
  'nurse@verona.example/kitchen',
  'romeo@sub.example.com',
  '',
  '@',
  'a@b@c',
  'juliet@example.com/',
  'jul iet@example.com',
  '/balcony',
  'x'.repeat(1024),
] as const;

const types: Record<string, readonly string[]> = {
  message: ['chat', 'normal', 'groupchat', 'headline', 'error', 'shout', ''],
  presence: [
    'unavailable',
    'subscribe',
    'subscribed',
    'unsubscribe',
    'unsubscribed',
    'probe',
    'error',
    'available',
    'here',
  ],
  iq: ['get', 'set', 'result', 'error', 'put'],
};

const escapeValue = (text: string): string =>
  text.replace(/[&<>'"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** A value as some client may write it: a character by its number, now and then. */
function written(random: Random, text: string): string {
  if (text !== '' && random.oneIn(12)) {
    const at = random.below(text.length);
    const code = text.codePointAt(at) ?? 0;
    if (code < 0xd800 || code > 0xdfff) {
      const reference = random.oneIn(2) ? `&#x${code.toString(16)};` : `&#${code};`;
      return escapeValue(text.slice(0, at)) + reference + escapeValue(text.slice(at + 1));
    }
  }
  return escapeValue(text);
}

export function generateRoute(seed: number, random: Random): RouteCase {
  const isPeer = random.oneIn(6);
  const seats: RouteSeat[] = [];
  const count = 1 + random.below(6);
  for (let index = 0; index < count; index++) {
    const jid = `${random.pick(accounts)}/${random.pick(resources)}`;
    if (seats.some((seat) => seat.jid === jid)) continue;
    const isFramed = random.oneIn(5);
    seats.push({
      jid,
      isAvailable: !random.oneIn(3),
      priority: random.pick([0, 0, 0, 1, 5, 5, -1, 127, -128]),
      isFramed,
      flags: {
        // Frames are units anyway.
        units: random.oneIn(6),
        carbons: random.oneIn(8),
        inactive: random.oneIn(10),
        filtered: random.oneIn(10),
        attended: random.oneIn(10),
      },
      directed: random.oneIn(3) ? [toOf(random, seats)] : [],
    });
  }
  const sender = isPeer ? -1 : random.below(seats.length);
  const isFramed = sender >= 0 && seats[sender].isFramed;
  const header = isFramed ? '' : headerOf(random, isPeer ? 'jabber:server' : 'jabber:client');
  const stanzas: string[] = [];
  const length = 1 + random.below(random.oneIn(4) ? 24 : 6);
  for (let index = 0; index < length; index++) {
    stanzas.push(stanzaOf(random, header, isPeer, seats, seats[sender]?.jid ?? ''));
  }
  return {
    seed,
    isOutspoken: random.oneIn(5),
    keepsKnown: random.oneIn(3),
    isLate: random.oneIn(8),
    seats,
    existing: [accounts[0], accounts[1], absent[0]].filter(() => !random.oneIn(4)),
    known: accounts.flatMap((one) =>
      [...accounts, 'nurse@verona.example']
        .filter(() => random.oneIn(3))
        .map((other) => `${one} ${other}`),
    ),
    sender,
    isStrict: random.oneIn(20),
    header,
    stanzas,
    cutSeed: random.next(),
  };
}

function headerOf(random: Random, content: string): string {
  const prefix = random.oneIn(6) ? ` xmlns:c='${content}'` : '';
  const extension = random.oneIn(6) ? ` xmlns:p='urn:p&amp;q' xmlns:q="urn:'q'"` : '';
  const language = random.oneIn(6) ? ` xml:lang='it'` : '';
  const main =
    random.oneIn(12) && prefix !== '' ? random.pick(['', ` xmlns='urn:d'`]) : ` xmlns='${content}'`;
  return `<stream:stream${main}${prefix}${extension}${language} xmlns:stream='${streams}'>`;
}

function toOf(random: Random, seats: readonly RouteSeat[]): string {
  if (seats.length > 0 && random.oneIn(2)) return random.pick(seats).jid;
  if (random.oneIn(3)) return random.pick(accounts);
  if (random.oneIn(3)) return `${random.pick(accounts)}/${random.pick(resources)}`;
  return random.oneIn(2) ? random.pick(absent) : `${random.pick(absent)}/balcony`;
}

function stanzaOf(
  random: Random,
  header: string,
  isPeer: boolean,
  seats: readonly RouteSeat[],
  own: string,
): string {
  const content = isPeer ? 'jabber:server' : 'jabber:client';
  const isDefault = header.includes(` xmlns='${content}'`);
  if (random.oneIn(20)) return elementOf(random);
  const kind = random.pick(['message', 'message', 'presence', 'iq']);
  const attributes: string[] = [];
  const quote = random.oneIn(4) ? '"' : "'";
  const add = (name: string, value: string): void => {
    attributes.push(`${name}${random.oneIn(30) ? ' = ' : '='}${quote}${value}${quote}`);
  };
  let prefix = '';
  const form = random.below(12);
  if (form === 0) {
    prefix = 'c:';
    add('xmlns:c', random.oneIn(8) ? content.replace(':', '&#58;') : content);
    if (random.oneIn(3)) add('xmlns', random.pick(['urn:e', content, '']));
  } else if (form === 1 && header.includes('xmlns:c=')) prefix = 'c:';
  else if (form === 2) add('xmlns', random.oneIn(6) ? 'jabber&#x3a;client' : content);
  else if (!isDefault && !random.oneIn(4)) add('xmlns', content);
  const type = random.oneIn(3) ? undefined : random.pick(types[kind] ?? []);
  const fallback = kind === 'iq' ? 'get' : undefined;
  if (type !== undefined || fallback !== undefined)
    add('type', written(random, type ?? fallback ?? ''));
  if (kind === 'iq' ? !random.oneIn(16) : random.oneIn(2)) {
    add('id', random.oneIn(16) ? '' : written(random, random.pick(['1', 'a&b', 'ü', `"'<`])));
  }
  if (!random.oneIn(isPeer ? 30 : 6)) {
    add('to', written(random, random.oneIn(5) ? random.pick(odd) : toOf(random, seats)));
  }
  const from = isPeer
    ? random.pick(['nurse@verona.example', 'nurse@Verona.example/kitchen', 'verona.example'])
    : random.pick([own, 'paris@example.com', 'tybalt']);
  if (isPeer ? !random.oneIn(20) : random.oneIn(4)) {
    add('from', written(random, random.oneIn(20) ? random.pick(odd) : from));
  }
  if (random.oneIn(8)) add('xml:lang', random.pick(['de', 'en']));
  if (random.oneIn(16) && header.includes('xmlns:p=')) add('p:a', '1');
  const order = attributes.map((text) => ({ text, key: random.next() }));
  order.sort((a, b) => a.key - b.key);
  const tag = order.map(({ text }) => (random.oneIn(20) ? `\n  ${text}` : ` ${text}`)).join('');
  const body = contentOf(random, kind, type ?? fallback ?? '', prefix, header);
  const name = prefix + kind;
  const space = random.oneIn(20) ? ' ' : '';
  if (body === '' && random.oneIn(2)) return `<${name}${tag}${space}/>`;
  return `<${name}${tag}${space}>${body}</${name}${space}>`;
}

function contentOf(
  random: Random,
  kind: string,
  type: string,
  prefix: string,
  header: string,
): string {
  const own = random.oneIn(6) ? '' : prefix;
  const parts: string[] = [];
  if (kind === 'message' && !random.oneIn(3)) {
    const text = random.oneIn(40)
      ? 'long '.repeat(1000)
      : random.pick(['Hi', '&lt;ü&#x1F600;', ']]', '']);
    parts.push(`<${own}body>${text}</${own}body>`);
    if (random.oneIn(6)) parts.push(`<store xmlns='urn:xmpp:hints'/>`);
  }
  if (kind === 'presence' && random.oneIn(2)) {
    const value = random.pick([
      '0',
      '1',
      '5',
      '-1',
      ' 127\n',
      '128',
      '-129',
      '+3',
      '&#49;',
      '',
      'x',
      '007',
      '1<a/>',
      '<![CDATA[9]]>',
      '1<![CDATA[2]]>',
    ]);
    const declared = random.oneIn(10) ? ` xmlns='jabber:client'` : '';
    parts.push(`<${own}priority${declared}>${value}</${own}priority>`);
    if (random.oneIn(12)) parts.push(`<${own}priority>1</${own}priority>`);
  }
  if (kind === 'iq') {
    const isRequest = type === 'get' || type === 'set';
    const count = random.oneIn(12) ? random.below(3) : isRequest || random.oneIn(2) ? 1 : 0;
    for (let index = 0; index < count; index++)
      parts.push(
        random.oneIn(3)
          ? extensionOf(random, prefix, header)
          : `<query xmlns='jabber:iq:version'/>`,
      );
  } else if (random.oneIn(4)) parts.push(extensionOf(random, prefix, header));
  if (random.oneIn(10)) parts.push('\n ');
  return parts.join('');
}

function extensionOf(random: Random, prefix: string, header: string): string {
  const inner: string[] = [
    `<x xmlns='urn:x' a="1"><y/><z xmlns=''/></x>`,
    `<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' to='a@b'><body>in</body></message></forwarded>`,
    `<r:a xmlns:r='urn:r' r:b='&amp;'><c xmlns="urn:c"><r:d/><e/></c></r:a>`,
    `<c:m xmlns:c='jabber:client' xmlns='urn:f'><g/><c:n/></c:m>`,
    `<g/>`,
  ];
  if (prefix !== '')
    inner.push(`<x xmlns='urn:x'><c:body c:h='1'><y/></c:body></x>`, `<c:t><u/></c:t>`);
  if (header.includes('xmlns:p='))
    inner.push(`<p:a q:b='1'/>`, `<v xmlns='urn:v'><q:w/></v>`, `<p:a xmlns:p='urn:own'/>`);
  if (header.includes('xmlns:c=')) inner.push(`<c:t><u/></c:t>`);
  return random.pick(inner);
}

/** What is no stanza. */
function elementOf(random: Random): string {
  return random.pick([
    `<r xmlns='urn:xmpp:sm:3'/>`,
    `<a xmlns='urn:xmpp:sm:3' h='1'/>`,
    `<body/>`,
    `<message xmlns='urn:other' to='juliet@example.com'/>`,
    `<o:iq xmlns:o='urn:other'/>`,
  ]);
}
