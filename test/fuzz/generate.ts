/*
 * Inputs for the fuzzer: a grammar of XMPP's XML with bad habits, then mutations.
 *
 * Most of an input is well-formed, so that it gets deep into the tokenizer; the themes press on what has
 * a table or a region of its own (names, prefixes, namespaces, depth, attributes, tape, references).
 * Everything comes from the random numbers of one seed.
 */

import type { CaseInput } from '../cases/case-file.js';
import type { Script } from '../reference/run.js';
import { defaultLimits, type Framing, type Limits, type Settings } from '../reference/settings.js';
import type { Random } from './random.js';

const encoder = new TextEncoder();

const knownNames = [
  'message',
  'iq',
  'presence',
  'body',
  'query',
  'item',
  'x',
  'a',
  'b',
  'stream:features',
];
const oddNames = ['_', 'é', 'a-b.c', 'A1', '日本', 'xml:a', '__proto__', 'xmlns2', '\u{10000}'];
/** Names whose prefixes may be undeclared. */
const prefixedNames = ['a:b', 'p:a', 'q:bb', 'xmlns:a', 'a:b:c', ':a', 'a:', 'xml:1'];
const attributeNames = [
  'id',
  'to',
  'from',
  'type',
  'xml:lang',
  'a',
  'b',
  'n',
  'name',
  'é',
  'x',
  'y',
  'z',
];
const namespaces = [
  'jabber:client',
  'jabber:server',
  'http://etherx.jabber.org/streams',
  'urn:ietf:params:xml:ns:xmpp-framing',
  'urn:xmpp:sm:3',
  'u',
  'v',
  'a&#98;c',
  'abc',
  'é',
];
const reservedNamespaces = [
  'http://www.w3.org/XML/1998/namespace',
  'http://www.w3.org/2000/xmlns/',
  '',
];
const prefixes = [
  'p',
  'q',
  'pp',
  'stream',
  'é',
  'ns0',
  'p',
  'q',
  'pp',
  'stream',
  'ns0',
  'xml',
  'xmlns',
];
const runes = [
  'é',
  '日',
  '😀',
  'ß',
  '\u{fffd}',
  '\u{feff}',
  '\u{80}',
  '\u{7ff}',
  '\u{800}',
  '\u{10ffff}',
];
const textPieces = [
  ' ',
  '\n',
  '\r',
  '\r\n',
  '\t',
  ']',
  ']]',
  '>',
  '"',
  "'",
  '=',
  '/',
  'x',
  'hello ',
  '&amp;',
  '&lt;',
];
const references = [
  '&gt;',
  '&quot;',
  '&apos;',
  '&#65;',
  '&#x1F600;',
  '&#10;',
  '&#xd;',
  '&#00000000009;',
  '&#x0000041;',
];
const badReferences = [
  '&',
  '&&',
  '&;',
  '&#;',
  '&#x;',
  '&#X41;',
  '&#0;',
  '&#xD800;',
  '&#x110000;',
  '&nbsp;',
  '&am;',
];
const tokens = [
  '<',
  '>',
  '/',
  '/>',
  '</',
  '<!',
  '<!-',
  '<!--',
  '-->',
  '--',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '<?xml ',
  "<?xml version='1.0'?>",
  '<!DOCTYPE a>',
  '=',
  '"',
  "'",
  '&',
  ';',
  ':',
  ' ',
  '\0',
  '\u{1}',
  '\u{fffe}',
  '\u{d7}',
  '<a/>x',
  ' xmlns:p="u"',
  " p:a='1'",
  "a='1'",
];

type Theme =
  | 'mixed'
  | 'names'
  | 'long-names'
  | 'prefixes'
  | 'deep'
  | 'tape'
  | 'attributes'
  | 'runs'
  | 'references'
  | 'misc'
  | 'chat'
  | 'large';

const themes: readonly Theme[] = [
  'chat',
  'chat',
  'chat',
  'mixed',
  'mixed',
  'mixed',
  'names',
  'long-names',
  'prefixes',
  'deep',
  'tape',
  'attributes',
  'runs',
  'references',
  'misc',
];

class Writer {
  readonly #random: Random;
  readonly #theme: Theme;
  #declared: string[] = [];
  #budget: number;

  constructor(random: Random, theme: Theme, budget: number) {
    this.#random = random;
    this.#theme = theme;
    this.#budget = budget;
  }

  name(): string {
    const random = this.#random;
    if (this.#theme === 'names') return `${random.pick(['n', 'e', 'x-'])}${random.below(5000)}`;
    if (this.#theme === 'large' && random.oneIn(3)) return `n${'x'.repeat(this.#large())}`;
    if (this.#theme === 'long-names') {
      return random.pick(['n', 'né', 'abc']).repeat(1 + random.below(random.pick([3, 8, 30, 400])));
    }
    if (this.#declared.length > 0 && random.oneIn(3)) {
      return `${random.pick(this.#declared)}:${random.pick(['a', 'b', 'item'])}`;
    }
    if (random.oneIn(60)) return random.pick(prefixedNames);
    if (random.oneIn(12)) return random.pick(oddNames);
    return random.pick(knownNames);
  }

  #space(): string {
    const { oneIn, pick } = bound(this.#random);
    return oneIn(10) ? pick(['  ', '\n', '\t ', '\r\n', '\r']) : ' ';
  }

  #maybeSpace(): string {
    return this.#random.oneIn(12) ? this.#space() : '';
  }

  /** A part of the tag or text that spans several inputs of the core, once in a while. */
  #large(): number {
    const random = this.#random;
    if (this.#theme !== 'large' || !random.oneIn(4)) return 0;
    return random.below(random.pick([300, 5000, 40_000, 200_000]));
  }

  text(): string {
    const random = this.#random;
    const large = this.#large();
    if (large > 0) return random.pick(['x', 'é', ' ', '&amp;', '\r\n', ']']).repeat(large / 4);
    const length =
      this.#theme === 'runs' ? random.pick([1, 15, 16, 17, 31, 64, 500]) : random.below(12);
    if (this.#theme === 'runs' && random.oneIn(2))
      return random.pick(['x', 'é', ' ', ']', '\n']).repeat(length);
    let text = '';
    for (let i = 0; i < length; i++) {
      if (this.#theme === 'references' && random.oneIn(3)) text += random.pick(references);
      else if (random.oneIn(6)) text += random.pick(runes);
      else if (random.oneIn(400)) text += random.pick(badReferences);
      else text += random.pick(textPieces);
    }
    return text;
  }

  #value(): string {
    const random = this.#random;
    const quote = random.pick(["'", '"']);
    const value = this.text().replaceAll(quote, random.oneIn(60) ? quote : '');
    return `${quote}${value}${quote}`;
  }

  #declaration(): string {
    const random = this.#random;
    const many = this.#theme === 'prefixes' || this.#theme === 'large';
    const name = random.oneIn(3)
      ? 'xmlns'
      : `xmlns:${many ? `n${random.below(this.#theme === 'large' ? 300 : 40)}` : random.pick(prefixes)}`;
    if (name !== 'xmlns') this.#declared.push(name.slice('xmlns:'.length));
    let uri = many ? `urn:example:${random.below(30)}` : random.pick(namespaces);
    if (random.oneIn(60)) uri = random.pick(reservedNamespaces);
    if (this.#theme === 'large') uri = `urn:${random.below(20)}:${'x'.repeat(this.#large())}`;
    return `${name}${this.#maybeSpace()}='${uri}'`;
  }

  attributes(): string {
    const random = this.#random;
    const most =
      this.#theme === 'attributes' ? random.pick([4, 40, 300]) : random.pick([0, 1, 2, 5]);
    const count = random.below(most + 1);
    let text = '';
    for (let i = 0; i < count; i++) {
      text += random.oneIn(200) ? '' : this.#space();
      if (random.oneIn(this.#theme === 'prefixes' || this.#theme === 'large' ? 2 : 8)) {
        text += this.#declaration();
        continue;
      }
      let name = random.oneIn(60) ? random.pick(prefixedNames) : random.pick(attributeNames);
      if (this.#theme === 'attributes' || this.#theme === 'names') name = `n${random.below(3000)}`;
      if (this.#theme === 'long-names') name = this.name();
      if (this.#declared.length > 0 && random.oneIn(4))
        name = `${random.pick(this.#declared)}:${name}`;
      text += `${name}${this.#maybeSpace()}=${this.#maybeSpace()}${this.#value()}`;
    }
    return text;
  }

  /** What clients send all day: the same names in the same order, other values. */
  #chat(): string {
    const random = this.#random;
    const quote = random.oneIn(4) ? '"' : "'";
    const attribute = (name: string, ...values: readonly string[]): string =>
      random.oneIn(4) ? '' : ` ${name}=${quote}${random.pick(values)}${quote}`;
    const ids = [
      '1',
      'a17',
      'c9d2-4f',
      'x&amp;y',
      'é',
      '',
      '0123456789abcdef',
      '0123456789abcdefg',
    ];
    const jids = ['juliet@example.com', 'romeo@example.net/orchard', 'example.com', 'é@x'];
    const ns = attribute(
      'xmlns',
      ...namespaces.filter((uri) => !uri.startsWith('http://www.w3.org')),
    );
    const known = attribute(
      'xmlns',
      'jabber:client',
      'jabber:server',
      'urn:xmpp:receipts',
      'urn:xmpp:ping',
    );
    const head = [
      attribute('xmlns', 'jabber:client', 'jabber:server', 'u'),
      attribute('type', 'chat', 'get', 'set', 'result', 'error'),
      attribute('to', ...jids),
      attribute('from', ...jids),
      attribute('id', ...ids),
      attribute('xml:lang', 'en', 'de'),
    ];
    if (random.oneIn(3)) head.reverse();
    const attributes = head.join('');
    switch (random.below(4)) {
      case 0:
        return `<message${attributes}><body>${this.text()}</body><request${known}/></message>`;
      case 1:
        return `<iq${attributes}><query${known}><item${attribute('jid', ...jids)}${attribute('name', ...ids)}/></query></iq>`;
      case 2:
        return `<iq${attributes}><bind${ns}/></iq>`;
      default:
        return `<presence${attributes}><c${ns}${attribute('ver', ...ids)}/><priority>${random.below(99)}</priority></presence>`;
    }
  }

  element(depth: number): string {
    const random = this.#random;
    if (this.#theme === 'chat' && !random.oneIn(10)) return this.#chat();
    this.#budget -= 1;
    const declared = this.#declared.length;
    const name = this.name();
    const attributes = this.attributes();
    let text = `<${name}${attributes}${this.#maybeSpace()}`;
    const deep = this.#theme === 'deep';
    if (this.#budget <= 0 || (!deep && (depth > 6 || random.oneIn(3))) || (deep && depth > 300)) {
      text += '/>';
    } else {
      text += '>';
      const children = deep ? 1 + random.below(2) : random.below(this.#theme === 'tape' ? 30 : 5);
      for (let i = 0; i < children && this.#budget > 0; i++) text += this.#child(depth);
      text += `</${random.oneIn(150) ? this.name() : name}${this.#maybeSpace()}>`;
    }
    if (!random.oneIn(10)) this.#declared.length = declared;
    return text;
  }

  #child(depth: number): string {
    const random = this.#random;
    if (this.#theme === 'tape') return '<a/>x';
    if (this.#theme === 'deep') return this.element(depth + 1);
    switch (random.below(this.#theme === 'misc' ? 8 : 6)) {
      case 0:
      case 1:
      case 2:
        return this.element(depth + 1);
      case 3:
      case 4:
        return this.text();
      case 5:
        return random.oneIn(3) ? `<![CDATA[${this.text()}]]>` : this.text();
      case 6:
        return `<!-- ${this.text().replaceAll('--', '')} -->`;
      default:
        return `<?${this.name()} ${this.text()}?>`;
    }
  }

  header(): string {
    const random = this.#random;
    const space = random.pick([
      'jabber:client',
      'jabber:server',
      'a',
      'urn:example:1',
      'abcdefghijklm',
    ]);
    const to = random.oneIn(2) ? " to='localhost' version='1.0'" : '';
    const declarations = random.oneIn(2)
      ? `${to} xmlns='${space}' xmlns:stream='http://etherx.jabber.org/streams'`
      : '';
    if (declarations === '') return `<s${this.attributes()}>`;
    return `<stream:stream${declarations}${random.oneIn(3) ? this.attributes() : ''}>`;
  }

  xmlDeclaration(): string {
    const { oneIn, pick } = bound(this.#random);
    if (!oneIn(5)) return '';
    return pick([
      ...Array.from({ length: 12 }, () => "<?xml version='1.0'?>"),
      '<?xml version="1.0" encoding="utf-8"?>\n',
      "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>",
      "<?xml version='1.1'?>",
      "<?xml version='1.0' encoding='latin1'?>",
      "<?xml version='1.0' standalone='y'?>",
      '<?xml?>',
    ]);
  }
}

/** Methods of a random source that can be taken apart. */
function bound(random: Random): {
  oneIn: (count: number) => boolean;
  pick: <T>(list: readonly T[]) => T;
} {
  return { oneIn: (count) => random.oneIn(count), pick: (list) => random.pick(list) };
}

function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  let list = Array.from(bytes);
  const count = 1 + random.below(3);
  for (let i = 0; i < count; i++) {
    const at = random.below(list.length + 1);
    const length = random.below(random.pick([2, 6, 30]));
    switch (random.below(7)) {
      case 0:
        list[at] = random.below(256);
        break;
      case 1:
        list.splice(at, length);
        break;
      case 2:
        list.splice(at, 0, ...list.slice(at, at + length));
        break;
      case 3:
      case 4:
        list.splice(at, random.below(2), ...encoder.encode(random.pick(tokens)));
        break;
      case 5:
        list.splice(at, 0, random.pick([0x80, 0xc3, 0xe2, 0xed, 0xf0, 0xff, 0xc0, 0xbf]));
        break;
      default:
        list = list.slice(0, at);
    }
  }
  return Uint8Array.from(list);
}

const framings: readonly Framing[] = [
  'stream',
  'stream',
  'stream',
  'websocket',
  'element',
  'document',
];

/** A few sets of limits, since an instance holds a bounded number of them. */
const limitSets: readonly Limits[] = [
  defaultLimits,
  { ...defaultLimits, stanzaBytes: 24 },
  { ...defaultLimits, stanzaBytes: 100 },
  { ...defaultLimits, stanzaBytes: 1000 },
  { ...defaultLimits, depth: 1 },
  { ...defaultLimits, depth: 3 },
  { ...defaultLimits, depth: 1_000_000, stanzaBytes: 10_000_000, nameBytes: 1_000_000 },
  { ...defaultLimits, attributes: 1 },
  { ...defaultLimits, attributes: 3 },
  { ...defaultLimits, children: 1 },
  { ...defaultLimits, children: 3 },
  { ...defaultLimits, nameBytes: 1 },
  { ...defaultLimits, nameBytes: 5 },
  { ...defaultLimits, nameBytes: 16 },
  { ...defaultLimits, namespaces: 1 },
  { ...defaultLimits, namespaces: 3 },
  { stanzaBytes: 200, depth: 4, attributes: 4, children: 4, nameBytes: 12, namespaces: 4 },
  { stanzaBytes: 60, depth: 2, attributes: 2, children: 2, nameBytes: 4, namespaces: 2 },
];

function generateSettings(random: Random): Settings {
  return {
    framing: random.pick(framings),
    skipMisc: random.oneIn(3),
    lenientBom: random.oneIn(10),
    limits: random.oneIn(3) ? random.pick(limitSets) : defaultLimits,
  };
}

/** One stream: its settings and its inputs (frames, or what comes before and after restarts). */
export function generateScript(random: Random): Script {
  const settings = generateSettings(random);
  const theme = random.oneIn(150) ? 'large' : random.pick(themes);
  const budget =
    theme === 'large' ? 6 : random.pick([3, 10, 30, 30, 100, random.oneIn(30) ? 3000 : 60]);
  const writer = new Writer(random, theme, budget);
  const count = settings.framing === 'websocket' ? 1 + random.below(4) : random.oneIn(12) ? 2 : 1;
  const inputs: CaseInput[] = [];
  for (let i = 0; i < count; i++) {
    let text = random.oneIn(60) ? '\u{feff}' : '';
    text += writer.xmlDeclaration();
    if (settings.framing === 'stream') {
      text += writer.header();
      const stanzas = random.below(4);
      for (let n = 0; n < stanzas; n++) {
        text += writer.element(1);
        if (random.oneIn(3))
          text += random.pick([' ', '\n', '\r\n  ', random.oneIn(10) ? 'x' : ' ']);
      }
      if (random.oneIn(2)) text += text.startsWith('<stream:') ? '</stream:stream>' : '</s>';
    } else {
      text += writer.element(0);
    }
    if (random.oneIn(8)) text += random.pick([' ', '\n', 'x', '<b/>', '<!-- x -->', '\u{1}']);
    let bytes: Uint8Array = encoder.encode(text);
    if (random.oneIn(3)) bytes = mutate(random, bytes);
    inputs.push({ bytes, finished: !random.oneIn(20) });
  }
  return { settings, inputs, end: !random.oneIn(4) };
}
