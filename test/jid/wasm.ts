/*
 * The core's exports for addresses, as docs/ABI.md has them, without the bindings: what the reference is
 * compared with unit by unit. Works with the full module and with the one for addresses alone.
 *
 * A driver that trusts nothing: lengths, places and states that contradict each other throw.
 */

import { readFileSync } from 'node:fs';
import { instantiateSync } from '@assemblyscript/loader';
import {
  Abi,
  JidControl,
  JidInput,
  JidOption,
  JidPart,
  JidResult,
  JidState,
} from '../../assembly/abi.js';
import { jidErrorTable } from '../../bindings/jid-error-table.js';
import type { Address, Options, Part } from '../reference/jid/jid.js';

interface JidExports {
  readonly memory: WebAssembly.Memory;
  core_open(seed: number): number;
  jid_control_ptr(): number;
  jid_input_ptr(): number;
  jid_parse(length: number, options: number): number;
  jid_parse_utf8(length: number, options: number): number;
  jid_part(part: number, length: number, options: number): number;
  jid_ascii(length: number): number;
  jid_nfc(length: number): number;
}

export interface CoreRefusal {
  readonly ok: false;
  readonly part: Part;
  readonly rule: string;
  readonly codePoint: number | undefined;
  /** UTF-16 units, in `parseUtf8` octets. */
  readonly index: number | undefined;
}

export interface CoreAddress extends Address {
  /** As a whole. */
  readonly text: string;
  /** Whether the core says that the source is it. */
  readonly isSame: boolean;
}

/** What a part alone or an ASCII form becomes. */
export type CoreText = { readonly ok: true; readonly text: string } | CoreRefusal;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const parts: readonly Part[] = ['local', 'domain', 'resource'];
const partNumbers = {
  local: JidPart.Local,
  domain: JidPart.Domain,
  resource: JidPart.Resource,
} as const;

export class JidCore {
  readonly #exports: JidExports;

  constructor(wasm: Uint8Array<ArrayBuffer>) {
    const { instance } = instantiateSync(new WebAssembly.Module(wasm), {});
    this.#exports = instance.exports as unknown as JidExports;
    const version = this.#exports.core_open(1);
    if (version !== (Abi.Version as number)) throw new Error(`the core's ABI is ${version}`);
  }

  static load(path: string | URL): JidCore {
    return new JidCore(new Uint8Array(readFileSync(path)));
  }

  get memorySize(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** Of at most JidInput.Max units. */
  parse(source: string, options: Options = {}): CoreAddress | CoreRefusal {
    const length = this.#write(source);
    const result = this.#exports.jid_parse(length, optionsOf(options));
    if (result < 0) return this.#refusal(result);
    const state = result & JidResult.State;
    let text = source;
    if (state === (JidState.Case as number)) {
      const slash = source.indexOf('/');
      const end = slash < 0 ? source.length : slash;
      text = asciiLowerCase(source.slice(0, end)) + source.slice(end);
    } else if (state === (JidState.Changed as number)) text = this.#unitsOfResult();
    return cut(text, result, (one) => one.length, state === (JidState.Same as number));
  }

  /** Of at most JidInput.OctetsMax octets, which need not be UTF-8. */
  parseUtf8(octets: Uint8Array, options: Options = {}): CoreAddress | CoreRefusal {
    new Uint8Array(this.#exports.memory.buffer).set(octets, this.#exports.jid_input_ptr());
    const result = this.#exports.jid_parse_utf8(octets.length, optionsOf(options));
    if (result < 0) return this.#refusal(result);
    const state = result & JidResult.State;
    const isSame = state === (JidState.Same as number);
    const text = decoder.decode(isSame ? octets : this.#octetsOfResult());
    return cut(text, result, (one) => encoder.encode(one).length, isSame);
  }

  /** One part alone, of at most JidInput.Size units. */
  part(part: Part, source: string, options: Options = {}): CoreText {
    const length = this.#write(source);
    return this.#text(
      source,
      this.#exports.jid_part(partNumbers[part], length, optionsOf(options)),
    );
  }

  /** The form for DNS of a canonical domainpart. */
  ascii(domain: string): CoreText {
    return this.#text(domain, this.#exports.jid_ascii(this.#write(domain)));
  }

  /** Normalization form C of at most 1,023 units. */
  normalize(source: string): string {
    const result = this.#exports.jid_nfc(this.#write(source));
    if (result < 0) throw new Error(`jid_nfc answers ${result}`);
    return this.#unitsOfResult();
  }

  #text(source: string, result: number): CoreText {
    if (result < 0) return this.#refusal(result);
    const state = result & JidResult.State;
    if (result >>> JidResult.AtShift !== 0) throw new Error('a part alone has no separators');
    if (state === (JidState.Same as number)) return { ok: true, text: source };
    if (state === (JidState.Case as number)) return { ok: true, text: asciiLowerCase(source) };
    return { ok: true, text: this.#unitsOfResult() };
  }

  #write(source: string): number {
    if (source.length > (JidInput.Size as number)) throw new Error('the source is too long');
    const { buffer } = this.#exports.memory;
    const units = new Uint16Array(buffer, this.#exports.jid_input_ptr(), JidInput.Size);
    for (let index = 0; index < source.length; index++) units[index] = source.charCodeAt(index);
    // What an earlier source left behind must not be read.
    units.fill(0x61, source.length, source.length + 32);
    return source.length;
  }

  #control(word: JidControl): number {
    const place = this.#exports.jid_control_ptr() + word * 4;
    return new DataView(this.#exports.memory.buffer).getUint32(place, true);
  }

  #unitsOfResult(): string {
    const { buffer } = this.#exports.memory;
    const length = this.#control(JidControl.ResultLength);
    if (length > 8192) throw new Error(`a result of ${length} units`);
    return String.fromCharCode(
      ...new Uint16Array(buffer, this.#control(JidControl.ResultPtr), length),
    );
  }

  #octetsOfResult(): Uint8Array {
    const start = this.#control(JidControl.ResultPtr);
    const length = this.#control(JidControl.ResultLength);
    return new Uint8Array(this.#exports.memory.buffer.slice(start, start + length));
  }

  #refusal(result: number): CoreRefusal {
    const entry = jidErrorTable[-result];
    if (entry === undefined) throw new Error(`the core answers ${result}`);
    const present = (value: number): number | undefined =>
      value === (JidControl.None as number) ? undefined : value;
    const part = parts.at(this.#control(JidControl.Part));
    if (part === undefined) throw new Error('no such part');
    return {
      ok: false,
      part,
      rule: entry.rule,
      codePoint: present(this.#control(JidControl.CodePoint)),
      index: present(this.#control(JidControl.Index)),
    };
  }
}

function optionsOf({ allowUnderscore, strict }: Options): number {
  return (
    (allowUnderscore === true ? JidOption.AllowUnderscore : 0) +
    (strict === true ? JidOption.Strict : 0)
  );
}

function asciiLowerCase(text: string): string {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) throw new Error('case only, and not ASCII');
  }
  return text.toLowerCase();
}

/** Cuts where the packed result says, and looks whether the separators are there. */
function cut(
  text: string,
  result: number,
  lengthOf: (text: string) => number,
  isSame: boolean,
): CoreAddress {
  const at = (result >>> JidResult.AtShift) & JidResult.AtMask;
  const slash = result >>> JidResult.SlashShift;
  const bareEnd = text.indexOf('/');
  const bare = bareEnd < 0 ? text : text.slice(0, bareEnd);
  const localEnd = bare.indexOf('@');
  const local = localEnd < 0 ? '' : bare.slice(0, localEnd);
  const resource = bareEnd < 0 ? '' : text.slice(bareEnd + 1);
  if (lengthOf(local) !== at || (bareEnd < 0 ? 0 : lengthOf(bare)) !== slash) {
    throw new Error(`separators at ${at} and ${slash} of ${JSON.stringify(text)}`);
  }
  return { ok: true, local, domain: bare.slice(localEnd + 1), resource, text, isSame };
}
