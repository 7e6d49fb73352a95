/*
 * The tokenizer, complete: an automaton over the bytes of a window that can stop after any of them
 * and go on with the next window (RFC 6120, section 11; RFC 7395, section 3.3; XML 1.0, fifth edition;
 * Namespaces in XML 1.0). docs/design/001 is its specification.
 *
 * One function a state, in the order in which a stream meets them. Each takes the cursor at the
 * first byte it has not read, reads what belongs to it, and returns the new cursor; what it must
 * remember stands in Scan. At `end` it returns with its state unchanged. The window holds every
 * byte of the unit (in a document: of the token) so far, so looking back is always allowed, and the `<`
 * behind the end stop every search.
 *
 * lane.ts takes whole plain tokens out of the Content state; whatever it leaves comes here.
 */
import { Flag, Framing, Kind, Misc, Option } from '../abi';
import { ErrorCode } from '../errors';
import {
  codePoint,
  isChar,
  isNameChar,
  isNameStart,
  isSpace,
  sequenceLength,
} from '../text/characters';
import { checkDeclaration } from './declaration';
import { Entry, EntrySize, KeyMax, longName } from './elements';
import {
  closeToken,
  closeUnit,
  finishEmptyTag,
  finishEndTag,
  finishStartTag,
  openElement,
  putStart,
} from './element-events';
import { fail } from './fault';
import { lane } from './lane';
import { NameKind, NameSlot, Names, classify, clearStamps, longSlot, nameCharsEnd } from './names';
import { digitValue, entityMatch } from './references';
import { Region } from './regions';
import { CheckDuplicates, CheckElement, CheckNames, Scan, State } from './scan';
import { Span, textEnd, valueEnd } from './spans';
import { head, offsetOf, put, putText } from './tape';

/** Runs from `p` to the end of the window or to the first fault. Returns the place reached. */
export function run(p: usize, fast: bool): usize {
  while (p < Scan.end) {
    switch (Scan.state) {
      case State.Start: p = start(p); break;
      case State.Declaration: p = declaration(p); break;
      case State.DeclarationBody: p = declarationBody(p); break;
      case State.Prolog: p = prolog(p); break;
      case State.Epilog: p = epilog(p); break;
      case State.Level: p = level(p); break;
      case State.Content: p = fast ? lane(p) : content(p); break;
      case State.Token: p = content(p); break;
      case State.Text: p = text(p); break;
      case State.Reference: p = reference(p); break;
      case State.Markup: p = markup(p); break;
      case State.StartName: p = startName(p); break;
      case State.TagSpace: p = tagSpace(p); break;
      case State.AttributeName: p = attributeName(p); break;
      case State.AttributeEquals: p = attributeEquals(p); break;
      case State.AttributeQuote: p = attributeQuote(p); break;
      case State.AttributeValue: p = attributeValue(p); break;
      case State.AttributeEnd: p = attributeEnd(p); break;
      case State.EmptyTag: p = emptyTag(p); break;
      case State.EndName: p = endName(p); break;
      case State.EndSpace: p = endSpace(p); break;
      case State.Bang: p = bang(p); break;
      case State.CommentOpen: p = commentOpen(p); break;
      case State.Comment: p = comment(p); break;
      case State.CdataOpen: p = cdataOpen(p); break;
      case State.Cdata: p = cdata(p); break;
      case State.Instruction: p = instruction(p); break;
      case State.InstructionBody: p = instructionBody(p); break;
      default: return p;
    } // prettier-ignore
  }
  return p;
}

function skipSpace(p: usize): usize {
  while (p < Scan.end && isSpace(load<u8>(p))) p++;
  return p;
}

/** First byte at or behind `p` that equals `byte`, or `end`. */
function findByte(p: usize, byte: u8): usize {
  const end = Scan.end;
  const wanted = i8x16.splat(<i8>byte);
  while (p < end) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(p), wanted));
    if (found) return min(p + <usize>ctz<u32>(found), end);
    p += 16;
  }
  return end;
}

// ---- Before, between and after --------------------------------------------------------------

/**
 * At the very first character; only here may an XML declaration begin.
 *
 *     <?xml version='1.0'?><stream:stream>
 *     ^
 */
function start(p: usize): usize {
  if (Scan.options & Option.LenientBom && Scan.baseOffset == 0 && p == Scan.base) {
    if (codePoint(p) == 0xfeff) return p + 3;
  }
  if (load<u8>(p) == 0x3c) {
    if (openRoot(p)) return p;
    Scan.token = p;
    Scan.unit = p;
    Scan.place = State.Prolog;
    Scan.state = State.Declaration;
    return p + 1;
  }
  if (Scan.framing == Framing.WebSocket) return fail(ErrorCode.XmlFrameStart, p, p);
  Scan.state = State.Prolog;
  return p;
}

/**
 * After a `<` that is the first character of all.
 *
 *     <?xml version='1.0'?>
 *      ^^^^^
 */
function declaration(p: usize): usize {
  const k = p - Scan.token;
  const c = load<u8>(p);
  if (k == 1) {
    if (c == 0x3f) return p + 1;
    Scan.state = State.Markup;
    return p;
  }
  const fits = k == 2 ? c == 0x78 : k == 3 ? c == 0x6d : k == 4 ? c == 0x6c : isSpace(c);
  // Another processing instruction: its target is read from the start.
  if (!fits) return openInstruction(p);
  if (k == 5) Scan.state = State.DeclarationBody;
  return p + 1;
}

/**
 *     <?xml version='1.0'?>
 *           ^^^^^^^^^^^^^^^
 */
function declarationBody(p: usize): usize {
  for (; p < Scan.end; p++) {
    const c = load<u8>(p);
    if (c == 0x3c) return fail(ErrorCode.XmlDeclarationInvalid, p, p);
    if (c == 0x3e && load<u8>(p - 1) == 0x3f) {
      if (!checkDeclaration(Scan.token + 5, p - 1, p)) return p;
      return skipped(Misc.Declaration, Scan.token + 5, p - 1, p);
    }
  }
  return p;
}

/** Before the root element, where only white space may stand. */
function prolog(p: usize): usize {
  p = skipSpace(p);
  if (p == Scan.end) return p;
  if (load<u8>(p) != 0x3c) return fail(ErrorCode.XmlTextOutsideRoot, p, p);
  return openRoot(p) ? p : openToken(p, State.Prolog);
}

/** Opens the root element for the fast lane; the header of a stream is never the lane's. */
function openRoot(p: usize): bool {
  return Scan.framing != Framing.Stream && openElement(p);
}

/** After the root element, or after the end tag of the stream. */
function epilog(p: usize): usize {
  p = skipSpace(p);
  if (p == Scan.end) return p;
  if (load<u8>(p) == 0x3c && Scan.options & Option.SkipMisc) return openToken(p, State.Epilog);
  return fail(ErrorCode.XmlContentAfterRoot, p, p);
}

/**
 * Between stanzas: white space is a keepalive (RFC 6120, section 4.6.1).
 *
 *     <stream:stream ...>  <message/> <iq/></stream:stream>
 *                        ^^          ^     ^
 */
function level(p: usize): usize {
  const next = skipSpace(p);
  Scan.keepalives += <u32>(next - p);
  if (next == Scan.end) return next;
  if (load<u8>(next) != 0x3c) return fail(ErrorCode.StreamText, next, next);
  if (openElement(next)) return next;
  return openToken(next, State.Level);
}

function openToken(p: usize, place: State): usize {
  Scan.place = place;
  Scan.token = p;
  if (Scan.unit == 0) {
    Scan.unit = p;
    Scan.unitTape = Scan.tape;
  }
  Scan.state = State.Markup;
  return p + 1;
}

/**
 * A comment, processing instruction or declaration has ended at `gt`: go on where it stood. What it
 * says, [from, end), is reported to those who ask for it.
 */
function skipped(misc: u32, from: usize, end: usize, gt: usize): usize {
  if (Scan.options & Option.ReportMisc) putText(from, end, Flag.Cdata | (misc << 8));
  if (!(Scan.place == State.Content ? closeToken(gt) : closeUnit(gt))) return gt;
  Scan.state = Scan.place;
  return gt + 1;
}

// ---- Content --------------------------------------------------------------------------------

/**
 * Inside an element, at the start of a token.
 *
 *     <body>Hello<b/></body>
 *           ^    ^   ^
 */
function content(p: usize): usize {
  if (load<u8>(p) == 0x3c) return openToken(p, State.Content);
  const entry = changetype<Entry>(Scan.entry);
  if (Scan.framing == Framing.Document) Scan.unit = p;
  if (entry.children >= Scan.maxChildren) return fail(ErrorCode.LimitChildren, p, p);
  entry.children++;
  Scan.place = State.Content;
  Scan.token = p;
  Scan.flags = 0;
  Scan.quote = 0;
  Scan.state = State.Text;
  return p;
}

/**
 * Character data up to the next markup.
 *
 *     <body>Art thou &lt;not&gt; Romeo?</body>
 *           ^^^^^^^^^    ^^^     ^^^^^^^
 */
function text(p: usize): usize {
  p = textEnd(p, Scan.token);
  Scan.flags |= Span.flags;
  if (p >= Scan.end) return Scan.end;
  const c = load<u8>(p);
  if (c == 0x26) return openReference(p);
  if (c == 0x3e) return fail(ErrorCode.XmlCdataEndInText, p - 2, p);
  putText(Scan.token, p, Scan.flags);
  if (!closeToken(p - 1)) return p;
  Scan.state = State.Content;
  return p;
}

const enum ReferenceForm {
  Open = 0,
  Number = 1,
  Decimal = 2,
  HexadecimalOpen = 3,
  Hexadecimal = 4,
  Entity = 5,
}

function openReference(p: usize): usize {
  Scan.reference = p;
  Scan.referenceForm = ReferenceForm.Open;
  Scan.referenceNumber = 0;
  Scan.flags |= Flag.Escaped;
  Scan.state = State.Reference;
  return p + 1;
}

/**
 * After the ampersand of a reference, in text or in a value.
 *
 *     &amp; &#65; &#x1F600;
 *      ^^^^  ^^^^  ^^^^^^^^
 */
function reference(p: usize): usize {
  for (; p < Scan.end; p++) {
    const c = <u32>load<u8>(p);
    switch (Scan.referenceForm) {
      case ReferenceForm.Open: {
        if (c == 0x23) {
          Scan.referenceForm = ReferenceForm.Number;
          continue;
        }
        if (!isNameStart(codePoint(p))) return badReference(p);
        Scan.referenceForm = ReferenceForm.Entity;
        p--;
        continue;
      }
      case ReferenceForm.Number: {
        if (c == 0x78) {
          Scan.referenceForm = ReferenceForm.HexadecimalOpen;
          continue;
        }
        if (digitValue(c, 10) > 9) return badReference(p);
        Scan.referenceForm = ReferenceForm.Decimal;
        p--;
        continue;
      }
      case ReferenceForm.HexadecimalOpen: {
        if (digitValue(c, 16) > 15) return badReference(p);
        Scan.referenceForm = ReferenceForm.Hexadecimal;
        p--;
        continue;
      }
      case ReferenceForm.Entity: {
        const first = Scan.reference + 1;
        if (c == 0x3b) {
          if (entityMatch(first, <u32>(p - first)) == 2) return closeReference(p);
          return fail(ErrorCode.XmlEntityRestricted, Scan.reference, p);
        }
        if (!isNameChar(codePoint(p))) return badReference(p);
        if (entityMatch(first, <u32>(p - first) + 1) == 0) {
          return fail(ErrorCode.XmlEntityRestricted, Scan.reference, p);
        }
        continue;
      }
      default: {
        const base: u32 = Scan.referenceForm == ReferenceForm.Decimal ? 10 : 16;
        if (c == 0x3b) {
          if (isChar(Scan.referenceNumber)) return closeReference(p);
          return fail(ErrorCode.XmlReferenceForbidden, Scan.reference, p);
        }
        const digit = digitValue(c, base);
        if (digit >= base) return badReference(p);
        Scan.referenceNumber = min<u32>(Scan.referenceNumber * base + digit, 0x110000);
      }
    }
  }
  return p;
}

function badReference(p: usize): usize {
  return fail(ErrorCode.XmlReferenceInvalid, Scan.reference, p);
}

function closeReference(p: usize): usize {
  Scan.state = Scan.quote ? State.AttributeValue : State.Text;
  return p + 1;
}

/**
 * After a `<`.
 *
 *     <body/>  </body>  <![CDATA[  <!--  <?pi
 *      ^        ^        ^          ^     ^
 */
function markup(p: usize): usize {
  const c = load<u8>(p);
  if (c == 0x21) {
    Scan.state = State.Bang;
    return p + 1;
  }
  if (c == 0x3f) return openInstruction(p);
  if (Scan.place == State.Epilog) return fail(ErrorCode.XmlContentAfterRoot, Scan.token, p);
  if (c == 0x2f) {
    Scan.state = State.EndName;
    return p + 1;
  }
  if (!isNameStart(codePoint(p))) return fail(ErrorCode.XmlNameInvalid, p, p);
  const entry = Scan.entry;
  if (<u32>(entry - Region.stack) / EntrySize >= Scan.maxDepth) {
    return fail(ErrorCode.LimitDepth, Scan.token, p);
  }
  Scan.name = p;
  if (sequenceLength(c) > Scan.maxName) return fail(ErrorCode.LimitNameBytes, p, p);
  if (Scan.place == State.Content) {
    if (changetype<Entry>(entry).children >= Scan.maxChildren) {
      return fail(ErrorCode.LimitChildren, Scan.token, p);
    }
    changetype<Entry>(entry).children++;
  }
  Scan.state = State.StartName;
  return p;
}

// ---- Start tags -----------------------------------------------------------------------------

/**
 * The end of the name that began at Scan.name, from `p` on; fails when it is too long. Sets
 * Scan.nameEnd and returns the first byte that does not belong to it.
 */
function nameTail(p: usize): usize {
  const e = nameCharsEnd(p, Scan.end);
  if (e - Scan.name > <usize>Scan.maxName) {
    let at = Scan.name + Scan.maxName;
    while ((load<u8>(at) & 0xc0) == 0x80) at--;
    return fail(ErrorCode.LimitNameBytes, at, at);
  }
  Scan.nameEnd = e;
  return e;
}

/**
 *     <stream:features xmlns:stream='...'>
 *      ^^^^^^^^^^^^^^^
 */
function startName(p: usize): usize {
  const e = nameTail(p);
  if (e == Scan.end || Scan.fault) return e;
  const c = load<u8>(e);
  if (!isSpace(c) && c != 0x2f && c != 0x3e) return fail(ErrorCode.XmlNameInvalid, e, e);
  const length = <u32>(e - Scan.name);
  const kind = classify(Scan.name, length);
  if (kind == NameKind.Invalid) return fail(ErrorCode.XmlQualifiedNameInvalid, Scan.name, e);
  if (++Scan.serial == 0) {
    clearStamps();
    Scan.serial = 1;
  }
  Scan.attributes = 0;
  Scan.checks = Names.colon ? CheckElement : 0;
  putStart(Scan.name, length, Names.number, Names.colon);
  Scan.state = State.TagSpace;
  return c == 0x2f || c == 0x3e ? tagSpace(e) : e;
}

/**
 * After an element name and white space, or after a value and white space.
 *
 *     <message to='juliet'  id='1'/>
 *             ^           ^^      ^
 */
function tagSpace(p: usize): usize {
  p = skipSpace(p);
  if (p == Scan.end) return p;
  const c = load<u8>(p);
  if (c == 0x3e) return finishStartTag(p);
  if (c == 0x2f) {
    Scan.state = State.EmptyTag;
    return p + 1;
  }
  if (!isNameStart(codePoint(p))) return fail(ErrorCode.XmlNameInvalid, p, p);
  if (Scan.attributes >= Scan.maxAttributes) return fail(ErrorCode.LimitAttributes, p, p);
  Scan.name = p;
  Scan.state = State.AttributeName;
  return p;
}

/**
 *     <message to='juliet' xml:lang = 'en'>
 *              ^^          ^^^^^^^^
 */
function attributeName(p: usize): usize {
  const e = nameTail(p);
  if (e == Scan.end || Scan.fault) return e;
  const c = load<u8>(e);
  if (!isSpace(c) && c != 0x3d) {
    const cut = c == 0x3e || c == 0x2f || c == 0x3c || c == 0x22 || c == 0x27;
    return fail(cut ? ErrorCode.XmlAttributeInvalid : ErrorCode.XmlNameInvalid, e, e);
  }
  if (classify(Scan.name, <u32>(e - Scan.name)) == NameKind.Invalid) {
    return fail(ErrorCode.XmlQualifiedNameInvalid, Scan.name, e);
  }
  Scan.state = State.AttributeEquals;
  return e;
}

/**
 *     <message to='juliet' xml:lang = 'en'>
 *                ^                 ^^
 */
function attributeEquals(p: usize): usize {
  p = skipSpace(p);
  if (p == Scan.end) return p;
  if (load<u8>(p) != 0x3d) return fail(ErrorCode.XmlAttributeInvalid, p, p);
  Scan.state = State.AttributeQuote;
  return p + 1;
}

/**
 *     <message to='juliet' xml:lang = 'en'>
 *                 ^                  ^^
 */
function attributeQuote(p: usize): usize {
  p = skipSpace(p);
  if (p == Scan.end) return p;
  const c = load<u8>(p);
  if (c != 0x22 && c != 0x27) return fail(ErrorCode.XmlAttributeInvalid, p, p);
  Scan.quote = c;
  Scan.value = p + 1;
  Scan.flags = 0;
  Scan.state = State.AttributeValue;
  return p + 1;
}

/**
 *     <message to='juliet&amp;romeo' id="1">
 *                  ^^^^^^     ^^^^^      ^
 */
function attributeValue(p: usize): usize {
  p = valueEnd(p, Scan.quote);
  Scan.flags |= Span.flags;
  if (p >= Scan.end) return Scan.end;
  const c = <u32>load<u8>(p);
  if (c == Scan.quote) return closeValue(p);
  if (c == 0x26) return openReference(p);
  return fail(ErrorCode.XmlLessThanInValue, p, p);
}

/** The closing quote is at `p`: writes the ATTRIBUTE or XMLNS record. */
function closeValue(p: usize): usize {
  const length = <u32>(Scan.nameEnd - Scan.name);
  const kind = classify(Scan.name, length);
  let flags = Scan.flags;
  if (Scan.value - 2 != Scan.nameEnd) flags |= Flag.Spaced;
  if (Names.colon && kind != NameKind.XmlnsPrefix) flags |= Flag.Prefixed;
  if (kind >= NameKind.Prefixed) Scan.checks |= CheckNames;
  const slot = Names.slot ? changetype<NameSlot>(Names.slot) : longSlot();
  if (slot.stamp == Scan.serial) Scan.checks |= CheckDuplicates;
  slot.stamp = Scan.serial;
  const record = kind >= NameKind.XmlnsDefault ? Kind.Xmlns : Kind.Attribute;
  Scan.tape = put(
    Scan.tape,
    head(record, flags, Names.number),
    offsetOf(Scan.name),
    offsetOf(Scan.value),
    <u32>(p - Scan.value),
  );
  Scan.attributes++;
  Scan.quote = 0;
  Scan.state = State.AttributeEnd;
  return p + 1;
}

/**
 * After a closing quote; white space is required before the next attribute.
 *
 *     <message to='juliet' id='1'/>
 *                        ^       ^
 */
function attributeEnd(p: usize): usize {
  const c = load<u8>(p);
  if (isSpace(c)) {
    Scan.state = State.TagSpace;
    return p + 1;
  }
  if (c == 0x3e) return finishStartTag(p);
  if (c != 0x2f) return fail(ErrorCode.XmlAttributeSpaceMissing, p, p);
  Scan.state = State.EmptyTag;
  return p + 1;
}

/**
 *     <message to='juliet'/>
 *                          ^
 */
function emptyTag(p: usize): usize {
  if (load<u8>(p) != 0x3e) return fail(ErrorCode.XmlMarkupInvalid, p, p);
  return finishEmptyTag(p);
}

// ---- End tags -------------------------------------------------------------------------------

/**
 * Compared with the open element's name as it comes.
 *
 *     </body >
 *       ^^^^
 */
function endName(p: usize): usize {
  const entry = changetype<Entry>(Scan.entry);
  const first = Scan.token + 2;
  const length = <usize>entry.nameLength;
  const open = length > KeyMax ? longName(entry) : Scan.entry + offsetof<Entry>('keyLow');
  for (; p < Scan.end; p++) {
    const k = p - first;
    const c = load<u8>(p);
    if (k < length) {
      if (c == load<u8>(open + k)) continue;
      while ((load<u8>(p) & 0xc0) == 0x80) p--;
      return fail(ErrorCode.XmlEndTagMismatch, p, p);
    }
    if (length != 0 && c == 0x3e) return finishEndTag(p);
    if (length != 0 && isSpace(c)) {
      Scan.state = State.EndSpace;
      return p + 1;
    }
    const longer = length == 0 || isNameChar(codePoint(p));
    return fail(longer ? ErrorCode.XmlEndTagMismatch : ErrorCode.XmlMarkupInvalid, p, p);
  }
  return p;
}

/**
 *     </body >
 *           ^^
 */
function endSpace(p: usize): usize {
  p = skipSpace(p);
  if (p == Scan.end) return p;
  if (load<u8>(p) != 0x3e) return fail(ErrorCode.XmlMarkupInvalid, p, p);
  return finishEndTag(p);
}

// ---- CDATA, comments, processing instructions -----------------------------------------------

/**
 *     <![CDATA[  <!--  <!DOCTYPE
 *       ^          ^     ^
 */
function bang(p: usize): usize {
  const c = load<u8>(p);
  if (c == 0x2d) {
    if (!(Scan.options & Option.SkipMisc)) {
      return fail(ErrorCode.XmlCommentRestricted, Scan.token, p);
    }
    Scan.state = State.CommentOpen;
    return p + 1;
  }
  if (c == 0x44) return fail(ErrorCode.XmlDoctypeRestricted, Scan.token, p);
  if (c != 0x5b) return fail(ErrorCode.XmlMarkupInvalid, p, p);
  switch (Scan.place) {
    case State.Prolog:
      return fail(ErrorCode.XmlTextOutsideRoot, Scan.token, p);
    case State.Epilog:
      return fail(ErrorCode.XmlContentAfterRoot, Scan.token, p);
    case State.Level:
      return fail(ErrorCode.StreamText, Scan.token, p);
    default:
      Scan.state = State.CdataOpen;
      return p + 1;
  }
}

/** `CDATA[` */
const CDATA: usize = memory.data<u8>([67, 68, 65, 84, 65, 91]);
const CdataLength: usize = 9;

/**
 *     <![CDATA[
 *        ^^^^^^
 */
function cdataOpen(p: usize): usize {
  for (; p < Scan.end; p++) {
    const k = p - Scan.token - 3;
    if (load<u8>(p) != load<u8>(CDATA + k)) return fail(ErrorCode.XmlMarkupInvalid, p, p);
    if (k == 5) {
      Scan.flags = 0;
      Scan.state = State.Cdata;
      return p + 1;
    }
  }
  return p;
}

/**
 * Up to `]]>`; whatever stands before it is text.
 *
 *     <![CDATA[x]]y<z]]>
 *              ^^^^^^^^^
 */
function cdata(p: usize): usize {
  const first = Scan.token + CdataLength;
  if (!Scan.flags) {
    // The section counts as a child once it is sure to have content: "]]>" may still come.
    for (let i: usize = 0; i < 3 && first + i < Scan.end; i++) {
      if (load<u8>(first + i) == (i < 2 ? 0x5d : 0x3e)) continue;
      const entry = changetype<Entry>(Scan.entry);
      if (entry.children >= Scan.maxChildren) {
        return fail(ErrorCode.LimitChildren, Scan.token, first + i);
      }
      entry.children++;
      Scan.flags = Flag.Cdata;
      break;
    }
  }
  while (p < Scan.end) {
    p = findByte(p, 0x3e);
    if (p == Scan.end) break;
    if (p - first >= 2 && load<u16>(p - 2) == 0x5d5d) {
      // An empty section is no text of the document, and still something to report.
      if (Scan.flags | (Scan.options & Option.ReportMisc)) putText(first, p - 2, Scan.flags);
      Scan.state = State.Content;
      if (!closeToken(p)) return p;
      return p + 1;
    }
    p++;
  }
  return p;
}

/**
 *     <!-- comment -->
 *        ^
 */
function commentOpen(p: usize): usize {
  if (load<u8>(p) != 0x2d) return fail(ErrorCode.XmlMarkupInvalid, p, p);
  Scan.state = State.Comment;
  return p + 1;
}

/**
 *     <!-- comment -->
 *         ^^^^^^^^^^^^
 */
function comment(p: usize): usize {
  const first = Scan.token + 4;
  while (p < Scan.end) {
    if (p - first >= 2 && load<u16>(p - 2) == 0x2d2d) {
      if (load<u8>(p) != 0x3e) return fail(ErrorCode.XmlCommentInvalid, p - 2, p);
      return skipped(Misc.Comment, first, p - 2, p);
    }
    // Only a dash can bring the end nearer.
    const near = load<u8>(p) == 0x2d || (p > first && load<u8>(p - 1) == 0x2d);
    p = near ? p + 1 : findByte(p, 0x2d);
  }
  return p;
}

/** The token is a processing instruction, as the bytes up to `p` have shown. */
function openInstruction(p: usize): usize {
  if (!(Scan.options & Option.SkipMisc)) {
    return fail(ErrorCode.XmlProcessingInstructionRestricted, Scan.token, p);
  }
  Scan.name = Scan.token + 2;
  Scan.state = State.Instruction;
  return Scan.name;
}

/**
 * The target of a processing instruction that is skipped.
 *
 *     <?target data?>
 *       ^^^^^^
 */
function instruction(p: usize): usize {
  if (p == Scan.name && !isNameStart(codePoint(p))) return fail(ErrorCode.XmlNameInvalid, p, p);
  const e = nameCharsEnd(p, Scan.end);
  if (e == Scan.end) return e;
  Scan.nameEnd = e;
  const target = Scan.name;
  if (e - target == 3 && (load<u32>(target) & 0x00dfdfdf) == 0x004c4d58) {
    return fail(ErrorCode.XmlDeclarationMisplaced, Scan.token, e);
  }
  const c = load<u8>(e);
  if (!isSpace(c) && c != 0x3f) return fail(ErrorCode.XmlNameInvalid, e, e);
  for (let i = target; i < e; i++) {
    if (load<u8>(i) == 0x3a) return fail(ErrorCode.XmlQualifiedNameInvalid, target, e);
  }
  Scan.state = State.InstructionBody;
  return e + 1;
}

/**
 *     <?target data?>
 *             ^^^^^^
 */
function instructionBody(p: usize): usize {
  const first = Scan.nameEnd;
  if (p == first + 1 && load<u8>(first) == 0x3f && load<u8>(p) != 0x3e) {
    return fail(ErrorCode.XmlMarkupInvalid, p, p);
  }
  while (p < Scan.end) {
    p = findByte(p, 0x3e);
    if (p == Scan.end) break;
    if (load<u8>(p - 1) == 0x3f) return skipped(Misc.Instruction, first, p - 1, p);
    p++;
  }
  return p;
}
