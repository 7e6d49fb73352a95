/*
 * The raw calls of the core for addresses, for what shows there alone: places in memory, encodings,
 * arguments that nobody should pass. wasm.ts is the driver that the reference is compared with.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instantiateSync } from '@assemblyscript/loader';
import { JidControl, JidInput, JidResult, JidState } from '../../assembly/abi.js';
import { jidErrorTable } from '../../bindings/jid-error-table.js';
import { root } from '../repository/files.js';

interface JidCalls {
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

/** Words of the block at `jid_control_ptr()`. */
type ControlWord =
  | JidControl.ResultPtr
  | JidControl.ResultLength
  | JidControl.Part
  | JidControl.CodePoint
  | JidControl.Index;

export class RawCore {
  readonly calls: JidCalls;

  constructor(build: string) {
    const module = new WebAssembly.Module(readFileSync(join(root, 'build', build)));
    this.calls = instantiateSync(module, {}).instance.exports as unknown as JidCalls;
    this.calls.core_open(1);
  }

  get size(): number {
    return this.calls.memory.buffer.byteLength;
  }

  /** All of the input, in code units. */
  get units(): Uint16Array {
    return new Uint16Array(this.calls.memory.buffer, this.calls.jid_input_ptr(), JidInput.Size);
  }

  get octets(): Uint8Array {
    return new Uint8Array(this.calls.memory.buffer, this.calls.jid_input_ptr(), JidInput.Size * 2);
  }

  control(word: ControlWord): number {
    const place = this.calls.jid_control_ptr() + word * 4;
    return new DataView(this.calls.memory.buffer).getUint32(place, true);
  }

  /** Writes `source`, with `behind` after it as often as there is room, up to 64 units. */
  write(source: string, behind = '\0'): number {
    const { units } = this;
    const text = source + behind.repeat(64);
    for (let index = 0; index < Math.min(text.length, units.length); index++) {
      units[index] = text.charCodeAt(index);
    }
    return source.length;
  }

  writeOctets(source: Uint8Array, behind = 0): number {
    const { octets } = this;
    octets.set(source);
    octets.fill(behind, source.length, source.length + 64);
    return source.length;
  }

  /** The canonical form of what was written last in UTF-16, or the error. */
  outcome(source: string, result: number): string {
    if (result < 0) return this.error(result);
    const state = result & JidResult.State;
    if (state === (JidState.Same as number)) return source;
    if (state === (JidState.Case as number)) {
      const slash = result >>> JidResult.SlashShift;
      const end = slash === 0 ? source.length : slash;
      return source.slice(0, end).toLowerCase() + source.slice(end);
    }
    const { buffer } = this.calls.memory;
    const length = this.control(JidControl.ResultLength);
    const units = new Uint16Array(buffer, this.control(JidControl.ResultPtr), length);
    return Array.from(units, (unit) => String.fromCharCode(unit)).join('');
  }

  /** The same in UTF-8; of a fault the place is not told, since it counts octets. */
  outcomeUtf8(source: Uint8Array, result: number): string {
    if (result < 0) return this.error(result);
    const isSame = (result & JidResult.State) === (JidState.Same as number);
    const start = this.control(JidControl.ResultPtr);
    const end = start + this.control(JidControl.ResultLength);
    const octets = isSame ? source : new Uint8Array(this.calls.memory.buffer).slice(start, end);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  }

  error(result: number): string {
    const rule = jidErrorTable[-result]?.rule ?? String(result);
    return `${['local', 'domain', 'resource'][this.control(JidControl.Part)]} ${rule}`;
  }

  parse(source: string, options = 0, behind?: string): string {
    return this.outcome(source, this.calls.jid_parse(this.write(source, behind), options));
  }

  parseUtf8(source: string, options = 0, behind?: number): string {
    const octets = new TextEncoder().encode(source);
    const length = this.writeOctets(octets, behind);
    return this.outcomeUtf8(octets, this.calls.jid_parse_utf8(length, options));
  }
}
