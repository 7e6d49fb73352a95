/*
 * What a hostile peer may send (docs/ARCHITECTURE.md, law 3): each attack takes linear time and linear
 * memory where the limits allow it, and stops at a limit with policy-violation where they do not.
 */

import { describe, expect, test } from 'vitest';
import { pieces } from '../fuzz/random.js';
import { Core } from '../xml/core-driver.js';
import { type Attack, attackInput, bytesOf, cpuTime, feedAll, growth } from './attack.js';
import { raised, raisedLimits, releasePath, usual } from './attack.js';

const quick = process.env.TERCET_QUICK === '1';
const mebibyte = 2 ** 20;
/** Bytes of the large attacks; 100 MB when all is run. */
const large = quick ? 8_000_000 : 100_000_000;

const stanza = '<s><m>';

const attacks: Attack[] = [
  { name: 'a text', before: stanza, repeated: 'x', stoppedBy: 'limit-stanza-bytes' },
  { name: 'a text beyond ASCII', before: stanza, repeated: 'é', stoppedBy: 'limit-stanza-bytes' },
  { name: 'a text of brackets', before: stanza, repeated: ']', stoppedBy: 'limit-stanza-bytes' },
  {
    name: 'a text of ampersands',
    before: stanza,
    repeated: '&amp;',
    stoppedBy: 'limit-stanza-bytes',
  },
  {
    name: 'a text of line ends',
    before: stanza,
    repeated: '\r\n',
    stoppedBy: 'limit-stanza-bytes',
  },
  {
    name: 'a CDATA section',
    before: `${stanza}<![CDATA[`,
    repeated: ']>',
    stoppedBy: 'limit-stanza-bytes',
  },
  { name: 'an attribute', before: "<s><m a='", repeated: 'x', stoppedBy: 'limit-stanza-bytes' },
  {
    name: 'an attribute to normalise',
    before: "<s><m a='",
    repeated: '\t',
    stoppedBy: 'limit-stanza-bytes',
  },
  {
    name: 'a namespace',
    before: "<s><m xmlns:p='",
    repeated: 'x',
    stoppedBy: 'limit-stanza-bytes',
  },
  { name: 'an element name', before: '<s><', repeated: 'x', stoppedBy: 'limit-name-bytes' },
  { name: 'an attribute name', before: '<s><m ', repeated: 'x', stoppedBy: 'limit-name-bytes' },
  { name: 'white space in a tag', before: '<s><m', repeated: ' ', stoppedBy: 'limit-stanza-bytes' },
  {
    name: 'white space in an end tag',
    before: '<s><m></m',
    repeated: ' ',
    stoppedBy: 'limit-stanza-bytes',
  },
  { name: 'leading zeros', before: `${stanza}&#`, repeated: '0', stoppedBy: 'limit-stanza-bytes' },
  {
    name: 'a comment',
    before: `${stanza}<!--`,
    repeated: '- ',
    stoppedBy: 'limit-stanza-bytes',
    settings: { skipMisc: true },
  },
  {
    name: 'a processing instruction',
    before: `${stanza}<?p `,
    repeated: '? ',
    stoppedBy: 'limit-stanza-bytes',
    settings: { skipMisc: true },
  },
  { name: 'an XML declaration', before: '<?xml ', repeated: ' ', stoppedBy: 'limit-stanza-bytes' },
  { name: 'a stream header', before: "<s a='", repeated: 'x', stoppedBy: 'limit-stanza-bytes' },
  {
    name: 'the end tag of a stream',
    before: '<s></s',
    repeated: ' ',
    stoppedBy: 'limit-stanza-bytes',
  },
];

const structures: Attack[] = [
  { name: 'nested elements', before: '<s>', repeated: '<a>', stoppedBy: 'limit-depth' },
  {
    name: 'nested elements of many names',
    before: '<s>',
    repeated: (index) => `<n${index}>`,
    stoppedBy: 'limit-depth',
  },
  {
    name: 'attributes',
    before: '<s><m',
    repeated: (index) => ` a${index}=''`,
    stoppedBy: 'limit-attributes',
  },
  {
    name: 'prefixed attributes',
    before: "<s xmlns:p='u'><m",
    repeated: (index) => ` p:a${index}=''`,
    stoppedBy: 'limit-attributes',
  },
  {
    name: 'attributes whose names differ in two bytes at the front',
    before: '<s><m',
    repeated: (index) => ` ${attributeName(index)}=''`,
    stoppedBy: 'limit-attributes',
  },
  { name: 'elements and texts', before: stanza, repeated: '<a/>x', stoppedBy: 'limit-children' },
  {
    name: 'empty CDATA sections',
    before: stanza,
    repeated: '<![CDATA[]]>',
    stoppedBy: 'limit-stanza-bytes',
  },
  {
    name: 'elements of many names',
    before: stanza,
    repeated: (index) => `<name-${index}/>`,
    stoppedBy: 'limit-stanza-bytes',
  },
];

/** Names of one length that differ in their first bytes: what a weak hash sees least of. */
function attributeName(index: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-';
  let name = '';
  let left = index;
  for (let position = 0; position < 4; position++) {
    name += letters[left % 64] ?? '';
    left = Math.floor(left / 64);
  }
  return `n${name}-the-rest-of-it-is-the-same`;
}

const settingsOf = (attack: Attack, base: typeof usual): typeof usual => ({
  ...base,
  ...attack.settings,
});

function run(core: Core, attack: Attack, size: number, piece?: number): void {
  const stream = core.open(settingsOf(attack, raised));
  feedAll(stream, attackInput(attack, size, piece));
  stream.close();
}

describe('stopped at a limit', () => {
  test.each([...attacks, ...structures])('$name', (attack) => {
    const core = Core.load(releasePath);
    const stream = core.open(settingsOf(attack, usual));
    const size = 2 * mebibyte;
    const before = core.memorySize;
    for (const piece of attackInput(attack, size)) stream.feed(piece);
    const last = stream.log.at(-1);
    expect(last?.kind === 'error' ? last.code : last?.kind).toBe(attack.stoppedBy);
    expect(last?.kind === 'error' ? last.condition : '').toBe('policy-violation');
    // What a stanza of 256 KiB can take: its bytes, and tape and stack for the worst of them.
    expect(core.memorySize - before).toBeLessThan(8 * mebibyte);
    // And the stream keeps nothing of it.
    stream.close();
    const freed = core.memorySize;
    const again = core.open(settingsOf(attack, usual));
    for (const piece of attackInput(attack, size)) again.feed(piece);
    expect(core.memorySize).toBe(freed);
  });

  test.each([60_000, 1000, 7])('a tag full of declarations, in pieces of %i', (size) => {
    // Everything a declaration needs is written at the end of the tag, from bytes that came long before.
    const core = Core.load(releasePath);
    const declarations = Array.from(
      { length: 250 },
      (_, index) => ` xmlns:p${index}='urn:${index}:${'x'.repeat(1000)}'`,
    );
    const bytes = bytesOf(`<s><m${declarations.join('')}><p7:a p9:b=''/></m>`);
    const stream = core.open(usual);
    for (const piece of pieces(size)(bytes)) stream.feed(piece);
    expect(stream.log.at(-1)).toMatchObject({ kind: 'end', name: 'm' });
    expect(stream.log.at(-4)).toMatchObject({
      name: 'p7:a',
      namespace: `urn:7:${'x'.repeat(1000)}`,
    });
    stream.close();
  });

  test('a long name that began in an earlier piece', () => {
    const core = Core.load(releasePath);
    const stream = core.open(raised);
    const name = 'n'.repeat(300_000);
    for (const piece of pieces(1000)(bytesOf(`<s><${name}></${name}>`))) stream.feed(piece);
    expect(stream.log.at(-1)).toMatchObject({ kind: 'end', at: 300_005 });
  });

  test('namespace declarations', () => {
    const core = Core.load(releasePath);
    const stream = core.open(usual);
    const declarations = Array.from({ length: 64 }, (_, index) => ` xmlns:p${index}='u${index}'`);
    for (let depth = 0; depth < 5; depth++) stream.feed(bytesOf(`<a${declarations.join('')}>`));
    const last = stream.log.at(-1);
    expect(last?.kind === 'error' ? last.code : last?.kind).toBe('limit-namespaces');
  });
});

describe('linear in pieces of 64 KiB, where the limits are raised', () => {
  test.each(attacks)('$name', (attack) => {
    expect(growth(4_000_000, (core, size) => run(core, attack, size))).toBeUndefined();
  });

  test.each(structures)('$name', (attack) => {
    expect(growth(1_000_000, (core, size) => run(core, attack, size))).toBeUndefined();
  });
});

describe('linear in pieces of one byte, where the limits are raised', () => {
  test.each([...attacks, ...structures])('$name', (attack) => {
    expect(growth(100_000, (core, size) => run(core, attack, size, 1))).toBeUndefined();
  });
});

const largest = [
  'a text',
  'an attribute',
  'an element name',
  'a comment',
  'white space in a tag',
  'leading zeros',
];

describe(`${large / 1e6} MB in one token`, () => {
  test.each(attacks.filter(({ name }) => largest.includes(name)))('$name', (attack) => {
    const core = Core.load(releasePath);
    const before = core.memorySize;
    const time = cpuTime(() => run(core, attack, large));
    // 20 MB/s, a hundredth of the usual speed: what a quadratic would never reach.
    expect(time).toBeLessThan(large / 20_000);
    // The bytes of the token in a block of a power of two, and the one that it grew out of.
    expect(core.memorySize - before).toBeLessThan(5 * large + 8 * mebibyte);
  });
});

describe('a million', () => {
  const count = quick ? 100_000 : 1_000_000;

  test('nested elements, opened and closed', () => {
    const core = Core.load(releasePath);
    const stream = core.open({ ...raised, framing: 'document' });
    const time = cpuTime(() => {
      feedAll(
        stream,
        attackInput({ name: '', before: '', repeated: '<a>', stoppedBy: '' }, 3 * count),
      );
      feedAll(
        stream,
        attackInput({ name: '', before: '', repeated: '</a>', stoppedBy: '' }, 4 * count),
      );
      stream.end();
    });
    expect(time).toBeLessThan(count / 100);
    expect(core.memorySize).toBeLessThan(count * 150 + 16 * mebibyte);
  });

  test('attributes on one element', () => {
    const attack = structures.find((one) => one.name === 'attributes');
    if (attack === undefined) throw new Error('no such attack');
    const core = Core.load(releasePath);
    const stream = core.open({ ...raised, framing: 'document' });
    const input = attackInput({ ...attack, before: '<m' }, count * 11);
    const time = cpuTime(() => {
      feedAll(stream, input);
      expect(stream.feedOnly(bytesOf('/>'))).toBeGreaterThan(count * 16);
      stream.end();
    });
    expect(time).toBeLessThan(count / 100);
  });

  test('stanzas of many names leave nothing behind', () => {
    const core = Core.load(releasePath);
    const stream = core.open(usual);
    stream.feed(bytesOf('<s>'));
    const stanzas = (from: number): void => {
      let text = '';
      for (let index = from; index < from + count / 2; index++) {
        text += `<n${index} xmlns='urn:${index}' a${index}=''/>`;
        if (text.length < 60_000) continue;
        stream.feedOnly(bytesOf(text));
        text = '';
      }
      stream.feedOnly(bytesOf(text));
    };
    stanzas(0);
    const size = core.memorySize;
    stanzas(count / 2);
    expect(core.memorySize).toBe(size);
    stream.feed(bytesOf("<m xmlns='u' a='1'/>"));
    expect(stream.log.map((event) => event.kind)).toEqual([
      ...['start', 'start', 'xmlns', 'attribute', 'end'],
    ]);
  });
});

describe('many streams', () => {
  const count = quick ? 20_000 : 100_000;
  const header = bytesOf(
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
  );

  test('idle ones take 64 bytes each, and give them back', () => {
    const core = Core.load(releasePath);
    let tape = 0;
    const open = (): number[] =>
      Array.from({ length: count }, () => {
        const stream = core.open(usual);
        tape += stream.feedOnly(header);
        return stream.handle;
      });
    const before = core.memorySize;
    const handles = open();
    const size = core.memorySize;
    // A START and two XMLNS records each.
    expect(tape).toBe(count * 48);
    expect(size - before).toBeLessThanOrEqual(count * 64 + 2 * mebibyte);
    for (const handle of handles) core.exports.stream_close(handle);
    open();
    expect(core.memorySize).toBe(size);
  });

  test('a partial stanza costs its bytes, and closing frees them', () => {
    const core = Core.load(releasePath);
    const some = count / 20;
    const partial = bytesOf(`<m><body>${'x'.repeat(1000)}`);
    const before = core.memorySize;
    const fill = (): void => {
      const handles = Array.from({ length: some }, () => {
        const stream = core.open(usual);
        stream.feedOnly(header);
        stream.feedOnly(partial);
        return stream.handle;
      });
      for (const handle of handles) core.exports.stream_close(handle);
    };
    fill();
    const size = core.memorySize;
    expect(size - before).toBeLessThan(some * 8192 + 2 * mebibyte);
    fill();
    expect(core.memorySize).toBe(size);
  });

  test('one that thrashes every table does not slow down another', () => {
    const work = bytesOf(
      "<message to='juliet@example.com' type='chat'><body>Hello</body></message>".repeat(20),
    );
    const calm = bytesOf(' '.repeat(2000));
    let serial = 0;
    const noise = (): Uint8Array => {
      let text = '';
      while (text.length < 2000) text += `<n${serial} xmlns='urn:${serial}' a${serial++}=''/>`;
      return bytesOf(text);
    };
    const measure = (other: () => Uint8Array): number => {
      const core = Core.load(releasePath);
      const worker = core.open(usual);
      const neighbour = core.open(usual);
      worker.feedOnly(header);
      neighbour.feedOnly(header);
      let time = 0n;
      for (let round = 0; round < 3000; round++) {
        neighbour.feedOnly(other());
        const start = process.hrtime.bigint();
        worker.feedOnly(work);
        time += process.hrtime.bigint() - start;
      }
      return Number(time) / 1e6;
    };
    let ratio = Infinity;
    for (let attempt = 0; attempt < 3 && ratio > 3; attempt++) {
      ratio = Math.min(ratio, measure(noise) / measure(() => calm));
    }
    expect(ratio).toBeLessThan(3);
  });
});

test('offsets go on beyond 4 GiB', () => {
  const core = Core.load(releasePath);
  const stream = core.open({ ...raised, framing: 'document' });
  stream.feed(bytesOf('<s>'));
  // Texts, since they are what is read fastest; the last piece is read too, for the driver's sake.
  const piece = bytesOf(`${'x'.repeat(65_536 - 4)}<b/>`);
  for (let fed = piece.length; fed < 2 ** 32; fed += piece.length) stream.feedOnly(piece);
  stream.feed(piece);
  const at = 2 ** 32 + 3;
  expect(stream.log.at(-1)).toEqual({ kind: 'end', at: at - 2, to: at, name: 'b' });
  stream.feed(bytesOf("<m a='1'>x</m>"));
  stream.feed(bytesOf('<m>x&'));
  stream.feed(bytesOf('y;'));
  expect(stream.log.slice(-6)).toEqual([
    { kind: 'start', at, name: 'm', namespace: '' },
    { kind: 'attribute', at: at + 3, name: 'a', value: '1' },
    { kind: 'text', at: at + 9, to: at + 10, value: 'x' },
    { kind: 'end', at: at + 10, to: at + 14, name: 'm' },
    { kind: 'start', at: at + 14, name: 'm', namespace: '' },
    { kind: 'error', at: at + 18, code: 'xml-entity-restricted', condition: 'restricted-xml' },
  ]);
});

test('the limits that are raised are those of a stream that a caller may open', () => {
  const core = Core.load(releasePath);
  expect(core.profileOf(raisedLimits)).toBeGreaterThan(0);
});
