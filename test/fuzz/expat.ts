/*
 * Invariant: the core takes a document if and only if libexpat does, with namespaces, and with comments,
 * processing instructions and DOCTYPE refused. Any other verdict is a bug, save three that are wanted:
 * U+FEFF at the start is text (RFC 6120, section 11.6), a version other than 1.0 is refused (section
 * 11.8), and names follow the fifth edition of XML 1.0, libexpat's the fourth.
 *
 * It is the oracle that shares no reading of the specifications with the core or its reference. expat.c
 * is compiled on the spot where gcc and the headers of libexpat are there.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Event } from '../reference/events.js';
import { defaultSettings, type Limits, type Settings } from '../reference/settings.js';
import { Core } from '../xml/core-driver.js';
import { generateScript } from './generate.js';
import { Random } from './random.js';
import type { Finding } from './xml.js';

const batch = 1000;

const limits: Limits = {
  stanzaBytes: 2 ** 30,
  depth: 2 ** 24,
  attributes: 2 ** 30,
  children: 2 ** 30,
  nameBytes: 2 ** 30,
  namespaces: 4096,
};
const settings: Settings = { ...defaultSettings, framing: 'element', limits };

/** Compiles expat.c; the reason when it cannot be. */
export function compileExpat(source: string, program: string): string | undefined {
  mkdirSync(dirname(program), { recursive: true });
  const { status, error } = spawnSync('gcc', ['-O2', '-o', program, source, '-lexpat'], {
    encoding: 'utf8',
  });
  if (error !== undefined) return 'gcc is not there';
  return status === 0 ? undefined : 'libexpat or its headers are not there';
}

export class ExpatTarget {
  readonly #program: string;
  readonly #core: Core;
  #first = 0;
  #verdicts: readonly string[] = [];

  constructor(wasm: Uint8Array<ArrayBuffer>, program: string) {
    this.#program = program;
    this.#core = new Core(new WebAssembly.Module(wasm));
  }

  run(seed: number): Finding | undefined {
    const bytes = inputOf(seed);
    if (seed < this.#first || seed >= this.#first + this.#verdicts.length) this.#ask(seed);
    const verdict = this.#verdicts[seed - this.#first] ?? '';
    const stream = this.#core.open(settings);
    stream.feed(bytes);
    stream.end();
    stream.close();
    const last = stream.log.at(-1);
    const taken = last?.kind !== 'error';
    if (taken === verdict.startsWith('1') || isWanted(bytes, stream.log)) return undefined;
    const code = last?.kind === 'error' ? last.code : 'taken';
    const script = { settings, inputs: [{ bytes, finished: true }], end: true };
    return { seed, message: `the core: ${code}, libexpat: ${verdict}`, script, alone: true };
  }

  #ask(first: number): void {
    const parts: Uint8Array[] = [];
    for (let seed = first; seed < first + batch; seed++) {
      const bytes = inputOf(seed);
      const head = Buffer.alloc(4);
      head.writeUInt32LE(bytes.length);
      parts.push(head, bytes);
    }
    const { stdout, status } = spawnSync(this.#program, {
      input: Buffer.concat(parts),
      maxBuffer: 2 ** 28,
    });
    this.#verdicts = stdout.toString().trimEnd().split('\n');
    this.#first = first;
    if (status !== 0 || this.#verdicts.length !== batch) throw new Error('expat.c failed');
  }
}

function inputOf(seed: number): Uint8Array {
  return generateScript(new Random(seed)).inputs[0]?.bytes ?? new Uint8Array();
}

const beyondAscii = /[^\0-\x7f]/u;

function isWanted(bytes: Uint8Array, log: readonly Event[]): boolean {
  const head = Buffer.from(bytes.subarray(0, 40)).toString('utf8');
  if (head.startsWith('\ufeff') || /^<\?xml\s+version\s*=\s*["'](?!1\.0["'])/u.test(head))
    return true;
  return log.some((event) => 'name' in event && beyondAscii.test(event.name));
}
