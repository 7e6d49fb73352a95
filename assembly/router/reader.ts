/*
 * What the router is reading: the tape of one chunk, up to where it has come, and whose stream it is.
 *
 * The tape and the window lie where the tokenizer left them, or, when other streams were fed in the meantime,
 * in a block of the router's own (rest.ts).
 */
import { Node } from './nodes';

/** Room for addresses that differ from their source, in one round. */
export const TextSize: u32 = 65536;

export class Reader {
  static tape: usize = 0;
  static end: usize = 0;
  static base: usize = 0;
  static seat: Node | null = null;
  static facts: u32 = 0;
  /** Canonical address of the client whose stanzas they are: its octets, and those of the bare JID. */
  static from: usize = 0;
  static fromLength: u32 = 0;
  static fromBare: u32 = 0;
  /** Content namespace of the stream. */
  static content: u32 = 0;
  /** Next free byte of the texts, and their end. */
  static text: usize = 0;
  static textEnd: usize = 0;

  static textRoom(): u32 {
    return <u32>(Reader.textEnd - Reader.text);
  }
}
