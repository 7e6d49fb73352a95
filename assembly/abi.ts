/*
 * The numbers that the core and the bindings share: record layouts, event kinds, flags and limits.
 * asc compiles these enums to immediates, tsc inlines them into the bindings; this file imports
 * nothing, because the two compilers resolve paths differently. docs/ABI.md explains the calls.
 *
 * Every argument and result is an i32. A result of zero or more is a value, a negative one is a
 * negated ErrorCode (errors.ts). Words are little-endian and unsigned: JavaScript applies `>>> 0`.
 */

/** Raised whenever a layout, an export or the meaning of a number changes. */
export const enum Abi {
  Version = 1,
  /** Bytes that one `stream_feed` takes at most; longer input is fed in pieces. */
  InputSize = 65536,
}

/** How the bytes of a stream are cut into units, the first argument of `stream_open`. */
export const enum Framing {
  /** RFC 6120: a stream header, stanzas at depth 1, white-space keepalives, an end tag. */
  Stream = 0,
  /** RFC 7395: each frame is one element, complete at the end of the frame (`Feed.Last`). */
  WebSocket = 1,
  /** One element and nothing else, such as one stored stanza; white space may surround it. */
  Element = 2,
  /** Any well-formed document within RFC 6120's restrictions; events come token by token. */
  Document = 3,
}

/** Options of a stream, the second argument of `stream_open`; values are added up. */
export const enum Option {
  /** Skip comments and processing instructions instead of refusing them. DOCTYPE stays refused. */
  SkipMisc = 1,
  /** Swallow U+FEFF in the first three bytes; RFC 6120, section 11.6 takes it for stray text. */
  LenientBom = 2,
}

/** The third argument of `stream_feed`. */
export const enum Feed {
  /** More input may follow. */
  Open = 0,
  /** The frame (`Framing.WebSocket`) is complete with this piece. */
  Last = 1,
}

/**
 * The control block at `control_ptr()`, in words. Valid after a `stream_feed` or `stream_end`
 * until the next call that takes a stream.
 */
export const enum Control {
  /** Address of the first tape record of this call. */
  TapePtr = 0,
  /** Bytes of tape, a multiple of 16. */
  TapeLength = 1,
  /** Address that every offset on the tape counts from. */
  BasePtr = 2,
  /** Offset in the stream (bytes since open or the last reset) of BasePtr: low and high word. */
  BaseLow = 3,
  BaseHigh = 4,
  /** White-space bytes between stanzas that this call passed over. */
  KeepaliveBytes = 5,
  /** Words in the block. */
  Size = 16,
}

/** One event: four words. Records follow each other in document order. */
export const enum Tape {
  /** Kind in the low byte, flags in the second, vocabulary id of the name in the upper half. */
  Head = 0,
  /**
   * START: namespace reference. ATTRIBUTE, XMLNS: offset of the name. END: offset of the end tag's
   * `<` (of the `/` of an empty-element tag). ERROR: the ErrorCode. TEXT: 0.
   */
  Detail = 1,
  /**
   * START: offset of `<`. ATTRIBUTE, XMLNS: offset of the value. TEXT: offset. CLOSE: as END's Detail.
   * END: count of child elements and texts. ERROR: byte offset in the stream, low word.
   */
  Offset = 2,
  /**
   * START: bytes of tape from this record to just after the matching END; 0 for the header of a
   * stream and in Framing.Document. ATTRIBUTE, XMLNS, TEXT: length. END, CLOSE: offset just after
   * `>`. ERROR: high word.
   */
  Extent = 3,
  /** Words in a record. */
  Size = 4,
}

/** `Tape.Head & 0xff`. */
export const enum Kind {
  /** A start tag; its ATTRIBUTE and XMLNS records follow directly, in document order. */
  Start = 1,
  /** The end of an element, also of an empty one. */
  End = 2,
  /** Character data or one CDATA section; never empty. References do not split it, chunks neither. */
  Text = 3,
  Attribute = 4,
  /** A namespace declaration, `xmlns='...'` or `xmlns:prefix='...'`. */
  Xmlns = 5,
  /** The end tag of a stream, `</stream:stream>`: the stream is closed (Framing.Stream only). */
  Close = 6,
  /** The first fault; the last record that a stream ever yields before it is reset. */
  Error = 7,
}

/** `Tape.Head >> 8 & 0xff`, values are added up. */
export const enum Flag {
  /** The span holds references, or white space to normalise: its value is not its source. */
  Escaped = 1,
  /** The span holds bytes >= 0x80: decode it as UTF-8. */
  High = 2,
  /** The text is the content of a CDATA section. */
  Cdata = 4,
  /** START: an empty-element tag, `<a/>`; its END is the next record after the attributes. */
  Empty = 8,
  /** ATTRIBUTE, XMLNS: white space stands around the `=`, so the name's length must be looked up. */
  Spaced = 16,
  /** START: the name has a prefix. ATTRIBUTE: likewise. */
  Prefixed = 32,
}

/**
 * A namespace reference, the Detail word of START. Below `Declared` it is the id of a namespace of
 * the vocabulary, 0 for none.
 */
export const enum Namespace {
  None = 0,
  Client = 1,
  Server = 2,
  Streams = 3,
  Xml = 4,
  Xmlns = 5,
  Framing = 6,
  /** Added to the position on the tape (bytes from the unit's first START) of the XMLNS record that declares it. */
  Declared = 0x4000_0000,
  /** Added to the index, among the XMLNS records of the stream header, of the declaration. */
  Header = 0x2000_0000,
}

/** Ids of the vocabulary's first names (bindings/vocabulary.ts has the list). */
export const enum Name {
  None = 0,
  Stream = 1,
  Message = 2,
  Presence = 3,
  Iq = 4,
  Xmlns = 5,
  XmlLang = 6,
}

/** Words of a limits profile, in the order of the arguments of `limits_set`. */
export const enum Limit {
  StanzaBytes = 0,
  Depth = 1,
  Attributes = 2,
  Children = 3,
  NameBytes = 4,
  Namespaces = 5,
  /** Words in a profile. */
  Size = 8,
  /** Profiles that one instance holds. */
  Profiles = 1024,
  /** The greatest depth that a limit may name. */
  DepthMax = 16777216,
}
