/*
 * Writing a stanza for another stream (RFC 6120, sections 4.8.3, 8.1.2.1 and 8.1.5): its bytes as they came, with
 *
 *     <message from='romeo@example.net/orchard' xmlns='jabber:client' xml:lang='en' xmlns:p='urn:p' to='...'>
 *             \____________ stamp ____________/ \______ Declare ____/ \___ extra: header of its stream ____/
 *
 * `from` replaced in its place or put behind the name, the content namespace declared where the target asks for
 * it and renamed where it differs, the language and the prefixes that the stanza has from its stream's header
 * declared. All else is copied. And the error reply to a stanza (section 8.3).
 *
 * The same functions measure: with Out.measuring nothing is stored, only the cursor moves.
 */
import { Condition, Flag, Kind, Name, Namespace, SeatFlag, Tape } from '../abi';
import { copy, reserve } from '../memory';
import { RecordSize, word } from '../xml/tape';
import { equal } from './directory';
import { Head } from './head';
import { Node } from './nodes';
import { Reader } from './reader';

/** How a stanza is written; values are added up. */
export const enum Form {
  /** The content namespace is declared. */
  Declare = 1,
  /** The content namespace is the other one, of servers or of clients. */
  Rename = 2,
  /** `to` becomes bare, and the stamp too: subscriptions (RFC 6121, section 3.1.2). */
  Bare = 4,
  /** An error reply. */
  Reply = 8,
}

export class Out {
  static cursor: usize = 0;
  static measuring: bool = false;
}

/** ` from='...'` of the sender, escaped; the stamp with the bare JID is its beginning and a quote. */
class Stamp {
  static at: usize = 0;
  static length: u32 = 0;
  static bare: u32 = 0;
}
/** Six bytes for each of a resource of 1,023, and the rest of an address. */
const StampSize: u32 = 8448;

/** ` xmlns='jabber:client'` */
const ClientText: usize = memory.data<u8>([
  32, 120, 109, 108, 110, 115, 61, 39, 106, 97, 98, 98, 101, 114, 58, 99, 108, 105, 101, 110, 116,
  39,
]);
/** Of both. */
const ContentTextLength: u32 = 22;
/** ` xmlns='jabber:server'` */
const ServerText: usize = memory.data<u8>([
  32, 120, 109, 108, 110, 115, 61, 39, 106, 97, 98, 98, 101, 114, 58, 115, 101, 114, 118, 101, 114,
  39,
]);
/** ` type='error'` */
const TypeErrorText: usize = memory.data<u8>([
  32, 116, 121, 112, 101, 61, 39, 101, 114, 114, 111, 114, 39,
]);
const TypeErrorLength: u32 = 13;
/** ` from='` */
const FromText: usize = memory.data<u8>([32, 102, 114, 111, 109, 61, 39]);
const FromLength: u32 = 7;
/** ` to='` */
const ToText: usize = memory.data<u8>([32, 116, 111, 61, 39]);
const ToLength: u32 = 5;
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
/** ` xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></` */
const TailText: usize = memory.data<u8>([
  32, 120, 109, 108, 110, 115, 61, 39, 117, 114, 110, 58, 105, 101, 116, 102, 58, 112, 97, 114, 97,
  109, 115, 58, 120, 109, 108, 58, 110, 115, 58, 120, 109, 112, 112, 45, 115, 116, 97, 110, 122, 97,
  115, 39, 47, 62, 60, 47, 101, 114, 114, 111, 114, 62, 60, 47,
]);
const TailLength: u32 = 56;

/** Bytes of `jabber:client` and of `jabber:server` alike, and where they begin in the declarations above. */
const ContentLength: u32 = 13;
const ContentOffset: u32 = 8;
/** A payload is sent back with an error only if the stanza is not longer: nobody needs an echo of 200 KB. */
const EchoMax: u32 = 4096;

export function buildWriter(): bool {
  Stamp.at = reserve(StampSize);
  return Stamp.at != 0;
}

/** Makes the stamp of the seat whose stream is read. */
export function setStamp(seat: Node): void {
  copy(Stamp.at, FromText, FromLength);
  let to = Stamp.at + FromLength;
  const end = seat.text + seat.length;
  for (let p = <usize>seat.text; p < end; p++) to = escape(<u32>load<u8>(p), to);
  store<u8>(to, 0x27);
  Stamp.length = <u32>(to + 1 - Stamp.at);
  // Localpart and domain hold nothing that has to be escaped (RFC 7622, section 3.3.1).
  Stamp.bare = FromLength + seat.bare;
}

/** Writes one byte of an attribute value and returns the place after it. */
function escape(c: u32, to: usize): usize {
  // As numbers: one form for five characters.
  if (c == 0x26 || c == 0x27 || c == 0x22 || c == 0x3c || c == 0x3e) {
    store<u16>(to, 0x2326); // &#
    store<u8>(to, <u8>(0x30 + c / 10), 2);
    store<u8>(to, <u8>(0x30 + (c % 10)), 3);
    store<u8>(to, 0x3b, 4);
    return to + 5;
  }
  store<u8>(to, <u8>c);
  return to + 1;
}

function put(p: usize, length: u32): void {
  if (!Out.measuring) copy(Out.cursor, p, length);
  Out.cursor += length;
}

function putByte(c: u32): void {
  if (!Out.measuring) store<u8>(Out.cursor, <u8>c);
  Out.cursor++;
}

/** ` from='...'` with the full or the bare JID; from `skip` on. */
function putStamp(bare: bool, skip: u32): void {
  if (!bare) return put(Stamp.at + skip, Stamp.length - skip);
  put(Stamp.at + skip, Stamp.bare - skip);
  putByte(0x27);
}

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
  const seat = Reader.seat!;
  const stamped = !(seat.flags & SeatFlag.Server);
  const bare = (form & Form.Bare) != 0;
  let p = <usize>head.source;
  const nameEnd = p + 1 + nameLength(head);
  put(p, <u32>(nameEnd - p));
  p = nameEnd;
  if (head.kind == Name.None) {
    // What is no stanza is for the host, which sees it as it came.
    putPrefixes(head, <usize>seat.text + seat.length + seat.lang, extraEnd(seat));
    return put(p, <u32>(head.sourceEnd - p));
  }
  if (stamped && head.fromRecord == 0) putStamp(bare, 0);
  if (form & Form.Declare && head.xmlnsRecord == 0) put(contentText(form), ContentTextLength);
  putExtra(head, seat);
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
  put(p, <u32>(head.sourceEnd - p));
  if (!(form & Form.Rename) || Out.measuring) return;
  // Both names have one length, so those of descendants are overwritten where they have been copied to.
  for (; record < <usize>head.end; record += RecordSize) {
    if (!isContent(record)) continue;
    const value = Reader.base + word(record, Tape.Offset);
    copy(rest + (value - p), contentText(form) + ContentOffset, ContentLength);
  }
}

/** Whether a record declares the content namespace of the stream. */
function isContent(record: usize): bool {
  if ((word(record, Tape.Head) & 0xff) != Kind.Xmlns) return false;
  if (word(record, Tape.Extent) != ContentLength) return false;
  const value = Reader.base + word(record, Tape.Offset);
  return equal(value, contentText(0) + ContentOffset, ContentLength);
}

function isAttribute(record: usize): bool {
  const kind = word(record, Tape.Head) & 0xff;
  return kind == Kind.Attribute || kind == Kind.Xmlns;
}

function nameLength(head: Head): u32 {
  if (head.kind == Name.None) {
    let p = <usize>head.source + 1;
    while (!isNameEnd(<u32>load<u8>(p))) p++;
    return <u32>(p - head.source - 1);
  }
  return head.kind == Name.Message ? 7 : head.kind == Name.Presence ? 8 : 2;
}

function isNameEnd(c: u32): bool {
  return c <= 0x20 || c == 0x2f || c == 0x3e;
}

/** Where the bytes end that follow the address of a seat. */
function extraEnd(seat: Node): usize {
  return <usize>seat.text + seat.length + seat.extra;
}

/** ` xmlns='...'` of the stream, or of the other kind of streams. */
function contentText(form: u32): usize {
  const server = (Reader.content == Namespace.Server) != ((form & Form.Rename) != 0);
  return server ? ServerText : ClientText;
}

/** The language and the prefixes that the stanza has from the header of its stream. */
function putExtra(head: Head, seat: Node): void {
  if (seat.extra == 0) return;
  const extra = <usize>seat.text + seat.length;
  if (head.langRecord == 0) put(extra, seat.lang);
  putPrefixes(head, extra + seat.lang, extraEnd(seat));
}

/** Declarations of the header, [p, end): length of the prefix, two bytes of length, ` xmlns:prefix='...'`. */
function putPrefixes(head: Head, p: usize, end: usize): void {
  if (p == end || !hasPrefix(head)) return;
  while (p < end) {
    const length = <u32>load<u16>(p, 1);
    if (usesPrefix(head, p + 3 + PrefixOffset, load<u8>(p))) put(p + 3, length);
    p += 3 + length;
  }
}

/** Bytes of ` xmlns:`. */
const PrefixOffset: usize = 7;

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
    const offset = isStart ? word(record, Tape.Offset) + 1 : word(record, Tape.Detail);
    const name = Reader.base + offset;
    if (load<u8>(name + length) == 0x3a && equal(name, prefix, length)) return true;
  }
  return false;
}

/** The error reply: same kind and id, addresses swapped, the payload if it is small (section 8.3.1). */
function putReply(head: Head, form: u32): void {
  const seat = Reader.seat!;
  const name = <usize>head.source + 1;
  put(head.source, 1 + nameLength(head));
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
  else put(CancelText, CancelLength);
  put(TailText, TailLength);
  put(name, nameLength(head));
  putByte(0x3e);
}

/** An attribute as it is written, behind a space. */
function putAttribute(record: usize): void {
  const name = Reader.base + word(record, Tape.Detail);
  const end = Reader.base + word(record, Tape.Offset) + word(record, Tape.Extent) + 1;
  putByte(0x20);
  put(name, <u32>(end - name));
}

/** The value of an attribute in its own quotes, under the name that `text` ends with. */
function putSwapped(text: usize, length: u32, record: usize): void {
  put(text, length - 1);
  put(Reader.base + word(record, Tape.Offset) - 1, word(record, Tape.Extent) + 2);
}

/** The rest of the start tag, with the prefixes that the payload may need, and the payload. */
function putPayload(head: Head, seat: Node): void {
  const extra = <usize>seat.text + seat.length;
  putPrefixes(head, extra + seat.lang, extraEnd(seat));
  let p = <usize>head.source + 1 + nameLength(head);
  for (let record = <usize>head.start + RecordSize; isAttribute(record); record += RecordSize) {
    if ((word(record, Tape.Head) & 0xff) == Kind.Xmlns && record != head.xmlnsRecord) {
      putAttribute(record);
    }
    p = Reader.base + word(record, Tape.Offset) + word(record, Tape.Extent) + 1;
  }
  putByte(0x3e);
  if (word(head.start, Tape.Head) & ((<u32>Flag.Empty) << 8)) return;
  while (load<u8>(p) != 0x3e) p++;
  const end = Reader.base + word(<usize>head.end - RecordSize, Tape.Detail);
  put(p + 1, <u32>(end - p - 1));
}
