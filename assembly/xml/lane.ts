/*
 * The fast lane: whole plain tokens, as nearly all are, taken in a few steps each. It adds nothing
 * to the language of automaton.ts. A token is taken as a whole or, at the first thing that is not
 * plain (a reference by number, white space around an equals sign, a limit, the end of the
 * window), left as a whole: the automaton reads it again from its first byte, and the automaton alone
 * raises faults. Only a text that is cut by the end of the window is handed over where it is.
 *
 * Loads may reach behind `end`, into the `<` that stand there and complete nothing.
 *
 *     <message to='juliet@example.com' id="7"><body>Hello</body></message>
 *     ^ start tag                             ^     ^    ^ end tag
 *
 * The bytes are validated, so what is not above a space is white space. Hot locals (cursor, tape, open entry) stay out of Scan until the lane is left.
 */
import { Flag, Framing, Kind, Namespace, Tape } from '../abi';
import { closeUnit, openElement } from './element-events';
import { Entry, EntrySize, Key, KeyMax, longName, nameEntry } from './elements';
import {
  NameKind,
  NameSlot,
  Names,
  aboutOf,
  classify,
  clearStamps,
  describe,
  longSlot,
  nameEnd,
} from './names';
import { Region, Roomy, makeRoom } from './regions';
import { CheckDuplicates, CheckElement, CheckNames, RewindMax, Scan, State } from './scan';
import { Span, textEnd, valueEnd } from './spans';
import { checkTag } from './tag';
import { Record, RecordSize } from './tape';
import { namespaceNumber } from './vocabulary-index';

/** Stops of an element name, the end of an attribute name, stops of a value, the nibble mask (spans.ts). */
// prettier-ignore
const STOPS: usize = memory.data<u8>([
  0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0x09, 0x0a, 0, 0, 0x0d, 0x3e, 0x2f,
  61, 61, 61, 61, 61, 61, 61, 61, 61, 61, 61, 61, 61, 61, 61, 61,
  0xff, 0, 0x22, 0, 0, 0, 0x26, 0x27, 0, 0x09, 0x0a, 0, 0x3c, 0x0d, 0, 0,
  15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
], 16);

/** Leaves the lane between two tokens: what stands in locals goes back to Scan. */
function leave(p: usize, tape: usize, entry: usize, state: State): usize {
  if (Scan.framing == Framing.Document) {
    // Each token is a unit, and none has begun.
    Scan.unit = 0;
    Scan.unitTape = tape;
  }
  Scan.tape = tape;
  Scan.entry = entry;
  Scan.place = State.Content;
  Scan.state = state;
  return p;
}

/** Leaves the lane inside the text that began at `from`; `p` is at what the lane does not take. */
function leaveText(p: usize, tape: usize, entry: usize, from: usize, flags: u32): usize {
  leave(p, tape, entry, State.Text);
  if (Scan.framing == Framing.Document) Scan.unit = from;
  Scan.token = from;
  Scan.flags = flags;
  Scan.quote = 0;
  return p;
}

/** Leaves the lane at the `<` of a tag that the window has cut. */
function leaveTag(lt: usize, tape: usize, entry: usize): usize {
  leave(lt, tape, entry, State.Cut);
  if (Scan.framing == Framing.Document) Scan.unit = lt;
  return lt;
}

/** Takes tokens from `p` on, in element content. Returns the cursor; Scan.state says what is next. */
export function lane(p: usize): usize {
  const nameStops = v128.load(STOPS);
  const equals = v128.load(STOPS, 16);
  const valueStops = v128.load(STOPS, 32);
  const nibble = v128.load(STOPS, 48);
  const end = Scan.end;
  const base = Scan.base;
  const floor = Scan.floor;
  const maxChildren = Scan.maxChildren;
  const maxAttributes = Scan.maxAttributes;
  const maxNamespaces = Scan.maxNamespaces;
  const maxName = <usize>Scan.maxName;
  const deepest = Region.stack + <usize>Scan.maxDepth * EntrySize;
  const document = Scan.framing == Framing.Document;
  let tape = Scan.tape;
  let entry = Scan.entry;

  while (p < end) {
    const parent = changetype<Entry>(entry);

    // ---- Text ----
    if (load<u8>(p) != 0x3c) {
      if (parent.children >= maxChildren) return leave(p, tape, entry, State.Token);
      const from = p;
      p = textEnd(p, p);
      const flags = Span.flags;
      parent.children++;
      if (p >= end || load<u8>(p) != 0x3c) return leaveText(min(p, end), tape, entry, from, flags);
      tape = Record.put(
        tape,
        Record.head(Kind.Text, flags, 0),
        0,
        <u32>(from - base),
        <u32>(p - from),
      );
    }

    // ---- End tag ----
    if (load<u8>(p, 1) == 0x2f) {
      const length = <usize>parent.nameLength;
      if (length <= KeyMax) {
        const same =
          Key.low(p + 2, length) == parent.keyLow && Key.high(p + 2, length) == parent.keyHigh;
        if (!same || load<u8>(p + 2 + length) != 0x3e) return leave(p, tape, entry, State.Token);
      } else if (
        p + 2 + length >= end ||
        load<u8>(p + 2 + length) != 0x3e ||
        memory.compare(p + 2, longName(parent), length) != 0
      ) {
        return leave(p, tape, entry, State.Token);
      }
      const lt = <u32>(p - base);
      p += length + 3;
      tape = Record.put(tape, Record.head(Kind.End, 0, 0), lt, parent.children, <u32>(p - base));
      if (!document) {
        const start = Scan.unitTape + parent.start;
        store<u32>(start, <u32>(tape - start), (<usize>Tape.Extent) << 2);
      }
      entry -= EntrySize;
      if (entry == floor) {
        p = unitEnd(p, tape, entry);
        if (Scan.state != State.Content) return p;
      }
      continue;
    }

    // ---- Start tag: the name ----
    const lt = p;
    const tag = tape;
    if (entry >= deepest || parent.children >= maxChildren) {
      return leave(lt, tag, entry, State.Token);
    }
    if (++Scan.serial == 0) {
      clearStamps();
      Scan.serial = 1;
    }
    const serial = Scan.serial;
    Scan.checks = 0;
    p++;
    const block = v128.load(p);
    const found = i8x16.bitmask(i8x16.eq(i8x16.swizzle(nameStops, v128.and(block, nibble)), block));
    let length = <usize>ctz<u32>(found);
    let number: u32;
    let colon: u32;
    if (length - 1 < KeyMax) {
      const low = Key.low(p, length);
      const high = Key.high(p, length);
      const slot = NameSlot.at(low, high);
      if (slot.keyLow != low || slot.keyHigh != high) {
        if (p + length > end || !describe(slot, p, <u32>length)) {
          return leave(lt, tag, entry, State.Token);
        }
      }
      number = slot.number;
      colon = slot.colon;
    } else {
      const e = nameEnd(p, end);
      const c = load<u8>(e);
      length = e - p;
      if (
        e == end ||
        length - 1 >= maxName ||
        (c != 0x3e && c != 0x2f && c > 0x20) ||
        classify(p, <u32>length) == NameKind.Invalid
      ) {
        return leave(lt, tag, entry, State.Token);
      }
      number = Names.number;
      colon = Names.colon;
    }
    const tagName = <u32>length;
    let checks: u32 = 0;
    let startFlags: u32 = 0;
    if (colon) {
      checks = CheckElement;
      startFlags = Flag.Prefixed;
    }
    let namespace = parent.defaultNamespace;
    let declarations = parent.declarations;
    let attributes: u32 = 0;
    p += length;
    tape += RecordSize;

    // ---- Start tag: the attributes ----
    let c = <u32>load<u8>(p);
    while (c != 0x3e && c != 0x2f) {
      // At `p` stands white space.
      p++;
      c = <u32>load<u8>(p);
      while (c <= 0x20) c = <u32>load<u8>(++p);
      if (c == 0x3e || c == 0x2f) break;
      if (attributes >= maxAttributes) return leave(lt, tag, entry, State.Token);
      const name = p;
      length = <usize>ctz<u32>(i8x16.bitmask(i8x16.eq(v128.load(p), equals)));
      let slot = longSlot();
      let about: u32;
      if (length - 1 < KeyMax) {
        const low = Key.low(p, length);
        const high = Key.high(p, length);
        slot = NameSlot.at(low, high);
        if (slot.keyLow != low || slot.keyHigh != high) {
          if (!describe(slot, p, <u32>length)) return leave(lt, tag, entry, State.Token);
          checks |= Scan.checks;
        }
        about = aboutOf(slot);
      } else {
        const e = nameEnd(p, end);
        length = e - p;
        if (e == end || load<u8>(e) != 0x3d || length - 1 >= maxName) {
          return leave(lt, tag, entry, State.Token);
        }
        const kind = classify(p, <u32>length);
        if (kind == NameKind.Invalid) return leave(lt, tag, entry, State.Token);
        about = Names.number | (kind << 16);
      }
      p += length + 1;
      const quote = <u32>load<u8>(p);
      if (quote != 0x22 && quote != 0x27) return leave(lt, tag, entry, State.Token);
      p++;
      const value = p;
      // Most values end at their first stop.
      let passed = i8x16.splat(0);
      let near = v128.load(p);
      let stops = i8x16.bitmask(i8x16.eq(i8x16.swizzle(valueStops, v128.and(near, nibble)), near));
      while (!stops) {
        passed = v128.or(passed, near);
        p += 16;
        near = v128.load(p);
        stops = i8x16.bitmask(i8x16.eq(i8x16.swizzle(valueStops, v128.and(near, nibble)), near));
      }
      p += <usize>ctz<u32>(stops);
      if (<u32>load<u8>(p) == quote) {
        Span.close(0, passed, near, stops);
      } else {
        p = valueEnd(value, quote);
        if (<u32>load<u8>(p) != quote) {
          // All is plain so far: nothing for the automaton to find.
          if (p >= end && end - lt <= RewindMax) return leaveTag(lt, tag, entry);
          // A reference by number, or a fault.
          return leave(lt, tag, entry, State.Token);
        }
      }
      let flags = Span.flags;
      const valueLength = <u32>(p - value);
      let kind: u32 = Kind.Attribute;
      const nameKind = (about >> 16) & 0xff;
      if (nameKind != NameKind.Plain) {
        if (nameKind == NameKind.XmlnsDefault) {
          kind = Kind.Xmlns;
          const known = namespaceNumber(value, valueLength);
          const unknown = (<u32>Namespace.Declared) | (<u32>(tape - Scan.unitTape));
          namespace = known || valueLength == 0 ? known : unknown;
          declarations++;
          const odd = flags & Flag.Escaped || declarations > maxNamespaces;
          if (odd || known == Namespace.Xml || known == Namespace.Xmlns) checks |= CheckNames;
        } else if (nameKind == NameKind.XmlnsPrefix) {
          kind = Kind.Xmlns;
          checks |= CheckNames;
        } else {
          flags |= Flag.Prefixed;
          if (nameKind == NameKind.Prefixed) checks |= CheckNames;
        }
      }
      if (slot.stamp == serial) checks |= CheckDuplicates;
      slot.stamp = serial;
      attributes++;
      const about16 = about & 0xffff;
      tape = Record.put(
        tape,
        Record.head(kind, flags, about16),
        <u32>(name - base),
        <u32>(value - base),
        valueLength,
      );
      p++;
      c = <u32>load<u8>(p);
      if (c > 0x20 && c != 0x3e && c != 0x2f) return leave(lt, tag, entry, State.Token);
    }

    // ---- Start tag: its end ----
    const empty = c == 0x2f;
    if (empty) p++;
    if (load<u8>(p) != 0x3e) return leave(lt, tag, entry, State.Token);
    if (empty) startFlags |= Flag.Empty;
    Record.put(tag, Record.head(Kind.Start, startFlags, number), namespace, <u32>(lt - base), 0);
    const child = entry + EntrySize;
    const open = changetype<Entry>(child);
    Entry.inherit(entry, child);
    open.defaultNamespace = namespace;
    open.declarations = declarations;
    if (checks) {
      leave(p, tape, entry, State.TagSpace);
      if (document) {
        Scan.unit = lt;
        Scan.unitTape = tag;
      }
      Scan.tag = tag;
      Scan.tagColon = colon;
      Scan.checks = checks;
      if (!checkTag(p)) return p;
    }
    if (tagName > <u32>KeyMax && !makeRoom(Roomy.Text, open.textLength, tagName)) {
      return leave(lt, tag, entry, State.Token);
    }
    parent.children++;
    p++;
    if (empty) {
      tape = Record.put(tape, Record.head(Kind.End, 0, 0), <u32>(p - 2 - base), 0, <u32>(p - base));
      if (!document) store<u32>(tag, <u32>(tape - tag), (<usize>Tape.Extent) << 2);
      if (entry == floor) {
        p = unitEnd(p, tape, entry);
        if (Scan.state != State.Content) return p;
      }
    } else {
      nameEntry(open, lt + 1, tagName);
      open.start = <u32>(tag - Scan.unitTape);
      entry = child;
    }
  }
  return leave(p, tape, entry, State.Content);
}

/**
 * The outermost element of the unit has ended; `p` is behind its `>`. When another stanza follows,
 * its unit is opened and the state stays Content; else the lane is over.
 */
function unitEnd(p: usize, tape: usize, entry: usize): usize {
  leave(p, tape, entry, State.Content);
  if (!closeUnit(p - 1)) return p;
  if (Scan.framing != Framing.Stream) {
    Scan.place = State.Epilog;
    Scan.state = State.Epilog;
    return p;
  }
  const from = p;
  while (load<u8>(p) <= 0x20) p++;
  Scan.keepalives += <u32>(p - from);
  if (openElement(p)) return p;
  Scan.place = State.Level;
  Scan.state = State.Level;
  return p;
}
