/*
 * Addresses through the core: a string in, one number out, and a string only where the canonical form
 * is another than the one that came in.
 *
 * A number below zero is a negated ErrorCode; the details are in memory until the next call. Any
 * other says in what form the result is and where its separators are (assembly/abi.ts, JidResult).
 *
 * Nothing is kept between two calls but views on memory, so all callers share one instance, unless they
 * name an engine: `onCore` puts the views on its memory in place of these for the time of a call.
 */
import { JidControl, JidInput, JidResult, JidState } from '../assembly/abi.js';
import { ErrorCode } from '../assembly/errors.js';
import { sharedCore, type CoreExports } from './core.js';
import { JidError, type JidPart } from './jid-error.js';
import { hasUnitCopy, type TextBuffer, utf16Text, viewOf } from './text.js';
import { Part } from './wasm/builds.js';

// Variables and not the fields of an object: they are read for every address.
let core: CoreExports;
// Empty before the first call, and after memory has grown.
let input = /* @__PURE__ */ new Uint16Array(0);
let bytes: Uint8Array;
let control: Uint32Array;

/** The core of an engine that is named, while a call for it lasts. */
export let borrowed: CoreExports | undefined;

function renew(): void {
  core = borrowed ?? sharedCore(Part.Jid);
  const { buffer } = core.memory;
  bytes = viewOf(buffer);
  input = new Uint16Array(buffer, core.jid_input_ptr() >>> 0, JidInput.Size);
  control = new Uint32Array(buffer, core.jid_control_ptr() >>> 0, JidControl.Size);
}

interface Views {
  readonly core: CoreExports;
  readonly input: Uint16Array<ArrayBuffer>;
  readonly bytes: Uint8Array;
  readonly control: Uint32Array;
}

/** What is known of the cores of engines; made when the first is named. */
let viewsOfCores: WeakMap<CoreExports, Views> | undefined;

function use(views: Views): void {
  ({ core, input, bytes, control } = views);
}

/** The cores that objects were made on, where an engine was named. */
let coresOfObjects: WeakMap<object, CoreExports> | undefined;

/** Remembers that `made` was made on this core. */
export function keepCore(made: object, itsCore: CoreExports): void {
  (coresOfObjects ??= new WeakMap()).set(made, itsCore);
}

/** Calls `work` with the core that `made` was made on. */
export function onCoreOf<Result>(made: object, work: () => Result): Result {
  const known = coresOfObjects?.get(made);
  return known === undefined ? work() : onCore(known, work);
}

/** Calls `work`, which calls nobody outside of this package, with `other` for the core. */
export function onCore<Result>(other: CoreExports, work: () => Result): Result {
  const kept = { core, input, bytes, control };
  const previous = borrowed;
  const known = (viewsOfCores ??= new WeakMap());
  borrowed = other;
  const views = known.get(other);
  if (views === undefined) renew();
  else use(views);
  try {
    return work();
  } finally {
    known.set(other, { core, input, bytes, control });
    borrowed = previous;
    use(kept);
  }
}

/** Longer strings are copied by the host: a call to it costs what 60 characters cost in the loop. */
const loopMax = hasUnitCopy ? 64 : JidInput.Size;

/** Writes `source` to the input, where there must be room for it; returns its length. */
function write(source: string): number {
  if (input.length === 0) renew();
  const units = input;
  const { length } = source;
  if (length > loopMax) {
    // As it is, halves of surrogate pairs included; of a concatenation each unit would be found anew.
    (bytes as TextBuffer).ucs2Write(source, units.byteOffset, length * 2);
    return length;
  }
  let index = 0;
  // Four at a time take a fifth less than one by one.
  for (const end = length - 3; index < end; index += 4) {
    units[index] = source.charCodeAt(index);
    units[index + 1] = source.charCodeAt(index + 1);
    units[index + 2] = source.charCodeAt(index + 2);
    units[index + 3] = source.charCodeAt(index + 3);
  }
  for (; index < length; index++) units[index] = source.charCodeAt(index);
  return length;
}

/** Enforces a whole address. */
export function enforceAddress(source: string, options: number): number {
  const length = write(source.length > JidInput.Max ? shortened(source) : source);
  return core.jid_parse(length, options);
}

/** Enforces one part, a JidPart of the ABI, in which a separator is a character like others. */
export function enforcePart(part: number, source: string, options: number): number {
  const length = write(source.length > partMax ? source.slice(0, partMax) : source);
  return core.jid_part(part, length, options);
}

/** A canonical domainpart in ASCII. */
export function asciiDomain(domain: string): number {
  return core.jid_ascii(write(domain));
}

/** The canonical form, directly after the call that `result` comes from. */
export function canonicalText(source: string, result: number): string {
  const state = result & JidResult.State;
  if (state === (JidState.Same as number)) return source;
  if (state === (JidState.Case as number)) {
    // All ASCII, where every host agrees on lower case, and quicker than a string out of memory.
    const slash = result >>> JidResult.SlashShift;
    if (slash === 0) return source.toLowerCase();
    return source.slice(0, slash).toLowerCase() + source.slice(slash);
  }
  const start = control[JidControl.ResultPtr];
  return utf16Text(bytes, start, start + control[JidControl.ResultLength] * 2);
}

const partNames = ['local', 'domain', 'resource'] as const satisfies readonly JidPart[];

/** What was wrong, directly after the call that `result` comes from. */
export function jidError(result: number): JidError {
  if (-result === (ErrorCode.ArgumentInvalid as number)) {
    throw new Error('the core refused an argument of the bindings');
  }
  const codePoint = control[JidControl.CodePoint];
  const index = control[JidControl.Index];
  return new JidError(-result, partNames[control[JidControl.Part]], {
    codePoint: codePoint === (JidControl.None as number) ? undefined : codePoint,
    index: index === (JidControl.None as number) ? undefined : index,
  });
}

/** One unit more than any part that can be good. */
const partMax = JidInput.DomainMax + 1;

/**
 * An address that is as bad as one that is longer than the core takes: parts that are too long for
 * anything are cut so that they still are.
 */
function shortened(source: string): string {
  const slash = source.indexOf('/');
  const bare = slash < 0 ? source : source.slice(0, slash);
  const at = bare.indexOf('@');
  const account = at < 0 ? '' : `${bare.slice(0, Math.min(at, JidInput.PartMax + 1))}@`;
  const domain = bare.slice(at + 1, at + 1 + partMax);
  const resource = slash < 0 ? '' : source.slice(slash, slash + JidInput.PartMax + 2);
  return account + domain + resource;
}

/** The version of Unicode, such as '17.0.0'. */
export function unicodeVersion(): string {
  if (input.length === 0) renew();
  const version = core.jid_unicode();
  return `${version >>> 16}.${(version >>> 8) & 0xff}.${version & 0xff}`;
}
