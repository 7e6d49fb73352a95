/*
 * Stanzas whose content namespace is not the default one (RFC 6120, section 4.8.5): "an XMPP server MUST NOT route or
 * deliver such data to another entity without first correcting the error".
 *
 *     <c:message xmlns:c='jabber:client' to='...'><c:body>Hi</c:body><x xmlns='urn:x'/><y/></c:message>
 *     <message xmlns:c='jabber:client' from='...' to='...'><body>Hi</body><x xmlns='urn:x'/><y xmlns=''/></message>
 *
 * Elements of the content namespace lose their prefix. So `xmlns` means something else around their content, and where
 * an element without a prefix needs what it meant before, or an element the content namespace, it is declared there.
 * Declarations of prefixes stay: attributes may need them. All else is copied.
 *
 * Which elements these are the tokenizer has said (Tape.Detail), and that there are some head.ts.
 */
import { Flag, Kind, Name, SeatFlag, Tape } from '../abi';
import { RecordSize, word } from '../xml/tape';
import { Head, nameLengthAt, prefixAt } from './head';
import {
  ContentLength,
  ContentOffset,
  ContentTextLength,
  Form,
  contentText,
  isAttribute,
  meansContent,
  put,
  putAttribute,
  putByte,
} from './output';
import { putExtra, putHeaderDefault } from './prefixes';
import { Reader } from './reader';
import { Default, Open, OpenSize, Scope } from './scope';
import { putStamp } from './stamp';

/** Where the source is read. */
class Source {
  static cursor: usize = 0;
}

/** Copies what has not been copied yet, up to `end`. */
function copyTo(end: usize): void {
  put(Source.cursor, <u32>(end - Source.cursor));
  Source.cursor = end;
}

/** The whole stanza in a form, as putStanza. */
export function putCorrected(head: Head, form: u32): void {
  const seat = Reader.seat!;
  const isStamped = !(seat.flags & SeatFlag.Server);
  const bare = (form & Form.Bare) != 0;
  putByte(0x3c);
  put(head.name, head.nameLength);
  if (isStamped && head.fromRecord == 0) putStamp(bare, 0);
  if (form & Form.Declare) put(contentText(form), ContentTextLength);
  putExtra(head, seat, form);
  Source.cursor = head.name + head.nameLength;
  let record = <usize>head.start + RecordSize;
  for (; isAttribute(record); record += RecordSize) {
    const value = Reader.base + word(record, Tape.Offset);
    if (record == head.fromRecord && isStamped) {
      copyTo(Reader.base + word(record, Tape.Detail));
      putStamp(bare, 1);
      Source.cursor = value + word(record, Tape.Extent) + 1;
    } else if (record == head.toRecord && bare) {
      copyTo(value);
      put(head.to, head.toBare);
      Source.cursor = value + word(record, Tape.Extent);
    } else putRestOfTag(record, head.xmlnsRecord, form);
  }
  if (word(head.start, Tape.Head) & ((<u32>Flag.Empty) << 8)) return copyTo(head.sourceEnd);
  putContent(head, form, record);
  putByte(0x3c);
  putByte(0x2f);
  put(head.name, head.nameLength);
  putByte(0x3e);
}

/** What is in the stanza, from `start` on, behind its start tag; of an element that is not empty. */
export function putCorrectedContent(head: Head, form: u32, start: usize): void {
  Source.cursor = start;
  let record = <usize>head.start + RecordSize;
  while (isAttribute(record)) record += RecordSize;
  putContent(head, form, record);
}

/** From the first record behind the stanza's attributes on, up to its end tag. */
function putContent(head: Head, form: u32, record: usize): void {
  let place = Scope.stack;
  const root = changetype<Open>(place);
  root.source = head.xmlnsRecord ? defaultOf(head.xmlnsRecord) : <u32>Default.Header;
  root.written = Default.Content;
  const last = <usize>head.end - RecordSize;
  while (record < last) {
    const kind = word(record, Tape.Head) & 0xff;
    if (kind == Kind.Start) {
      place += OpenSize;
      putTag(record, changetype<Open>(place), form);
    } else if (kind == Kind.End) {
      const skip = changetype<Open>(place).skip;
      place -= OpenSize;
      if (skip) {
        // Behind `</`
        copyTo(Reader.base + word(record, Tape.Detail) + 2);
        Source.cursor += skip;
      }
    }
    record += RecordSize;
  }
  copyTo(Reader.base + word(last, Tape.Detail));
}

/** The start tag of an element inside; the entry below `open` is that of the element around it. */
function putTag(start: usize, open: Open, form: u32): void {
  const around = changetype<Open>(changetype<usize>(open) - OpenSize);
  const first = word(start, Tape.Head);
  const name = Reader.base + word(start, Tape.Offset) + 1;
  const isPrefixed = (first & ((<u32>Flag.Prefixed) << 8)) != 0;
  const isContent = word(start, Tape.Detail) == Reader.content;
  let own: usize = 0;
  let record = start + RecordSize;
  for (; isAttribute(record); record += RecordSize) {
    if (word(record, Tape.Head) >> 16 == Name.Xmlns) own = record;
  }
  open.source = own ? defaultOf(own) : around.source;
  const skip = isContent && isPrefixed ? prefixAt(name) + 1 : 0;
  open.skip = first & ((<u32>Flag.Empty) << 8) ? 0 : skip;
  // What has a prefix does not care for the default, but for its content it may stand here as it stood there.
  open.written = isContent
    ? <u32>Default.Content
    : isPrefixed && !own
      ? around.written
      : open.source;
  copyTo(name);
  Source.cursor += skip;
  copyTo(name + nameLengthAt(name));
  if (open.written != around.written) putDefault(open.written, form);
  for (record = start + RecordSize; isAttribute(record); record += RecordSize) {
    putRestOfTag(record, own, form);
  }
}

/** One attribute; that which declares the default has been put already, or is not needed any more. */
function putRestOfTag(record: usize, own: usize, form: u32): void {
  const value = Reader.base + word(record, Tape.Offset);
  if (record == own) {
    // Without the white space before it.
    copyTo(Reader.base + word(record, Tape.Detail) - 1);
    Source.cursor = value + word(record, Tape.Extent) + 1;
  } else if (form & Form.Rename && meansContent(record)) {
    copyTo(value);
    put(contentText(form) + ContentOffset, ContentLength);
    Source.cursor = value + word(record, Tape.Extent);
  }
}

function defaultOf(record: usize): u32 {
  return meansContent(record) ? <u32>Default.Content : <u32>record;
}

/** ` xmlns='...'` */
function putDefault(value: u32, form: u32): void {
  if (value == Default.Content) put(contentText(form), ContentTextLength);
  else if (value == Default.Header) putHeaderDefault(Reader.seat!);
  else putAttribute(value);
}
