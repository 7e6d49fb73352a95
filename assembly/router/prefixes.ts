/*
 * What a stanza has from the header of its stream and loses when it leaves it (RFC 6120, sections 4.8.5 and 8.1.5): the
 * language and the prefixes that it uses, declared on it. The bytes stand behind the address of the seat:
 *
 *      ` xml:lang='it'`   | 1 | 2    | ` xmlns:p='urn:p'` | 0 | 2    | ` xmlns='urn:q'` |
 *                           ^ bytes of the prefix           ^ none: the header's own default, where that is not
 *                               ^ bytes that follow           the content namespace
 */
import { Flag, Kind, Tape } from '../abi';
import { RecordSize, word } from '../xml/tape';
import { equal } from './directory';
import { Head } from './head';
import { Node } from './nodes';
import { ContentLength, ContentOffset, Form, contentText, isAttribute, put } from './output';
import { Reader } from './reader';

/** The language and the prefixes that the stanza has from the header of its stream. */
export function putExtra(head: Head, seat: Node, form: u32): void {
  if (seat.extra == 0) return;
  const extra = <usize>seat.text + seat.length;
  if (head.langRecord == 0) put(extra, seat.lang);
  putPrefixes(head, extra + seat.lang, extraEnd(seat), form);
}

/** Declarations of the header, [p, end): length of the prefix, two bytes of length, ` xmlns:prefix='...'`. */
export function putPrefixes(head: Head, p: usize, end: usize, form: u32): void {
  if (p == end || !hasPrefix(head)) return;
  while (p < end) {
    const length = <u32>load<u16>(p, 1);
    const prefix = <u32>load<u8>(p);
    if (prefix && usesPrefix(head, p + 3 + PrefixOffset, prefix)) {
      // An attribute in the content namespace moves with it.
      const value = p + 3 + PrefixOffset + prefix + 2;
      const isValue = length == PrefixOffset + prefix + 2 + ContentLength + 1;
      const isRenamed =
        (form & Form.Rename) != 0 &&
        isValue &&
        equal(value, contentText(0) + ContentOffset, ContentLength);
      put(p + 3, isRenamed ? length - ContentLength - 1 : length);
      if (isRenamed) put(contentText(form) + ContentOffset, ContentLength + 1);
    }
    p += 3 + length;
  }
}

/** ` xmlns=''` */
const NoneText: usize = memory.data<u8>([32, 120, 109, 108, 110, 115, 61, 39, 39]);
const NoneLength: u32 = 9;

/** The header's own default namespace, for elements that have it from there; only where it is not the content namespace. */
export function putHeaderDefault(seat: Node): void {
  const end = extraEnd(seat);
  let p = <usize>seat.text + seat.length + seat.lang;
  while (p < end && load<u8>(p) != 0) p += 3 + <usize>load<u16>(p, 1);
  if (p < end) put(p + 3, <u32>load<u16>(p, 1));
  else put(NoneText, NoneLength);
}

/** Bytes of ` xmlns:`. */
const PrefixOffset: u32 = 7;

/** Whether any name of the stanza has a prefix, but for attributes of its root in the namespace of XML. */
function hasPrefix(head: Head): bool {
  let flags = word(head.start, Tape.Head);
  let record = <usize>head.start + RecordSize;
  for (; isAttribute(record); record += RecordSize) {
    if (record != head.langRecord) flags |= word(record, Tape.Head);
  }
  for (; record < <usize>head.end; record += RecordSize) flags |= word(record, Tape.Head);
  return (flags & ((<u32>Flag.Prefixed) << 8)) != 0;
}

/** Whether a name of the stanza has this prefix, and its root does not declare it. */
function usesPrefix(head: Head, prefix: usize, length: u32): bool {
  let record = <usize>head.start + RecordSize;
  for (; isAttribute(record); record += RecordSize) {
    if ((word(record, Tape.Head) & 0xff) != Kind.Xmlns) continue;
    const name = Reader.base + word(record, Tape.Detail);
    // `xmlns:` and the prefix, then `=` or white space.
    const after = <u32>load<u8>(name + 6 + length);
    if (load<u8>(name, 5) != 0x3a || (after != 0x3d && after > 0x20)) continue;
    if (equal(name + 6, prefix, length)) return false;
  }
  for (record = head.start; record < <usize>head.end; record += RecordSize) {
    const first = word(record, Tape.Head);
    if (!(first & ((<u32>Flag.Prefixed) << 8))) continue;
    const isStart = (first & 0xff) == Kind.Start;
    // Elements of the content namespace lose their prefix (correction.ts), stanzas and what is in them.
    if (isStart && head.isIndirect && word(record, Tape.Detail) == Reader.content) continue;
    const offset = isStart ? word(record, Tape.Offset) + 1 : word(record, Tape.Detail);
    const name = Reader.base + offset;
    if (load<u8>(name + length) == 0x3a && equal(name, prefix, length)) return true;
  }
  return false;
}

/** Where the bytes end that follow the address of a seat. */
export function extraEnd(seat: Node): usize {
  return <usize>seat.text + seat.length + seat.extra;
}
