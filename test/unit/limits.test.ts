/*
 * Options: what is refused before a stream is opened, and that limits are counted right.
 */
import { expect, test } from 'vitest';
import { Engine, StreamParser, UsageError, type Limits, type StreamParserOptions } from 'tercet';
import { header, summary } from './streams.js';

test.each([
  [{ maxDepth: 0 }, 'limits.maxDepth is 0, it must be an integer from 1 to 16777216'],
  [{ maxNamespaces: 4097 }, 'limits.maxNamespaces is 4097, it must be an integer from 1 to 4096'],
  [{ maxDepth: 16_777_217 }, 'limits.maxDepth is 16777217'],
  [{ maxStanzaBytes: 1.5 }, 'limits.maxStanzaBytes is 1.5'],
  [{ maxChildren: Number.NaN }, 'limits.maxChildren is null'],
  [{ maxChildren: '5' }, 'limits.maxChildren is "5"'],
  [{ maxAttributes: -1 }, 'limits.maxAttributes is -1'],
  [{ maxStanza: 1 }, 'limits.maxStanza is not known; the limits are maxStanzaBytes, '],
])('limits %j are refused', (limits, message) => {
  const open = () => new StreamParser({ limits: limits as Limits });
  expect(open).toThrow(UsageError);
  expect(open).toThrow(message);
});

test('options that are something else are refused', () => {
  const open = (options: unknown) => () => new StreamParser(options as StreamParserOptions);
  expect(open({ framing: 'bosh' })).toThrow(/framing is/);
  expect(open({ limits: 5 })).toThrow(/limits is not an object/);
  expect(open({ engine: 5 })).toThrow(/engine is not an Engine/);
});

test.each([
  ['maxStanzaBytes', '<a>12345</a>', 12, 'limit-stanza-bytes'],
  ['maxDepth', '<a><b/></a>', 2, 'limit-depth'],
  ['maxAttributes', "<a b='' c='' xmlns='urn:a'/>", 3, 'limit-attributes'],
  ['maxChildren', '<a>x<b/>y</a>', 3, 'limit-children'],
  ['maxNameBytes', '<message123456/>', 13, 'limit-name-bytes'],
  ['maxNamespaces', "<a xmlns:a='urn:a' xmlns:b='urn:b'/>", 2, 'limit-namespaces'],
])('%s is the last value that passes', (name, stanza, needed, code) => {
  const events = (value: number) => {
    const parser = new StreamParser({ framing: 'websocket', limits: { [name]: value } });
    const result = summary(parser.feed(stanza));
    parser.close();
    return result;
  };
  expect(events(needed)).toEqual([`stanza ${stanza}`]);
  expect(events(needed - 1)[0]).toMatch(new RegExp(`^error ${code} policy-violation`));
});

test('a thousand parsers with the same limits share them, and closing gives them back', () => {
  const engine = new Engine();
  for (let round = 0; round < 3; round++) {
    const parsers = Array.from(
      { length: 1000 },
      (_, index) => new StreamParser({ engine, limits: { maxDepth: 10 + index } }),
    );
    const same = Array.from(
      { length: 1000 },
      () => new StreamParser({ engine, limits: { maxDepth: 10 } }),
    );
    for (const parser of [...parsers, ...same]) parser.close();
  }
  const parser = new StreamParser({ engine, limits: { maxDepth: 2 } });
  expect(summary(parser.feed(`${header}<a><b/></a>`))[1]).toMatch(/^error limit-depth/);
  parser.close();
});

test('more sets of limits than an engine holds is an error that says so', () => {
  const engine = new Engine();
  const parsers: StreamParser[] = [];
  expect(() => {
    for (let index = 0; index < 2000; index++) {
      parsers.push(new StreamParser({ engine, limits: { maxDepth: 10 + index } }));
    }
  }).toThrow(/at most 1024 different sets of limits/);
  for (const parser of parsers) parser.close();
  new StreamParser({ engine, limits: { maxDepth: 5 } }).close();
});
