/*
 * Instances of the core: a module of one of the builds, instantiated and opened, with its raw exports.
 *
 * Invariant: what programs share by default is one instance for all parts that its build can do.
 */
import { instanceOf } from '#wasm/instance';
import { Abi } from '../assembly/abi.js';
import { buildWith, type Build, type Part } from './wasm/builds.js';

/**
 * The raw exports of the core, in the order of the entry files. Those of a part are there only in the
 * builds that have it.
 */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
  core_open(seed: number): number;
  control_ptr(): number;
  input_ptr(): number;
  limits_set(
    profile: number,
    stanzaBytes: number,
    depth: number,
    attributes: number,
    children: number,
    nameBytes: number,
    namespaces: number,
  ): number;
  stream_open(framing: number, options: number, profile: number): number;
  stream_reset(handle: number): number;
  stream_close(handle: number): number;
  stream_feed(handle: number, length: number, feed: number): number;
  stream_end(handle: number): number;
  jid_control_ptr(): number;
  jid_input_ptr(): number;
  jid_parse(length: number, options: number): number;
  jid_part(part: number, length: number, options: number): number;
  jid_ascii(length: number): number;
  jid_unicode(): number;
}

/** A new instance of the fullest build that has these parts. */
export function openCore(parts: Part): CoreExports {
  return start(buildWith(parts));
}

interface SharedCore {
  readonly parts: number;
  readonly core: CoreExports;
}

const sharedCores: SharedCore[] = [];

/** The instance that everything uses which names no engine, made on first use. */
export function sharedCore(part: Part): CoreExports {
  const known = sharedCores.find(({ parts }) => (parts & part) !== 0);
  if (known !== undefined) return known.core;
  const build = buildWith(part);
  const core = start(build);
  sharedCores.push({ parts: build.parts, core });
  return core;
}

function start({ module, fill }: Build): CoreExports {
  // Raw exports: those that the loader wraps count arguments at each call, which takes three times as long.
  const core = instanceOf(module()).exports as unknown as CoreExports;
  fill?.(core.memory);
  const version = core.core_open(seed());
  if (version !== Abi.Version) {
    throw new Error(`the core speaks version ${version} of the ABI, the bindings ${Abi.Version}`);
  }
  return core;
}

function seed(): number {
  // Math.random and not WebCrypto: Node takes milliseconds to load the latter, and the seed has to be
  // unknown to a peer that never sees a number of ours, no more. workerd refuses randomness outside
  // of a request; there a guessable seed only means slower tables under attack, never wrong results.
  try {
    return (Math.random() * 2 ** 32) | 0;
  } catch {
    return Date.now() | 0;
  }
}
