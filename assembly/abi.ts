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
  /** In Framing.Document: a TEXT of each thing that is skipped, and of the XML declaration (Misc). */
  ReportMisc = 4,
  /** Prefixes without a declaration pass: the host resolves them, and compares attributes that have one. */
  AnyPrefix = 8,
  /** All of them. */
  Mask = 15,
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

/** The upper half of the head of a TEXT with Option.ReportMisc: what it is the content of. */
export const enum Misc {
  /** The document's own text. */
  None = 0,
  /** From behind `<!--` to `-->`. */
  Comment = 1,
  /** From behind the target to `?>`. */
  Instruction = 2,
  /** From behind `<?xml` to `?>`. */
  Declaration = 3,
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
  /** The most declarations that a limit may name: a prefix is searched among those in scope. */
  NamespacesMax = 4096,
}

/** The parts of an address (RFC 7622), the first argument of `jid_part`. */
export const enum JidPart {
  Local = 0,
  Domain = 1,
  Resource = 2,
}

/** Options of `jid_parse` and its relatives; values are added up. */
export const enum JidOption {
  /** Let `_` pass in a domainpart. */
  AllowUnderscore = 1,
  /** Refuse also what the order of steps in RFC 8265 refuses: classes are checked before mapping too. */
  Strict = 2,
  /** Only whether: a negative answer may name any rule, and no details are left. */
  Verdict = 4,
}

/** What may be written at `jid_input_ptr()`. */
export const enum JidInput {
  /** UTF-16 code units that there is room for. */
  Size = 8192,
  /** Code units that `jid_parse` takes; in a longer address some part is too long, see docs/ABI.md. */
  Max = 7169,
  /** Octets that `jid_parse_utf8` takes. */
  OctetsMax = 15360,
  /** Code units that can become a localpart or resourcepart of 1,023 octets. */
  PartMax = 1534,
  /** The same for a domainpart. */
  DomainMax = 4096,
}

/**
 * A result that is not negative: the state, and where the separators of the canonical form are.
 * An address begins with neither, so 0 says that there is none.
 */
export const enum JidResult {
  /** Mask of a JidState. */
  State = 3,
  /** `result >>> AtShift & AtMask`: units (octets) before `@`. */
  AtShift = 2,
  AtMask = 0xfff,
  /** `result >>> SlashShift`: units (octets) before `/`. */
  SlashShift = 14,
}

export const enum JidState {
  /** The source is canonical. */
  Same = 0,
  /** It is, but for ASCII upper case in the bare part, which is all ASCII. */
  Case = 1,
  /** The canonical form stands at ResultPtr. */
  Changed = 2,
}

/** The block at `jid_control_ptr()`, in words; valid until the next `jid_` call. */
export const enum JidControl {
  /** Where the canonical form is (not for JidState.Same and Case of UTF-16), and its units or octets. */
  ResultPtr = 0,
  ResultLength = 1,
  /** After an error: the JidPart. */
  Part = 2,
  /** The code point that is to blame, or JidControl.None. */
  CodePoint = 3,
  /** Units (octets) before it in the source, or before the part where there is no code point. */
  Index = 4,
  /** Words in the block. */
  Size = 8,
  None = 0xffff_ffff,
}

/** What is known of a seat; an argument of `seat_bind` and `seat_set`, values are added up. */
export const enum SeatFlag {
  /** The resource has sent presence (RFC 6121, section 4.2). */
  Available = 1,
  /** Whatever comes from or goes to the account comes up as a verdict: block lists, hooks of the host. */
  Filtered = 2,
  /** XEP-0280 is on: messages of the account come up as verdicts, so that the host can copy them. */
  Carbons = 4,
  /** XEP-0352: the client is not looking. Output comes up as verdicts, so that the host can hold it back. */
  Inactive = 8,
  /** Output is cut into stanzas, one group each (stream management, WebSocket). */
  Units = 16,
  /** Stanzas declare their namespace (RFC 7395). */
  Framed = 32,
  /** A `from` that is not the seat's own ends the stream instead of being replaced. */
  Strict = 64,
  /** The stream of another server: nothing is stamped, `from` is checked (RFC 6120, section 8.1.2.2). */
  Server = 128,
}

/** What only the host knows, an argument of `route_feed`; values are added up. */
export const enum Fact {
  /** `Exists` says whether the account of `to` exists. */
  ExistsTold = 1,
  Exists = 2,
  /** `Knows` says whether the account of `to` knows the sender. */
  KnowsTold = 4,
  Knows = 8,
  /** The stanza is refused whatever the table says: only the error reply is wanted. */
  Refused = 16,
  /** Everything comes up as a verdict, nothing goes to groups. */
  Single = 32,
  /** Where the table leaves the choice, errors instead of silence (and nothing is stored). */
  Outspoken = 64,
  /** The core keeps what `Knows` says, until `seat_forget`. */
  Remember = 128,
  /** Whoever `to` is, another router decides: the stanza is made ready to go there. */
  Away = 256,
  /** Presence and iq come up as verdicts: only messages go past the host. */
  Attended = 512,
  /** Messages that are worth storing come up as verdicts: the host keeps them before they go. */
  Kept = 1024,
}

/** Words of the block at `route_ptr()`, after `route_feed` or `route_next`. */
export const enum Route {
  /** 1 when `route_next` has more of this chunk. */
  More = 0,
  /** The bytes to be sent and those of verdicts: address and length. They stand behind the records of groups. */
  OutPtr = 1,
  OutLength = 2,
  /** Records of Group, in the order of their first stanza; the address is a multiple of 16. */
  GroupPtr = 3,
  GroupCount = 4,
  /** Records of Verdict, in the order of the stream. */
  VerdictPtr = 5,
  VerdictCount = 6,
  /** Handles of seats that verdicts name. */
  TargetPtr = 7,
  /** Stanzas of the stream in this round. */
  Stanzas = 8,
  /** Address of the CLOSE or ERROR record that ended the stream, or 0. */
  EndPtr = 9,
  /** Words in the block. */
  Size = 12,
}

/** What goes to one seat, in words. */
export const enum Group {
  Seat = 0,
  /** Offset from OutPtr. */
  Offset = 1,
  Length = 2,
  /** Stanzas. */
  Count = 3,
  Size = 4,
}

/** One stanza that the host has to look at, in words. */
export const enum Verdict {
  Action = 0,
  /** A Condition, 0 for none. */
  Condition = 1,
  /** Row in the low byte, Column in the second, flags (VerdictFlag) in the third. */
  Cell = 2,
  /** The stanza (an error reply where Condition is set): offset from OutPtr, length. */
  Offset = 3,
  Length = 4,
  /** `to` in canonical form: offset from OutPtr, length, and the length of its bare part. */
  ToOffset = 5,
  ToLength = 6,
  ToBare = 7,
  /** Index of the first target, and their count. */
  Target = 8,
  TargetCount = 9,
  /** Stanzas of this round before it. */
  Stanzas = 10,
  /** The priority that an available presence announces. */
  Priority = 11,
  /** Length of `from` in canonical form, which stands behind `to`; 0 for a client's stanza. */
  FromLength = 12,
  Size = 13,
}

export const enum VerdictFlag {
  /** A message with a body, or a hint to store it (XEP-0334). */
  Storable = 1,
  /** The rest of the stream waits until it is dealt with (RFC 6120, section 10.1). */
  Holds = 2,
}

/** What becomes of a stanza. The letters are those of the table, assembly/router/table.ts. */
export const enum Action {
  /** S */
  Ignore = 0,
  /** D */
  Deliver = 1,
  /** A */
  AllNonNegative = 2,
  /** M */
  MostAvailable = 3,
  /** V */
  AllAvailable = 4,
  /** O */
  Store = 5,
  /** E */
  Refuse = 6,
  /** H */
  Handle = 7,
  /** P */
  Subscription = 8,
  /** U */
  Unsubscribed = 9,
  /** K: E for those whom the account knows, S for others. */
  RefuseKnown = 10,
  /** Q: D for those whom the account knows, E for others. */
  DeliverKnown = 11,
  /** B: as for the bare JID. */
  AsBare = 12,
  /** Presence without `to`: to whom, the roster knows. */
  Broadcast = 13,
  /** `to` is a domain that is served here. */
  Host = 14,
  /** `to` is of another domain. */
  Forward = 15,
  /** A first-level element that is no stanza. */
  Element = 16,
  /** The stream ends with Condition. */
  EndStream = 17,
  /** Fact.Exists is wanted. */
  AskExists = 18,
  /** Fact.Knows is wanted. */
  AskKnows = 19,
}

/** Why a stanza is refused, or a stream ends. */
export const enum Condition {
  None = 0,
  ServiceUnavailable = 1,
  JidMalformed = 2,
  BadRequest = 3,
  InvalidFrom = 4,
  ImproperAddressing = 5,
  HostUnknown = 6,
  ResourceConstraint = 7,
}

/** Kind and type of a stanza: the rows of the table. */
export const enum Row {
  Normal = 0,
  Chat = 1,
  Groupchat = 2,
  Headline = 3,
  MessageError = 4,
  Available = 5,
  Unavailable = 6,
  Subscribe = 7,
  Subscribed = 8,
  Unsubscribe = 9,
  Unsubscribed = 10,
  Probe = 11,
  PresenceError = 12,
  Get = 13,
  Set = 14,
  Result = 15,
  IqError = 16,
  /** No row: a type that there is not, or an element that is no stanza. */
  None = 17,
}

/** What `to` meets: the columns of the table. */
export const enum Column {
  NoAccount = 0,
  /** No resource is bound, or none of them has sent presence. */
  NoResource = 1,
  OnlyNegative = 2,
  OneNonNegative = 3,
  ManyNonNegative = 4,
  Match = 5,
  Miss = 6,
  MissNoAccount = 7,
}
