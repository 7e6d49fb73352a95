/*
 * Addresses of stanzas where they are: an attribute's value on the tape, unescaped where it has to be, prepared
 * (RFC 7622) without becoming a string before. Only the whole core has it: it needs the parser and addresses.
 */
import { Control, Flag, JidControl, JidInput, Kind, Tape } from './abi';
import { INPUT, Prepared, prepareUtf8 } from './jid/prepare';
import { CONTROL as RESULTS } from './jid/result';
import { unescapeValue } from './xml/references';
import { RecordSize, word } from './xml/tape';
import { CONTROL } from './xml/stream';

/**
 * Prepares the attribute of this vocabulary number of the START at `start`. Returns what JidResult describes, in octets,
 * with the canonical form at JidControl.ResultPtr in all states; -1 without such an attribute. Valid as the tape is.
 */
export function stanza_jid(start: i32, name: i32, options: i32): i32 {
  const base = <usize>load<u32>(CONTROL, (<usize>Control.BasePtr) << 2);
  let record = <usize>start + RecordSize;
  for (; ; record += RecordSize) {
    const first = word(record, Tape.Head);
    const kind = first & 0xff;
    if (kind != Kind.Attribute && kind != Kind.Xmlns) return -1;
    if (first >> 16 == <u32>name) break;
  }
  let value = base + word(record, Tape.Offset);
  let length = word(record, Tape.Extent);
  if (word(record, Tape.Head) & ((<u32>Flag.Escaped) << 8) && length <= <u32>JidInput.OctetsMax) {
    length = <u32>(unescapeValue(value, value + length, INPUT) - INPUT);
    value = INPUT;
  }
  const result = prepareUtf8(value, length, options);
  if (result >= 0) {
    store<u32>(RESULTS, <u32>Prepared.address, JidControl.ResultPtr << 2);
    store<u32>(RESULTS, Prepared.length, JidControl.ResultLength << 2);
  }
  return result;
}
