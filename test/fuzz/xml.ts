/*
 * Invariant: on any input, however it is cut and whichever other streams are open in the same instance,
 * the core gives exactly the events of the reference tokenizer (test/reference), and its tape agrees
 * with itself (test/xml/core-driver.ts). Any other result, a trap included, is a bug.
 *
 * Each case opens one to four streams and feeds them in turns, at random cuts; each stream is then run
 * again whole. The instance is renewed at every case whose seed is a multiple of `block`, so that what one stream leaves
 * behind meets the next ones, and a finding can still be repeated.
 */

import { formatLog } from '../reference/events.js';
import { type Cut, runReference, type Script } from '../reference/run.js';
import { Core, type CoreStream, runCore } from '../xml/core-driver.js';
import { generateScript } from './generate.js';
import { pieces, Random, randomCut } from './random.js';

export const block = 500;

export interface Finding {
  readonly seed: number;
  readonly message: string;
  readonly script: Script;
  /** Whether the script alone shows it, in a new instance. */
  readonly alone: boolean;
}

export class XmlTarget {
  readonly #module: WebAssembly.Module;
  #core: Core;

  constructor(wasm: Uint8Array<ArrayBuffer>) {
    this.#module = new WebAssembly.Module(wasm);
    this.#core = new Core(this.#module);
  }

  /** Runs the case of a seed; undefined when the invariant holds. */
  run(seed: number): Finding | undefined {
    if (seed % block === 0) this.#core = new Core(this.#module);
    const random = new Random(seed);
    const scripts = [generateScript(random)];
    while (scripts.length < 4 && random.oneIn(3)) scripts.push(generateScript(random));
    const expected = scripts.map((script) => runReference(script));
    const results = this.#interleaved(random, scripts);
    for (const [index, script] of scripts.entries()) {
      let message = compare(expected[index] ?? '', results[index] ?? '');
      message ??= compare(
        expected[index] ?? '',
        attempt(() => runCore(this.#core, script)),
      );
      if (message === undefined && random.oneIn(8)) {
        const cut = runReference(script, randomCut(random.next()));
        if (cut !== expected[index]) message = 'the reference depends on how its input is cut';
      }
      if (message === undefined) continue;
      const alone = this.#fails(script) !== undefined;
      // A trap leaves the instance in the middle of something.
      this.#core = new Core(this.#module);
      return { seed, message, script: alone ? this.#minimise(script) : script, alone };
    }
    return undefined;
  }

  /** Feeds all scripts in turns; returns their logs. */
  #interleaved(random: Random, scripts: readonly Script[]): string[] {
    const runs = scripts.map((script) => {
      const cut = randomCut(random.next());
      return attemptSteps(this.#core, script, cut);
    });
    const results = scripts.map(() => '');
    const open = new Set(runs.keys());
    while (open.size > 0) {
      const index = random.pick([...open]);
      const step = runs.at(index)?.next();
      if (step?.done === true) {
        results[index] = step.value;
        open.delete(index);
      }
    }
    return results;
  }

  /** A new instance, the whole input, small pieces and random cuts: what differs from the reference. */
  #fails(script: Script): string | undefined {
    const expected = runReference(script);
    const core = new Core(this.#module);
    const cuts: Cut[] = [pieces(1 << 16), pieces(1), pieces(2), pieces(7)];
    for (let seed = 1; seed <= 6; seed++) cuts.push(randomCut(seed));
    for (const cut of cuts) {
      const message = compare(
        expected,
        attempt(() => runCore(core, script, cut)),
      );
      if (message !== undefined) return message;
    }
    return undefined;
  }

  /** Takes away frames and bytes as long as the difference stays, for ten seconds at the most. */
  #minimise(script: Script): Script {
    let best = script;
    const deadline = performance.now() + 10_000;
    const accept = (candidate: Script): boolean => {
      if (performance.now() > deadline || this.#fails(candidate) === undefined) return false;
      best = candidate;
      return true;
    };
    for (let index = best.inputs.length - 1; index >= 0 && best.inputs.length > 1; index--) {
      accept({ ...best, inputs: best.inputs.filter((_, at) => at !== index) });
    }
    for (const index of best.inputs.keys()) {
      for (let size = 1 << 12; size >= 1; size >>= 1) {
        let at = 0;
        for (;;) {
          const input = best.inputs.at(index);
          if (input === undefined || at >= input.bytes.length) break;
          const bytes = Uint8Array.from([
            ...input.bytes.subarray(0, at),
            ...input.bytes.subarray(at + size),
          ]);
          const inputs = best.inputs.map((one, i) => (i === index ? { ...one, bytes } : one));
          if (!accept({ ...best, inputs })) at += size;
        }
      }
    }
    return best;
  }
}

/** A stream's calls one by one; gives its log, or what went wrong. */
function* attemptSteps(core: Core, script: Script, cut: Cut): Generator<void, string> {
  let stream: CoreStream | undefined;
  try {
    stream = core.open(script.settings);
    for (const [index, { bytes, finished }] of script.inputs.entries()) {
      if (index > 0 && script.settings.framing !== 'websocket') stream.reset();
      const list = cut(bytes);
      for (const [at, piece] of list.entries()) {
        stream.feed(piece, finished && at === list.length - 1);
        yield;
      }
    }
    if (script.end) stream.end();
    stream.close();
    return formatLog(stream.log);
  } catch (error) {
    return failure(error);
  }
}

function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return failure(error);
  }
}

const failure = (error: unknown): string =>
  `! ${error instanceof Error ? error.message : String(error)}`;

function compare(expected: string, actual: string): string | undefined {
  if (expected === actual) return undefined;
  const wanted = expected.split('\n');
  const got = actual.split('\n');
  const line = wanted.findIndex((text, index) => text !== got[index]);
  if (actual.startsWith('! ')) return actual;
  const at = line < 0 ? wanted.length : line;
  return `event ${at + 1}: expected ${wanted[at] ?? 'no more'}, got ${got[at] ?? 'no more'}`;
}

/** The finding as a Markdown case (test/cases/case-file.ts), with the reference's log. */
export function toCase({ seed, message, script }: Finding): string {
  const { framing, skipMisc, lenientBom, limits } = script.settings;
  const options = [
    `framing=${framing}`,
    ...(skipMisc ? ['skipMisc'] : []),
    ...(lenientBom ? ['lenientBom'] : []),
    ...Object.entries(limits).map(([name, value]) => `${name}=${String(value)}`),
    ...(script.end ? [] : ['end=no']),
  ];
  const blocks = script.inputs.map(
    ({ bytes, finished }) =>
      `\`\`\`bytes${finished ? '' : ' unfinished'}\n${escape(bytes)}\n\`\`\`\n`,
  );
  const log = runReference(script);
  return [
    `## The fuzzer's seed ${seed}\n`,
    `${message}\n`,
    `Options: ${options.join(' ')}\n`,
    ...blocks,
    `\`\`\`log\n${log}${log === '' ? '' : '\n'}\`\`\`\n`,
  ].join('\n');
}

const escape = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => {
    if (byte === 0x5c) return '\\\\';
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
    return `\\x${byte.toString(16).padStart(2, '0')}`;
  }).join('');
