/*
 * Misuse of the ABI, and memory that runs out: what the cases, which are about input, cannot say.
 *
 * Law 2: a stale handle is an error code, never a wild pointer. Law 3: where memory cannot grow, the
 * stream that asked for it fails with limit-memory, and the others go on.
 */

import { readFileSync } from 'node:fs';
import { instantiateSync } from '@assemblyscript/loader';
import { describe, expect, test } from 'vitest';
import { Abi, Feed, Framing, Limit, Option } from '../../assembly/abi.js';
import { ErrorCode } from '../../assembly/errors.js';
import { defaultSettings } from '../reference/settings.js';
import { Core } from './core-driver.js';

const builds = ['release', 'debug'] as const;
const pathOf = (build: string): URL => new URL(`../../build/${build}.wasm`, import.meta.url);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each(builds)('the %s core', (build) => {
  const fresh = (): Core => Core.load(pathOf(build));

  test('imports nothing', () => {
    const module = new WebAssembly.Module(readFileSync(pathOf(build)));
    const imports = WebAssembly.Module.imports(module).map(
      ({ module: from, name }) => `${from}.${name}`,
    );
    expect(imports).toEqual(build === 'debug' ? ['env.abort'] : []);
  });

  test('a handle is stale after its stream was closed', () => {
    const { exports } = fresh();
    const handle = exports.stream_open(Framing.Stream, 0, 0);
    expect(exports.stream_close(handle)).toBe(0);
    expect(exports.stream_feed(handle, 0, Feed.Open)).toBe(-ErrorCode.HandleStale);
    expect(exports.stream_end(handle)).toBe(-ErrorCode.HandleStale);
    expect(exports.stream_reset(handle)).toBe(-ErrorCode.HandleStale);
    expect(exports.stream_close(handle)).toBe(-ErrorCode.HandleStale);
  });

  test('a handle is stale when its place was given to another stream', () => {
    const { exports } = fresh();
    const stale: number[] = [];
    for (let round = 0; round < 1000; round++) {
      const handle = exports.stream_open(Framing.Stream, 0, 0);
      expect(stale.includes(handle)).toBe(false);
      exports.stream_close(handle);
      stale.push(handle);
    }
    const open = exports.stream_open(Framing.Stream, 0, 0);
    for (const handle of stale) expect(exports.stream_end(handle)).toBe(-ErrorCode.HandleStale);
    expect(exports.stream_close(open)).toBe(0);
  });

  test('a handle that never was is stale', () => {
    const { exports } = fresh();
    exports.stream_open(Framing.Stream, 0, 0);
    for (const handle of [-1, 1, 12345, 0x7fff_ffff, -0x8000_0000]) {
      expect(exports.stream_feed(handle, 0, Feed.Open)).toBe(-ErrorCode.HandleStale);
      expect(exports.stream_close(handle)).toBe(-ErrorCode.HandleStale);
    }
  });

  test('arguments out of range are refused', () => {
    const { exports } = fresh();
    const invalid = -ErrorCode.ArgumentInvalid;
    expect(exports.stream_open(4, 0, 0)).toBe(invalid);
    expect(exports.stream_open(-1, 0, 0)).toBe(invalid);
    expect(exports.stream_open(Framing.Stream, 1 + Option.Mask, 0)).toBe(invalid);
    expect(exports.stream_open(Framing.Stream, 0, Limit.Profiles)).toBe(invalid);
    const handle = exports.stream_open(Framing.Stream, 0, 0);
    expect(exports.stream_feed(handle, Abi.InputSize + 1, Feed.Open)).toBe(invalid);
    expect(exports.stream_feed(handle, -1, Feed.Open)).toBe(invalid);
    expect(exports.stream_feed(handle, 0, 2)).toBe(invalid);
    expect(exports.limits_set(Limit.Profiles, 1, 1, 1, 1, 1, 1)).toBe(invalid);
    expect(exports.limits_set(1, 0, 1, 1, 1, 1, 1)).toBe(invalid);
    expect(exports.limits_set(1, 1, Limit.DepthMax + 1, 1, 1, 1, 1)).toBe(invalid);
    expect(exports.limits_set(1, 1, 1, 1, 1, 1, Limit.NamespacesMax + 1)).toBe(invalid);
    expect(exports.limits_set(1, 1, 1, 1, 1, 1, 1)).toBe(0);
  });

  test('nothing follows an error, and a reset ends it', () => {
    const { exports } = fresh();
    const core = fresh();
    const stream = core.open(defaultSettings);
    stream.feed(bytesOf('<s>x'));
    expect(stream.log.at(-1)?.kind).toBe('error');
    const { length } = stream.log;
    stream.feed(bytesOf('<m/>'));
    stream.end();
    expect(stream.log).toHaveLength(length);
    stream.reset();
    stream.feed(bytesOf('<s>'));
    expect(stream.log).toHaveLength(length + 1);
    expect(exports.core_open(2)).toBe(Abi.Version);
  });

  test('white space between stanzas is counted', () => {
    const stream = fresh().open(defaultSettings);
    stream.feed(bytesOf(' <s> \n'));
    stream.feed(bytesOf('\t<m> </m> '));
    stream.feed(bytesOf(' '));
    expect(stream.keepalives).toBe(5);
  });

  test('without memory a stream fails, and the others go on', () => {
    const module = withMemoryMaximum(readFileSync(pathOf(build)), 160);
    const { instance } = instantiateSync(module, {});
    const core = new Core(module);
    expect(instance.exports.memory).toBeDefined();
    const limits = { ...defaultSettings.limits, stanzaBytes: 2 ** 31 - 1 };
    const calm = core.open(defaultSettings);
    calm.feed(bytesOf('<s>'));
    const greedy = core.open({ ...defaultSettings, limits });
    greedy.feed(bytesOf("<s><m a='"));
    const piece = bytesOf('x'.repeat(60_000));
    for (let fed = 0; fed < 20_000_000 && greedy.log.at(-1)?.kind !== 'error'; fed += 60_000) {
      greedy.feed(piece);
    }
    expect(greedy.log.at(-1)).toMatchObject({
      code: 'limit-memory',
      condition: 'resource-constraint',
    });
    calm.feed(bytesOf('<m>x</m>'));
    expect(calm.log.map((event) => event.kind)).toEqual(['start', 'start', 'text', 'end']);
    greedy.close();
    const next = core.open(defaultSettings);
    next.feed(bytesOf(`<s><m a='${'x'.repeat(100_000)}'/>`));
    expect(next.log.at(-1)?.kind).toBe('end');
  });
});

/** The module with a maximum of so many pages, so that memory.grow fails early. */
function withMemoryMaximum(wasm: Uint8Array, pages: number): WebAssembly.Module {
  const memorySection = 5;
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < wasm.length) {
    const start = at;
    const section = wasm[at++];
    const size = number();
    const content = at;
    if (section === memorySection) {
      at += 2; // the count, and flags that say: no maximum
      const minimum = number();
      const leb = (value: number): number[] =>
        value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)];
      const body = [1, 1, ...leb(minimum), ...leb(pages)];
      const bytes = [...wasm.subarray(0, start), memorySection, ...leb(body.length), ...body];
      return new WebAssembly.Module(Uint8Array.from([...bytes, ...wasm.subarray(content + size)]));
    }
    at = content + size;
  }
  throw new Error('the module has no memory');
}
