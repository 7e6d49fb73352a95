/*
 * The registers of the scan: what the tokenizer knows of the stream it is working on, while it is
 * working on it. stream.ts fills them from a stream's record before the scan and puts them back
 * after it; the files between read and change them. Plain static fields become wasm globals.
 *
 * Pointers are addresses in the window, the contiguous bytes [base, end) that hold everything of
 * the current unit; offsets on the tape count from `base`.
 */
/** Where the automaton stands. The pictures are in automaton.ts; numbers are kept in stream records. */
export const enum State {
  /** Before the first character of a stream, of a restarted stream, of a frame. */
  Start = 0,
  /** Outside the root element, before it. */
  Prolog = 1,
  /** Outside the root element, after it. */
  Epilog = 2,
  /** Between the stanzas of a stream. */
  Level = 3,
  /** Inside an element, between two tokens. */
  Content = 4,
  /** The same, and the shortcuts of lane.ts have given up on the token that follows. */
  Token = 5,
  Text = 6,
  Reference = 7,
  Markup = 8,
  StartName = 9,
  TagSpace = 10,
  AttributeName = 11,
  AttributeEquals = 12,
  AttributeQuote = 13,
  AttributeValue = 14,
  AttributeEnd = 15,
  EmptyTag = 16,
  EndName = 17,
  EndSpace = 18,
  Bang = 19,
  CommentOpen = 20,
  Comment = 21,
  CdataOpen = 22,
  Cdata = 23,
  Instruction = 24,
  InstructionBody = 25,
  Declaration = 26,
  DeclarationBody = 27,
  /** After a fault, or after stream_end: nothing is read any more. */
  Dead = 28,
  /** The window ends in a plain tag, which is read again with the bytes to come. Never kept in a record. */
  Cut = 29,
}

/** Tags up to this many bytes so far are read again when the window has cut them. */
export const RewindMax: usize = 256;

/** What a start tag needs beyond the checks of the fast lane; bits of `Scan.checks`. */
export const CheckElement: u32 = 1;
export const CheckNames: u32 = 2;
export const CheckDuplicates: u32 = 4;

export class Scan {
  /** The window, and where the tape's offsets count from. */
  static base: usize = 0;
  /** End of the validated bytes of the window; at least 64 times `<` stand behind it. */
  static end: usize = 0;
  /** Offset of `base` in the stream. */
  static baseOffset: u64 = 0;

  static framing: u32 = 0;
  static options: u32 = 0;
  static state: u32 = 0;

  /** First byte of the unit in progress, 0 when there is none, and the tape position of its first record. */
  static unit: usize = 0;
  static unitTape: usize = 0;
  /** Next free tape record. */
  static tape: usize = 0;

  /** Entry of the innermost open element (elements.ts); of the stream header, or of the document. */
  static entry: usize = 0;
  static floor: usize = 0;
  /** Where the token in progress stands: Prolog, Epilog, Level or Content. */
  static place: u32 = 0;

  /** First byte of the token in progress: `<`, or the first of a text. */
  static token: usize = 0;
  /** START record of the tag in progress. */
  static tag: usize = 0;
  /** The element's qualified name: its bytes, and those before its colon. */
  static tagName: u32 = 0;
  static tagColon: u32 = 0;
  /** The name in progress: first byte and, once known, end; first byte of the value in progress. */
  static name: usize = 0;
  static nameEnd: usize = 0;
  static value: usize = 0;
  static quote: u32 = 0;
  /** Flags (abi.ts) of the text or value in progress. */
  static flags: u32 = 0;
  static attributes: u32 = 0;
  static checks: u32 = 0;
  /** Number of the current start tag, against which the stamps of names are compared; never 0. */
  static serial: u32 = 0;

  /** The reference in progress: its `&`, whether it stands in a value, its form and number so far. */
  static reference: usize = 0;
  static referenceForm: u32 = 0;
  static referenceNumber: u32 = 0;

  /** The fault: code, 0 for none, and the address of the byte it is reported at. */
  static fault: u32 = 0;
  static faultAt: usize = 0;

  /** White-space bytes passed over between stanzas. */
  static keepalives: u32 = 0;

  static maxUnit: u32 = 0;
  static maxDepth: u32 = 0;
  static maxAttributes: u32 = 0;
  static maxChildren: u32 = 0;
  static maxName: u32 = 0;
  static maxNamespaces: u32 = 0;
}
