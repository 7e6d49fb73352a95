/*
 * Writing a stanza for another stream (RFC 6120, sections 4.8.3, 8.1.2.1 and 8.1.5): its bytes as they came, with
 *
 *     <message from='romeo@example.net/orchard' xmlns='jabber:client' xml:lang='en' xmlns:p='urn:p' to='...'>
 *             \____________ stamp ____________/ \______ Declare ____/ \___ extra: header of its stream ____/
 *
 * `from` replaced in its place or put behind the name, the content namespace declared where the target asks for
 * it and renamed where it differs, the language and the prefixes that the stanza has from its stream's header
 * declared. All else is copied (but see correction.ts). And the error reply to a stanza (section 8.3).
 *
 * The same functions measure: with Out.measuring nothing is stored, only the cursor moves.
 */
import { Condition, Flag, Kind, Name, SeatFlag, Tape } from '../abi';
import { copy } from '../memory';
import { RecordSize, word } from '../xml/tape';
import { putCorrectedContent, putCorrected } from './correction';
import { Head } from './head';
import { Node } from './nodes';
import {
  ContentLength,
  ContentOffset,
  ContentTextLength,
  Form,
  Out,
  contentText,
  isAttribute,
  isContent,
  put,
  putAttribute,
  putByte,
} from './output';
import { extraEnd, putExtra, putPrefixes } from './prefixes';
import { Reader } from './reader';
import { FromLength, FromText, Stamp, ToLength, ToText, putStamp } from './stamp';

/** ` type='error'` */
const TypeErrorText: usize = memory.data<u8>([
  32, 116, 121, 112, 101, 61, 39, 101, 114, 114, 111, 114, 39,
]);
const TypeErrorLength: u32 = 13;
/** `<error type='cancel'><service-unavailable` */
const CancelText: usize = memory.data<u8>([
  60, 101, 114, 114, 111, 114, 32, 116, 121, 112, 101, 61, 39, 99, 97, 110, 99, 101, 108, 39, 62,
  60, 115, 101, 114, 118, 105, 99, 101, 45, 117, 110, 97, 118, 97, 105, 108, 97, 98, 108, 101,
]);
const CancelLength: u32 = 41;
/** `<error type='modify'><jid-malformed` */
const MalformedJidText: usize = memory.data<u8>([
  60, 101, 114, 114, 111, 114, 32, 116, 121, 112, 101, 61, 39, 109, 111, 100, 105, 102, 121, 39, 62,
  60, 106, 105, 100, 45, 109, 97, 108, 102, 111, 114, 109, 101, 100,
]);
const MalformedJidLength: u32 = 35;
/** `<error type='modify'><bad-request` */
const BadFormText: usize = memory.data<u8>([
  60, 101, 114, 114, 111, 114, 32, 116, 121, 112, 101, 61, 39, 109, 111, 100, 105, 102, 121, 39, 62,
  60, 98, 97, 100, 45, 114, 101, 113, 117, 101, 115, 116,
]);
const BadFormLength: u32 = 33;
/** `<error type='wait'><resource-constraint` */
const ConstraintText: usize = memory.data<u8>([
  60, 101, 114, 114, 111, 114, 32, 116, 121, 112, 101, 61, 39, 119, 97, 105, 116, 39, 62, 60, 114,
  101, 115, 111, 117, 114, 99, 101, 45, 99, 111, 110, 115, 116, 114, 97, 105, 110, 116,
]);
const ConstraintLength: u32 = 39;
/** ` xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></` */
const TailText: usize = memory.data<u8>([
  32, 120, 109, 108, 110, 115, 61, 39, 117, 114, 110, 58, 105, 101, 116, 102, 58, 112, 97, 114, 97,
  109, 115, 58, 120, 109, 108, 58, 110, 115, 58, 120, 109, 112, 112, 45, 115, 116, 97, 110, 122, 97,
  115, 39, 47, 62, 60, 47, 101, 114, 114, 111, 114, 62, 60, 47,
]);
const TailLength: u32 = 56;

/** A payload is sent back with an error only if the stanza is not longer: nobody needs an echo of 200 KB. */
const EchoMax: u32 = 4096;

/** How long the common form is: of a client, with nothing but `from` added or replaced. */
export function plainLength(head: Head): u32 {
  const length = head.sourceEnd - head.source + Stamp.length;
  const record = <usize>head.fromRecord;
  if (record == 0) return length;
  // From the name to the closing quote; the space before it stays, and the stamp's own does not come.
  const end = word(record, Tape.Offset) + word(record, Tape.Extent) + 1;
  return length - (end - word(record, Tape.Detail)) - 1;
}

/** The bytes of a stanza in a form, from Out.cursor on; only counted while Out.measuring. */
export function putStanza(head: Head, form: u32): void {
  if (form & Form.Reply) return putReply(head, form);
  if (head.isIndirect) return putCorrected(head, form);
  const seat = Reader.seat!;
  const stamped = !(seat.flags & SeatFlag.Server);
  const bare = (form & Form.Bare) != 0;
  let p = <usize>head.source;
  const nameEnd = p + 1 + head.nameLength;
  put(p, <u32>(nameEnd - p));
  p = nameEnd;
  if (head.kind == Name.None) {
    // What is no stanza is for the host, which sees it as it came.
    putPrefixes(head, <usize>seat.text + seat.length + seat.lang, extraEnd(seat), 0);
    return put(p, <u32>(<usize>head.sourceEnd - p));
  }
  if (stamped && head.fromRecord == 0) putStamp(bare, 0);
  if (form & Form.Declare && head.xmlnsRecord == 0) put(contentText(form), ContentTextLength);
  putExtra(head, seat, form);
  let record = <usize>head.start + RecordSize;
  for (; isAttribute(record); record += RecordSize) {
    const value = Reader.base + word(record, Tape.Offset);
    if (record == head.fromRecord && stamped) {
      const name = Reader.base + word(record, Tape.Detail);
      put(p, <u32>(name - p));
      putStamp(bare, 1);
      p = value + word(record, Tape.Extent) + 1;
    } else if (record == head.toRecord && bare) {
      put(p, <u32>(value - p));
      put(head.to, head.toBare);
      p = value + word(record, Tape.Extent);
    } else if (form & Form.Rename && (record == head.xmlnsRecord || isContent(record))) {
      put(p, <u32>(value - p));
      put(contentText(form) + ContentOffset, ContentLength);
      p = value + word(record, Tape.Extent);
    }
  }
  const rest = Out.cursor;
  put(p, <u32>(<usize>head.sourceEnd - p));
  if (!(form & Form.Rename) || Out.measuring) return;
  // Both names have one length, so those of descendants are overwritten where they have been copied to.
  for (; record < <usize>head.end; record += RecordSize) {
    if (!isContent(record)) continue;
    const value = Reader.base + word(record, Tape.Offset);
    copy(rest + (value - p), contentText(form) + ContentOffset, ContentLength);
  }
}

/** The error reply: same kind and id, addresses swapped, the payload if it is small (section 8.3.1). */
function putReply(head: Head, form: u32): void {
  const seat = Reader.seat!;
  putByte(0x3c);
  put(head.name, head.nameLength);
  put(TypeErrorText, TypeErrorLength);
  if (head.idRecord) putAttribute(head.idRecord);
  if (head.toRecord) putSwapped(FromText, FromLength, head.toRecord);
  else putStamp(true, 0);
  if (!(seat.flags & SeatFlag.Server)) {
    put(ToText, ToLength);
    put(Stamp.at + FromLength, Stamp.length - FromLength);
  } else if (head.fromRecord) putSwapped(ToText, ToLength, head.fromRecord);
  if (form & Form.Declare) put(contentText(0), ContentTextLength);
  if (<usize>head.sourceEnd - <usize>head.source <= EchoMax) putPayload(head, seat);
  else putByte(0x3e);
  const condition = <u32>head.condition;
  if (condition == Condition.JidMalformed) put(MalformedJidText, MalformedJidLength);
  else if (condition == Condition.BadRequest) put(BadFormText, BadFormLength);
  else if (condition == Condition.ResourceConstraint) put(ConstraintText, ConstraintLength);
  else put(CancelText, CancelLength);
  put(TailText, TailLength);
  put(head.name, head.nameLength);
  putByte(0x3e);
}

/** The value of an attribute in its own quotes, under the name that `text` ends with. */
function putSwapped(text: usize, length: u32, record: usize): void {
  put(text, length - 1);
  put(Reader.base + word(record, Tape.Offset) - 1, word(record, Tape.Extent) + 2);
}

/** The rest of the start tag, with the prefixes that the payload may need, and the payload. */
function putPayload(head: Head, seat: Node): void {
  const extra = <usize>seat.text + seat.length;
  putPrefixes(head, extra + seat.lang, extraEnd(seat), 0);
  let p = <usize>head.name + head.nameLength;
  for (let record = <usize>head.start + RecordSize; isAttribute(record); record += RecordSize) {
    if ((word(record, Tape.Head) & 0xff) == Kind.Xmlns && record != head.xmlnsRecord) {
      putAttribute(record);
    }
    p = Reader.base + word(record, Tape.Offset) + word(record, Tape.Extent) + 1;
  }
  putByte(0x3e);
  if (word(head.start, Tape.Head) & ((<u32>Flag.Empty) << 8)) return;
  while (load<u8>(p) != 0x3e) p++;
  if (head.isIndirect) return putCorrectedContent(head, 0, p + 1);
  const end = Reader.base + word(<usize>head.end - RecordSize, Tape.Detail);
  put(p + 1, <u32>(end - p - 1));
}
