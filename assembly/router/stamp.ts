/*
 * What is written of the sender (RFC 6120, section 8.1.2.1): its full or its bare JID as `from`, and as `to` of replies.
 */
import { copy, reserve } from '../memory';
import { Node } from './nodes';
import { put, putByte } from './output';
import { Reader } from './reader';

/** ` from='...'` of the sender, escaped; the stamp with the bare JID is its beginning and a quote. */
export class Stamp {
  /** Its full JID, put together. */
  static address: usize = 0;
  static at: usize = 0;
  static length: u32 = 0;
  static bare: u32 = 0;
}
/** Six bytes for each of a resource of 1,023, and the rest of an address. */
const StampSize: u32 = 8448;
/** Three parts of 1,023 octets, two separators, and what comparing loads behind them. */
const AddressSize: u32 = 3136;

/** ` from='` */
export const FromText: usize = memory.data<u8>([32, 102, 114, 111, 109, 61, 39]);
export const FromLength: u32 = 7;
/** ` to='` */
export const ToText: usize = memory.data<u8>([32, 116, 111, 61, 39]);
export const ToLength: u32 = 5;

export function buildStamp(): bool {
  Stamp.address = reserve(AddressSize);
  Stamp.at = reserve(StampSize);
  return Stamp.at != 0;
}

/** Makes the stamp of the client whose stream is read. */
export function setStamp(seat: Node): void {
  const account = changetype<Node>(<usize>seat.account);
  const bare = <u32>account.length;
  copy(Stamp.address, account.text, bare);
  store<u8>(Stamp.address + bare, 0x2f);
  copy(Stamp.address + bare + 1, seat.text, seat.length);
  Reader.from = Stamp.address;
  Reader.fromBare = bare;
  Reader.fromLength = bare + 1 + <u32>seat.length;
  copy(Stamp.at, FromText, FromLength);
  let to = Stamp.at + FromLength;
  const end = Stamp.address + Reader.fromLength;
  for (let p = Stamp.address; p < end; p++) to = escape(<u32>load<u8>(p), to);
  store<u8>(to, 0x27);
  Stamp.length = <u32>(to + 1 - Stamp.at);
  // Localpart and domain hold nothing that has to be escaped (RFC 7622, section 3.3.1).
  Stamp.bare = FromLength + bare;
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

/** ` from='...'` with the full or the bare JID; from `skip` on. */
export function putStamp(bare: bool, skip: u32): void {
  if (!bare) return put(Stamp.at + skip, Stamp.length - skip);
  put(Stamp.at + skip, Stamp.bare - skip);
  putByte(0x27);
}
