/*
 * The head of a stanza, read from the tape: kind and type, the attributes that routing looks at, `to` in
 * canonical form (RFC 7622), and whether the form is right (RFC 6120, section 8.2.3; RFC 6121, section 4.7.2.3).
 *
 * A Head holds addresses: of records on the tape, of source bytes in the window, and of the canonical `to`,
 * which is the source itself or a copy among the texts of this round. All are valid until the next feed.
 */
import { Condition, Flag, Kind, Name, Row, Tape } from '../abi';
import { prepareUtf8, Prepared } from '../jid/prepare';
import { copy } from '../memory';
import { Key } from '../xml/elements';
import { unescapeValue } from '../xml/references';
import { RecordSize, word } from '../xml/tape';
import { nameNumber } from '../xml/vocabulary-index';
import { hashOf } from './directory';
import { isAttribute, meansContent } from './output';
import { Reader } from './reader';
import { Scope } from './scope';

@unmanaged
export class Head {
  /** START, and the record behind the stanza's END. */
  start: u32;
  end: u32;
  /** `<`, and the byte behind the stanza. */
  source: u32;
  sourceEnd: u32;
  row: u8;
  /** Name of the element: Message, Presence, Iq, or None for what is no stanza. */
  kind: u8;
  condition: u8;
  /** A body, or a hint to store the message. */
  storable: u8;
  /** Canonical `to`: octets, their count, those of the bare JID and of the localpart; 0 without `to`. */
  to: u32;
  toLength: u16;
  toBare: u16;
  toLocal: u16;
  priority: i8;
  /** Some element has the content namespace by a prefix (correction.ts). */
  isIndirect: bool;
  /** Of the bare JID. */
  hash: u32;
  /** The node that has this hash, or 0: to be asked for, it may be another's. */
  node: u32;
  /** Records of attributes, or 0. */
  toRecord: u32;
  fromRecord: u32;
  idRecord: u32;
  langRecord: u32;
  xmlnsRecord: u32;
  /** Canonical `from` of another server's stanza, or 0. */
  from: u32;
  fromLength: u32;
  fromBare: u32;
  /** The local name of a stanza in the source, the whole name of what is none. */
  name: u32;
  nameLength: u32;
}
/** With what is cleared along with it. */
export const HeadSize: u32 = 96;

/** memory.fill calls out of wasm, which shows where it is done for each stanza. */
function clear(head: usize): void {
  for (let offset: usize = 0; offset < HeadSize; offset += 16) {
    v128.store(head + offset, i8x16.splat(0));
  }
}

/** Ids of further names of the vocabulary, and of the namespace of hints. */
const enum Id {
  Id = 7,
  To = 8,
  From = 9,
  Type = 10,
  Body = 11,
  Priority = 24,
  Store = 153,
  Hints = 44,
}

/** Types of each kind: length, row, characters; 0 ends a kind. The most frequent come first. */
// prettier-ignore
const TYPES: usize = memory.data<u8>([
  4, 1, 99, 104, 97, 116, // chat
  9, 2, 103, 114, 111, 117, 112, 99, 104, 97, 116, // groupchat
  8, 3, 104, 101, 97, 100, 108, 105, 110, 101, // headline
  5, 4, 101, 114, 114, 111, 114, // error
  0,
  11, 6, 117, 110, 97, 118, 97, 105, 108, 97, 98, 108, 101, // unavailable
  9, 7, 115, 117, 98, 115, 99, 114, 105, 98, 101, // subscribe
  10, 8, 115, 117, 98, 115, 99, 114, 105, 98, 101, 100, // subscribed
  11, 9, 117, 110, 115, 117, 98, 115, 99, 114, 105, 98, 101, // unsubscribe
  12, 10, 117, 110, 115, 117, 98, 115, 99, 114, 105, 98, 101, 100, // unsubscribed
  5, 11, 112, 114, 111, 98, 101, // probe
  5, 12, 101, 114, 114, 111, 114, // error
  0,
  3, 13, 103, 101, 116, // get
  3, 14, 115, 101, 116, // set
  6, 15, 114, 101, 115, 117, 108, 116, // result
  5, 16, 101, 114, 114, 111, 114, // error
  0,
]);
/** Bytes of TYPES before the types of presence, and of iq. */
const PresenceTypes: usize = 35;
const IqTypes: usize = 113;

/** The row of the `length` bytes at `p` among the types of a kind, Row.None when it is none. */
function rowOf(kind: u32, p: usize, length: u32): u32 {
  let type = TYPES + (kind == Name.Message ? 0 : kind == Name.Presence ? PresenceTypes : IqTypes);
  for (let size = <u32>load<u8>(type); size != 0; size = <u32>load<u8>(type)) {
    type += 2;
    if (size == length && Key.low(type, min(size, 8)) == Key.low(p, min(size, 8))) {
      const rest = size > 8 ? size - 8 : 0;
      if (Key.low(type + 8, rest) == Key.low(p + 8, rest)) return <u32>load<u8>(type - 1);
    }
    type += size;
  }
  return Row.None;
}

/** Values with references are read up to this many bytes; a round has room for one at least (reader.ts). */
export const ValueMax: u32 = 16384;

/** Address of a value, unescaped where it has to be; Value.length has its length. */
export class Value {
  static at: usize = 0;
  static length: u32 = 0;
}

export function readValue(record: usize): void {
  Value.at = Reader.base + word(record, Tape.Offset);
  Value.length = word(record, Tape.Extent);
  if (word(record, Tape.Head) & ((<u32>Flag.Escaped) << 8)) {
    const place = Reader.text;
    // What is so long stays as it is: it is no type, and no address that anybody needs.
    if (Value.length > ValueMax) return;
    Value.length = <u32>(unescapeValue(Value.at, Value.at + Value.length, place) - place);
    Value.at = place;
  }
}

/** Reads the unit whose START is at `start` into `head`. `content` is the stream's content namespace. */
export function readHead(head: Head, start: usize, content: u32): void {
  const end = start + word(start, Tape.Extent);
  clear(changetype<usize>(head));
  head.start = <u32>start;
  head.end = <u32>end;
  head.source = <u32>(Reader.base + word(start, Tape.Offset));
  head.sourceEnd = <u32>(Reader.base + word(end - RecordSize, Tape.Extent));
  head.row = <u8>Row.None;
  const name = nameOf(start);
  const isStanza =
    word(start, Tape.Detail) == content &&
    name - <u32>Name.Message <= <u32>(Name.Iq - Name.Message) &&
    readyIndirect(head);
  head.name = head.source + 1;
  if (!isStanza) {
    head.nameLength = nameLengthAt(head.name);
    return;
  }
  if (word(start, Tape.Head) & ((<u32>Flag.Prefixed) << 8)) head.name += prefixAt(head.name) + 1;
  head.nameLength = name == Name.Message ? 7 : name == Name.Presence ? 8 : 2;
  head.kind = <u8>name;
  let type: usize = 0;
  let record = start + RecordSize;
  for (; ; record += RecordSize) {
    const first = word(record, Tape.Head);
    const kind = first & 0xff;
    if (kind != Kind.Attribute && kind != Kind.Xmlns) break;
    const id = first >> 16;
    if (id == Id.To) head.toRecord = <u32>record;
    else if (id == Id.From) head.fromRecord = <u32>record;
    else if (id == Id.Type) type = record;
    else if (id == Id.Id) head.idRecord = <u32>record;
    else if (id == Name.XmlLang) head.langRecord = <u32>record;
    else if (id == Name.Xmlns) head.xmlnsRecord = <u32>record;
  }
  if (type) {
    readValue(type);
    head.row = <u8>rowOf(name, Value.at, Value.length);
    // RFC 6121, section 5.2.2: a type that is not understood means normal.
    if (name == Name.Message && head.row == Row.None) head.row = <u8>Row.Normal;
  } else if (name == Name.Message) head.row = <u8>Row.Normal;
  else if (name == Name.Presence) head.row = <u8>Row.Available;
  readContent(head, record);
  if (head.toRecord) readTo(head);
}

/** Number of the local name of a START in the vocabulary, 0 when it has none. */
function nameOf(start: usize): u32 {
  const first = word(start, Tape.Head);
  if (!(first & ((<u32>Flag.Prefixed) << 8))) return first >> 16;
  const name = Reader.base + word(start, Tape.Offset) + 1;
  const prefix = prefixAt(name) + 1;
  const length = nameLengthAt(name) - prefix;
  return length > 255 ? 0 : nameNumber(name + prefix, length);
}

/** Bytes of the name, with its prefix, that begins at `p`. */
export function nameLengthAt(p: usize): u32 {
  let end = p;
  let c = <u32>load<u8>(end);
  while (c > 0x20 && c != 0x2f && c != 0x3e) c = <u32>load<u8>(++end);
  return <u32>(end - p);
}

/** Bytes of the prefix of the name at `p`, which has one. */
export function prefixAt(p: usize): u32 {
  let end = p;
  while (load<u8>(end) != 0x3a) end++;
  return <u32>(end - p);
}

/** Sees to it that a stanza which has to be corrected can be; without memory it is taken for none. */
function readyIndirect(head: Head): bool {
  if (!isIndirect(head)) return true;
  head.isIndirect = true;
  return Scope.ready((<u32>head.end - head.start) / (2 * <u32>RecordSize));
}

/** Whether an element has the content namespace by a prefix, or by a declaration that is written with references. */
function isIndirect(head: Head): bool {
  for (let record = <usize>head.start; record < <usize>head.end; record += RecordSize) {
    const first = word(record, Tape.Head);
    if (!(first & ((<u32>(Flag.Prefixed | Flag.Escaped)) << 8))) continue;
    const kind = first & 0xff;
    if (kind == Kind.Xmlns && first & ((<u32>Flag.Escaped) << 8) && meansContent(record))
      return true;
    const isPrefixed = kind == Kind.Start && (first & ((<u32>Flag.Prefixed) << 8)) != 0;
    if (isPrefixed && word(record, Tape.Detail) == Reader.content) return true;
  }
  return false;
}

/** Children at depth 1: how many an iq has, the priority of a presence, the body of a message. */
function readContent(head: Head, record: usize): void {
  const row = <u32>head.row;
  if (row == Row.MessageError) return;
  const content = word(head.start, Tape.Detail);
  let children: u32 = 0;
  let priorities: u32 = 0;
  while ((word(record, Tape.Head) & 0xff) != Kind.End) {
    if ((word(record, Tape.Head) & 0xff) != Kind.Start) {
      record += RecordSize;
      continue;
    }
    children++;
    const name = nameOf(record);
    const ns = word(record, Tape.Detail);
    if (row <= <u32>Row.Headline) {
      if (name == Id.Body && ns == content) head.storable = 1;
      if (name == Id.Store && ns == Id.Hints) head.storable = 1;
      if (head.storable) return;
    } else if (row == Row.Available && name == Id.Priority && ns == content) {
      priorities++;
      if (priorities > 1 || !readPriority(head, record)) head.condition = <u8>Condition.BadRequest;
    }
    record += word(record, Tape.Extent);
  }
  if (head.kind == Name.Message) return;
  if (row == Row.None) head.condition = <u8>Condition.BadRequest;
  if (head.kind != Name.Iq) return;
  const id = head.idRecord;
  if (id == 0 || word(id, Tape.Extent) == 0) head.condition = <u8>Condition.BadRequest;
  const wrong = row <= <u32>Row.Set ? children != 1 : row == Row.Result && children > 1;
  if (wrong) head.condition = <u8>Condition.BadRequest;
}

/** RFC 6121, section 4.7.2.3: an integer from -128 to 127, white space around it. */
function readPriority(head: Head, start: usize): bool {
  let record = start + RecordSize;
  while (isAttribute(record)) record += RecordSize;
  let number: i32 = 0;
  let isNegative = false;
  let state: u32 = Digits.Before;
  for (; (word(record, Tape.Head) & 0xff) == Kind.Text; record += RecordSize) {
    // In CDATA nothing is a reference.
    if (word(record, Tape.Head) & ((<u32>Flag.Cdata) << 8)) {
      Value.at = Reader.base + word(record, Tape.Offset);
      Value.length = word(record, Tape.Extent);
    } else readValue(record);
    const end = Value.at + Value.length;
    for (let p = Value.at; p < end; p++) {
      const c = <u32>load<u8>(p);
      if (c <= 0x20) {
        if (state == Digits.Signed) return false;
        if (state == Digits.Some) state = Digits.After;
      } else if (c - 0x30 <= 9) {
        if (state == Digits.After) return false;
        state = Digits.Some;
        // Far beyond what is allowed, and far from what overflows.
        number = min(number * 10 + <i32>(c - 0x30), 1000);
      } else {
        if (state != Digits.Before || (c != 0x2d && c != 0x2b)) return false;
        isNegative = c == 0x2d;
        state = Digits.Signed;
      }
    }
  }
  if ((word(record, Tape.Head) & 0xff) != Kind.End || state < <u32>Digits.Some) return false;
  if (isNegative) number = -number;
  head.priority = <i8>number;
  return number >= -128 && number <= 127;
}

/** How far the text of a priority has been read. */
const enum Digits {
  Before = 0,
  Signed = 1,
  Some = 2,
  After = 3,
}

/** Where the address that was prepared from an attribute stays for this round. */
export function keepPrepared(record: usize): usize {
  return keepFrom(Reader.base + word(record, Tape.Offset));
}

/** The same for what was prepared from bytes that stay. */
function keepFrom(source: usize): usize {
  if (Prepared.address == source) return source;
  const place = Reader.text;
  copy(place, Prepared.address, Prepared.length);
  Reader.text += Prepared.length;
  return place;
}

function readTo(head: Head): void {
  readValue(head.toRecord);
  setTo(head, Value.at, Value.length, Reader.base + word(head.toRecord, Tape.Offset));
}

/** A head of no stanza: of a row, for the address of `length` bytes at `to`, which stay (query.ts). */
export function fillHead(head: Head, row: u32, to: usize, length: u32): void {
  clear(changetype<usize>(head));
  head.row = <u8>row;
  const first = row <= <u32>Row.MessageError ? Name.Message : Name.Presence;
  head.kind = <u8>(row >= <u32>Row.Get ? Name.Iq : first);
  setTo(head, to, length, to);
}

/** Takes the address of `length` bytes at `p`; `source` is where they stay, if they are those of the source. */
function setTo(head: Head, p: usize, size: u32, source: usize): void {
  const result = prepareUtf8(p, size, 0);
  if (result < 0) {
    head.condition = <u8>Condition.JidMalformed;
    return;
  }
  const length = Prepared.length;
  const slash = (<u32>result) >> 14;
  const to = keepFrom(source);
  head.to = <u32>to;
  head.toLength = <u16>length;
  head.toBare = <u16>(slash ? slash : length);
  head.toLocal = <u16>(((<u32>result) >> 2) & 0xfff);
  head.hash = hashOf(to, head.toBare);
}
