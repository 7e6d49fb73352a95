/*
 * What all writing of stanzas shares: the cursor of the output, and the pieces that are put there. With Out.measuring
 * nothing is stored and only the cursor moves, so that the same functions measure and write.
 */
import { Flag, Kind, Namespace, Tape } from '../abi';
import { copy } from '../memory';
import { unescapeValue } from '../xml/references';
import { word } from '../xml/tape';
import { equal } from './directory';
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

/** Where the next byte goes. */
export class Out {
  static cursor: usize = 0;
  static measuring: bool = false;
}

/** ` xmlns='jabber:client'` */
const ClientText: usize = memory.data<u8>([
  32, 120, 109, 108, 110, 115, 61, 39, 106, 97, 98, 98, 101, 114, 58, 99, 108, 105, 101, 110, 116,
  39,
]);
/** Of both. */
export const ContentTextLength: u32 = 22;
/** ` xmlns='jabber:server'` */
const ServerText: usize = memory.data<u8>([
  32, 120, 109, 108, 110, 115, 61, 39, 106, 97, 98, 98, 101, 114, 58, 115, 101, 114, 118, 101, 114,
  39,
]);
/** Bytes of `jabber:client` and of `jabber:server` alike, and where they begin in the declarations above. */
export const ContentLength: u32 = 13;
export const ContentOffset: u32 = 8;

export function put(p: usize, length: u32): void {
  if (!Out.measuring) copy(Out.cursor, p, length);
  Out.cursor += length;
}

export function putByte(c: u32): void {
  if (!Out.measuring) store<u8>(Out.cursor, <u8>c);
  Out.cursor++;
}

/** An attribute as it is written, behind a space. */
export function putAttribute(record: usize): void {
  const name = Reader.base + word(record, Tape.Detail);
  const end = Reader.base + word(record, Tape.Offset) + word(record, Tape.Extent) + 1;
  putByte(0x20);
  put(name, <u32>(end - name));
}

/** Whether a record declares the content namespace of the stream. */
export function isContent(record: usize): bool {
  if ((word(record, Tape.Head) & 0xff) != Kind.Xmlns) return false;
  if (word(record, Tape.Extent) != ContentLength) return false;
  const value = Reader.base + word(record, Tape.Offset);
  return equal(value, contentText(0) + ContentOffset, ContentLength);
}

/** A declaration is looked at up to this length when it is written with references. */
const EscapedMax: u32 = 4096;

/** The same, also where the declaration is written with references. */
export function meansContent(record: usize): bool {
  if (!(word(record, Tape.Head) & ((<u32>Flag.Escaped) << 8))) return isContent(record);
  const length = word(record, Tape.Extent);
  if (length > EscapedMax || (word(record, Tape.Head) & 0xff) != Kind.Xmlns) return false;
  const value = Reader.base + word(record, Tape.Offset);
  const plain = Reader.text;
  if (unescapeValue(value, value + length, plain) - plain != ContentLength) return false;
  return equal(plain, contentText(0) + ContentOffset, ContentLength);
}

export function isAttribute(record: usize): bool {
  const kind = word(record, Tape.Head) & 0xff;
  return kind == Kind.Attribute || kind == Kind.Xmlns;
}

/** ` xmlns='...'` of the stream, or of the other kind of streams. */
export function contentText(form: u32): usize {
  const server = (Reader.content == Namespace.Server) != ((form & Form.Rename) != 0);
  return server ? ServerText : ClientText;
}
