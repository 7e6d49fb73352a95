/*
 * The fast lane: whole plain tokens, as nearly all are, taken in a few steps each. It adds nothing
 * to the language of automaton.ts: at the first thing that is not plain (a reference, a long or
 * odd name, white space around an equals sign, a limit, the end of the window) it leaves the
 * scan in a state from which the automaton goes on, and the automaton alone raises faults.
 *
 * Sixteen bytes are loaded at a time and compared with the bytes that end the token: a swizzle
 * turns each byte's lower nibble into the one stop that has this nibble, so one comparison finds all stops.
 * Loads may reach behind `end`, into the `<` that stand there and end nothing by themselves.
 *
 *     <message to='juliet@example.com' id="7"><body>Hello</body></message>
 *     ^ start tag                             ^     ^    ^ end tag
 *
 * Hot locals (cursor, tape, open entry) stay out of Scan until the lane is left.
 */
import { Flag, Framing, Kind, Namespace, Tape } from '../abi';
import { SeenHigh } from '../text/utf8';
import { Entry, EntrySize, inheritScope, keyHigh, keyLow, nameEntry } from './elements';
import { isSpace } from '../text/characters';
import { closeUnit, openStanza } from './element-events';
import { GuessNameMax, aboutOf, guessAfter, remember } from './guesses';
import { NameKind, NameSlot, clearStamps, describe, slotOf } from './names';
import { CheckDuplicates, CheckNames, Scan, State } from './scan';
import { skipEntity } from './references';
import { checkTag } from './tag';
import { hasHigh, head, put, textFlags } from './tape';
import { namespaceNumber } from './vocabulary-index';
import { Region } from './regions';

/** Names longer than this are the automaton's: 15 bytes and their delimiter fill a load. */
export const LaneNameMax: u32 = 15;

/** Leaves the lane between two tokens: what stands in locals goes back to Scan. */
function leave(p: usize, tape: usize, entry: usize, state: State): usize {
  if (Scan.framing == Framing.Document) {
    // Each token is a unit, and none has begun.
    Scan.unit = 0;
    Scan.unitTape = tape;
  }
  return leaveInside(p, tape, entry, state);
}

function leaveInside(p: usize, tape: usize, entry: usize, state: State): usize {
  Scan.tape = tape;
  Scan.entry = entry;
  Scan.place = State.Content;
  Scan.state = state;
  return p;
}

/** Leaves the lane inside the start tag that began at `lt`. */
function leaveTag(
  p: usize, tape: usize, entry: usize, state: State,
  lt: usize, tag: usize, nameLength: u32, colon: u32, attributes: u32, checks: u32,
): usize { // prettier-ignore
  Scan.token = lt;
  if (Scan.framing == Framing.Document) {
    Scan.unit = lt;
    Scan.unitTape = tag;
  }
  Scan.tag = tag;
  Scan.tagName = nameLength;
  Scan.tagColon = colon;
  Scan.attributes = attributes;
  Scan.checks = checks;
  Scan.quote = 0;
  return leaveInside(p, tape, entry, state);
}

/** Takes tokens from `p` on, in element content. Returns the cursor; Scan.state says what is next. */
export function lane(p: usize): usize {
  const textStops = i8x16(-1, 0, 0, 0, 0, 0, 0x26, 0, 0, 0, 0, 0, 0x3c, 0, 0x3e, 0);
  const nameStops = i8x16(0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0x09, 0x0a, 0, 0, 0x0d, 0x3e, 0x2f);
  const valueStops = i8x16(-1, 0, 0x22, 0, 0, 0, 0x26, 0x27, 0, 0x09, 0x0a, 0, 0x3c, 0x0d, 0, 0);
  const equals = i8x16.splat(0x3d);
  const nibble = i8x16.splat(0x0f);
  const end = Scan.end;
  const base = Scan.base;
  const seen = Scan.seen;
  const floor = Scan.floor;
  const maxChildren = Scan.maxChildren;
  const maxAttributes = Scan.maxAttributes;
  const maxNamespaces = Scan.maxNamespaces;
  const deepest = Region.stack + <usize>Scan.maxDepth * EntrySize;
  const document = Scan.framing == Framing.Document;
  let tape = Scan.tape;
  let entry = Scan.entry;

  while (p < end) {
    // ---- Text ----
    if (load<u8>(p) != 0x3c) {
      const parent = changetype<Entry>(entry);
      if (parent.children >= maxChildren) return leave(p, tape, entry, State.Token);
      const from = p;
      let flags: u32 = 0;
      while (true) {
        const block = v128.load(p);
        const found = i8x16.bitmask(
          i8x16.eq(i8x16.swizzle(textStops, v128.and(block, nibble)), block),
        );
        if (!found) {
          p += 16;
          continue;
        }
        p += <usize>ctz<u32>(found);
        if (load<u8>(p) != 0x26) break;
        const next = skipEntity(p);
        if (!next) break;
        flags = Flag.Escaped;
        p = next;
      }
      parent.children++;
      if (p >= end || load<u8>(p) != 0x3c) {
        Scan.token = from;
        if (document) {
          Scan.unit = from;
          Scan.unitTape = tape;
        }
        Scan.flags = flags;
        Scan.quote = 0;
        return leaveInside(min(p, end), tape, entry, State.Text);
      }
      if (seen) flags |= textFlags(from, p, seen);
      tape = put(tape, head(Kind.Text, flags, 0), 0, <u32>(from - base), <u32>(p - from));
    }

    // ---- End tag ----
    if (load<u8>(p, 1) == 0x2f) {
      const open = changetype<Entry>(entry);
      const length = <usize>open.nameLength;
      if (
        length > <usize>LaneNameMax ||
        keyLow(p + 2, length + 1) != open.keyLow ||
        keyHigh(p + 2, length + 1) != open.keyHigh
      ) {
        return leave(p, tape, entry, State.Token);
      }
      const lt = <u32>(p - base);
      p += length + 3;
      tape = put(tape, head(Kind.End, 0, 0), lt, open.children, <u32>(p - base));
      if (!document) {
        const start = Scan.unitTape + open.start;
        store<u32>(start, <u32>(tape - start), <usize>Tape.Extent << 2);
      }
      entry -= EntrySize;
      if (entry == floor) {
        p = unitEnd(p, tape, entry);
        if (Scan.state != State.Content) return p;
      }
      continue;
    }

    // ---- Start tag ----
    const lt = p;
    const parent = changetype<Entry>(entry);
    if (entry >= deepest || parent.children >= maxChildren) {
      return leave(p, tape, entry, State.Token);
    }
    p++;
    let block = v128.load(p);
    let found = i8x16.bitmask(i8x16.eq(i8x16.swizzle(nameStops, v128.and(block, nibble)), block));
    let length = <usize>ctz<u32>(found);
    if (length - 1 >= <usize>LaneNameMax) return leave(lt, tape, entry, State.Token);
    let low = keyLow(p, length);
    let high = keyHigh(p, length);
    let slot = slotOf(low, high);
    const tagSlot = slot;
    if (slot.keyLow != low || slot.keyHigh != high) {
      if (p + length > end || !describe(slot, p, <u32>length)) {
        return leave(lt, tape, entry, State.Token);
      }
    }
    parent.children++;
    if (++Scan.serial == 0) {
      clearStamps();
      Scan.serial = 1;
    }
    const serial = Scan.serial;
    const tag = tape;
    const tagName = <u32>length;
    const colon = <u32>slot.colon;
    let checks = colon ? CheckNames : 0;
    Scan.checks = 0;
    const flags: u32 = colon ? Flag.Prefixed : 0;
    let namespace = parent.defaultNamespace;
    let declarations = parent.declarations;
    let attributes: u32 = 0;
    let about: u32 = 0;
    tape = put(tape, head(Kind.Start, flags, slot.number), namespace, <u32>(lt - base), 0);
    p += length;

    // ---- Attributes ----
    let c = <u32>load<u8>(p);
    while (c != 0x3e && c != 0x2f) {
      // White space before a name: at least one byte of it, at `p`.
      p++;
      c = <u32>load<u8>(p);
      while (c == 0x20 || c == 0x0a || c == 0x09 || c == 0x0d) c = <u32>load<u8>(++p);
      if (c == 0x3e || c == 0x2f) break;
      if (attributes >= maxAttributes) {
        return leaveTag(min(p, end), tape, entry, State.TagSpace, lt, tag, tagName, colon, attributes, checks); // prettier-ignore
      }
      const name = p;
      const guess = guessAfter(tagSlot, slot);
      length = guess.length;
      if (keyLow(p, length) == guess.keyLow && keyHigh(p, length) == guess.keyHigh) {
        slot = guess.slot;
        about = guess.about;
        p += length;
      } else {
        length = <usize>ctz<u32>(i8x16.bitmask(i8x16.eq(v128.load(p), equals)));
        if (length - 1 >= <usize>LaneNameMax) {
          return leaveTag(min(p, end), tape, entry, State.TagSpace, lt, tag, tagName, colon, attributes, checks); // prettier-ignore
        }
        low = keyLow(p, length);
        high = keyHigh(p, length);
        slot = slotOf(low, high);
        if (slot.keyLow != low || slot.keyHigh != high) {
          if (!describe(slot, p, <u32>length)) {
            return leaveTag(p, tape, entry, State.TagSpace, lt, tag, tagName, colon, attributes, checks); // prettier-ignore
          }
          checks |= Scan.checks;
        }
        p += length + 1;
        const mark = <u32>load<u8>(p);
        if (mark != 0x22 && mark != 0x27) {
          return leaveTag(name, tape, entry, State.TagSpace, lt, tag, tagName, colon, attributes, checks); // prettier-ignore
        }
        p++;
        about = aboutOf(slot);
        if (length <= GuessNameMax) remember(guess, name, <u32>length + 2, slot);
      }
      const quote = <u32>load<u8>(p - 1);
      const value = p;
      let valueFlags: u32 = 0;
      while (true) {
        block = v128.load(p);
        found = i8x16.bitmask(i8x16.eq(i8x16.swizzle(valueStops, v128.and(block, nibble)), block));
        if (!found) {
          p += 16;
          continue;
        }
        p += <usize>ctz<u32>(found);
        c = <u32>load<u8>(p);
        if (c == quote) break;
        if (c == 0x26) {
          const next = skipEntity(p);
          if (next) {
            valueFlags |= Flag.Escaped;
            p = next;
            continue;
          }
        }
        if (c == 0x3c || c == 0x26) {
          // Also the end of the window. The attribute is the automaton's, from its name on.
          return leaveTag(name, tape, entry, State.TagSpace, lt, tag, tagName, colon, attributes, checks); // prettier-ignore
        }
        if (c < 0x20) valueFlags |= Flag.Escaped;
        p++;
      }
      const valueLength = <u32>(p - value);
      if (seen & SeenHigh && hasHigh(value, p)) valueFlags |= Flag.High;
      const nameKind = (about >> 16) & 0xff;
      let kind: u32 = Kind.Attribute;
      if (nameKind != NameKind.Plain) {
        if (nameKind == NameKind.XmlnsDefault) {
          kind = Kind.Xmlns;
          const number = namespaceNumber(value, valueLength);
          namespace =
            valueLength == 0 || number
              ? number
              : <u32>Namespace.Declared | <u32>(tape - Scan.unitTape);
          declarations++;
          if (
            valueFlags & Flag.Escaped ||
            declarations > maxNamespaces ||
            number == Namespace.Xml ||
            number == Namespace.Xmlns
          ) {
            checks |= CheckNames;
          }
        } else if (nameKind == NameKind.XmlnsPrefix) {
          kind = Kind.Xmlns;
          checks |= CheckNames;
        } else {
          valueFlags |= Flag.Prefixed;
          if (nameKind == NameKind.Prefixed) checks |= CheckNames;
        }
      }
      if (slot.stamp == serial) checks |= CheckDuplicates;
      slot.stamp = serial;
      attributes++;
      tape = put(
        tape,
        head(kind, valueFlags, about & 0xffff),
        <u32>(name - base),
        <u32>(value - base),
        valueLength,
      );
      p++;
      c = <u32>load<u8>(p);
      if (c != 0x20 && c != 0x3e && c != 0x2f) {
        if (c != 0x0a && c != 0x0d && c != 0x09) {
          return leaveTag(min(p, end), tape, entry, State.AttributeEnd, lt, tag, tagName, colon, attributes, checks); // prettier-ignore
        }
      }
    }

    // ---- The end of the start tag ----
    const empty = c == 0x2f;
    const gt = empty ? p + 1 : p;
    if (load<u8>(gt) != 0x3e) {
      return leaveTag(p, tape, entry, State.TagSpace, lt, tag, tagName, colon, attributes, checks);
    }
    const child = entry + EntrySize;
    if (checks) {
      leaveTag(p, tape, entry, State.TagSpace, lt, tag, tagName, colon, attributes, checks);
      if (!checkTag(gt)) return p;
    } else {
      inheritScope(entry, child);
      changetype<Entry>(child).defaultNamespace = namespace;
      changetype<Entry>(child).declarations = declarations;
      store<u32>(tag, namespace, <usize>Tape.Detail << 2);
    }
    p = gt + 1;
    if (empty) {
      store<u8>(tag, load<u8>(tag, 1) | <u8>Flag.Empty, 1);
      tape = put(tape, head(Kind.End, 0, 0), <u32>(gt - 1 - base), 0, <u32>(p - base));
      if (!document) store<u32>(tag, <u32>(tape - tag), <usize>Tape.Extent << 2);
      if (entry == floor) {
        p = unitEnd(p, tape, entry);
        if (Scan.state != State.Content) return p;
      }
    } else {
      nameEntry(parent, changetype<Entry>(child), lt + 1, tagName);
      changetype<Entry>(child).start = <u32>(tag - Scan.unitTape);
      entry = child;
    }
  }
  return leave(p, tape, entry, State.Content);
}

/**
 * The outermost element of the unit has ended; `p` is behind its `>`. When the next stanza follows
 * at once, its unit is opened and the state stays Content; else the lane is over.
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
  while (isSpace(load<u8>(p))) p++;
  Scan.keepalives += <u32>(p - from);
  if (openStanza(p)) return p;
  Scan.place = State.Level;
  Scan.state = State.Level;
  return p;
}
