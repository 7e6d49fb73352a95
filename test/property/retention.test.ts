/*
 * What a kept stanza keeps alive is bounded by the stanza, not by what was read with it.
 */
import { expect, test } from 'vitest';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Engine, SaxParser, StreamParser, type Element } from 'tercet';
import { header, stanzasOf } from '../unit/streams.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapAfter(work: () => unknown): { readonly bytes: number; readonly kept: unknown } {
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept = work();
  collect();
  return { bytes: process.memoryUsage().heapUsed - before, kept };
}

const chunkCount = 300;
const body = 'x'.repeat(200);

/** One kept thing for each chunk of 64 KB. */
function keepOne<T>(select: (stanza: Element, index: number) => T): T[] {
  const parser = new StreamParser();
  parser.feed(header);
  const stanza = (id: string) =>
    `<message to='juliet-with-a-long-name@example.com' id='${id}'><body>${body}</body></message>`;
  const kept: T[] = [];
  for (let index = 0; index < chunkCount; index++) {
    const chunk = stanza(`some-long-id-${index}`) + stanza('filler').repeat(220);
    const [first] = stanzasOf(parser.feed(index % 2 === 0 ? chunk : Buffer.from(chunk)));
    kept.push(select(first, index));
  }
  parser.close();
  return kept;
}

test('a kept stanza that was not read', () => {
  const { bytes, kept } = heapAfter(() => keepOne((stanza) => stanza));
  expect(bytes / chunkCount).toBeLessThan(4096);
  expect((kept as Element[])[7].attr('id')).toBe('some-long-id-7');
});

test('a kept value', () => {
  const { bytes, kept } = heapAfter(() => keepOne((stanza) => stanza.attr('to')));
  expect(bytes / chunkCount).toBeLessThan(4096);
  expect((kept as string[])[7]).toBe('juliet-with-a-long-name@example.com');
});

test('a parser that was closed or forgotten keeps nothing in the core', () => {
  for (let round = 0; round < 20; round++) {
    const parsers = Array.from({ length: 500 }, () => new StreamParser());
    for (const parser of parsers) parser.feed(`${header}<a>${'x'.repeat(5000)}`);
    for (const parser of parsers) parser.close();
  }
  const { bytes } = heapAfter(() => undefined);
  expect(bytes).toBeLessThan(1 << 20);
});

test.each([
  ['StreamParser', (engine: Engine) => new StreamParser({ engine }).feed(`${header}<a>`)],
  ['SaxParser', (engine: Engine) => new SaxParser({}, { engine }).feed(`<a>${'x'.repeat(100)}`)],
])('a %s that was forgotten gives its place back', async (_name, forget) => {
  const engine = new Engine();
  const memory = () => (engine as unknown as { readonly bytes: Uint8Array }).bytes.length;
  const round = async () => {
    for (let index = 0; index < 5000; index++) forget(engine);
    collect();
    // The registry tells in a task of its own.
    await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await round();
  await round();
  const before = memory();
  for (let index = 0; index < 6; index++) await round();
  expect(memory()).toBe(before);
});
