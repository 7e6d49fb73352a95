/*
 * The ends of tags: what becomes of the tape, the open elements and the unit when a start tag, an
 * empty-element tag or an end tag is complete. The automaton and nobody else calls these; the fast lane does the plain
 * half of the same itself.
 */
import { Flag, Framing, Kind, Tape } from '../abi';
import { ErrorCode } from '../errors';
import { Entry, EntrySize, KeyMax, inheritScope, nameEntry } from './elements';
import { fail } from './fault';
import { Region, Roomy, makeRoom } from './regions';
import { Scan, State } from './scan';
import { RecordSize, head, offsetOf, put, word } from './tape';
import { checkTag } from './tag';

/** The start tag is complete; its `>` is at `gt`. Returns the place after it. */
export function finishStartTag(gt: usize): usize {
  if (!settleTag(gt)) return gt;
  const parent = Scan.entry;
  const child = parent + EntrySize;
  const entry = changetype<Entry>(child);
  if (Scan.tagName > <u32>KeyMax && !makeRoom(Roomy.Text, entry.textLength, Scan.tagName)) {
    return fail(ErrorCode.LimitMemory, gt, gt);
  }
  nameEntry(entry, Scan.base + word(Scan.tag, Tape.Offset) + 1, Scan.tagName);
  entry.start = <u32>(Scan.tag - Scan.unitTape);
  Scan.entry = child;
  if (Scan.framing == Framing.Stream && parent == Region.stack) {
    if (!closeUnit(gt)) return gt;
    Scan.floor = child;
    Scan.place = State.Level;
    Scan.state = State.Level;
    return gt + 1;
  }
  Scan.place = State.Content;
  Scan.state = State.Content;
  if (!closeToken(gt)) return gt;
  return gt + 1;
}

/** The empty-element tag is complete; its `>` is at `gt`. */
export function finishEmptyTag(gt: usize): usize {
  if (!settleTag(gt)) return gt;
  store<u32>(Scan.tag, word(Scan.tag, Tape.Head) | ((<u32>Flag.Empty) << 8));
  const slash = offsetOf(gt - 1);
  const after = offsetOf(gt + 1);
  if (Scan.framing == Framing.Stream && Scan.entry == Region.stack) {
    Scan.tape = put(Scan.tape, head(Kind.Close, 0, 0), slash, slash, after);
    if (!closeUnit(gt)) return gt;
    return enterEpilog(gt);
  }
  Scan.tape = put(Scan.tape, head(Kind.End, 0, 0), slash, 0, after);
  linkStart(Scan.tag);
  return leaveElement(gt);
}

/** The end tag is complete; its `>` is at `gt`. */
export function finishEndTag(gt: usize): usize {
  const entry = changetype<Entry>(Scan.entry);
  const lt = offsetOf(Scan.token);
  const after = offsetOf(gt + 1);
  if (Scan.framing == Framing.Stream && Scan.entry == Scan.floor) {
    Scan.tape = put(Scan.tape, head(Kind.Close, 0, 0), lt, lt, after);
    Scan.entry = Region.stack;
    if (!closeUnit(gt)) return gt;
    return enterEpilog(gt);
  }
  Scan.tape = put(Scan.tape, head(Kind.End, 0, 0), lt, entry.children, after);
  linkStart(Scan.unitTape + entry.start);
  Scan.entry -= EntrySize;
  return leaveElement(gt);
}

/** Namespaces, uniqueness and scope of the start tag. */
function settleTag(gt: usize): bool {
  const parent = Scan.entry;
  inheritScope(parent, parent + EntrySize);
  if (Scan.checks) return checkTag(gt);
  store<u32>(Scan.tag, changetype<Entry>(parent).defaultNamespace, (<usize>Tape.Detail) << 2);
  return true;
}

/** Tells a START how far away the end of its element is. */
function linkStart(start: usize): void {
  if (Scan.framing == Framing.Document) return;
  store<u32>(start, <u32>(Scan.tape - start), (<usize>Tape.Extent) << 2);
}

/** An element has ended at `gt`, and the one around it is the open one. */
function leaveElement(gt: usize): usize {
  if (Scan.entry == Scan.floor) {
    if (!closeUnit(gt)) return gt;
    if (Scan.framing != Framing.Stream) return enterEpilog(gt);
    Scan.place = State.Level;
    Scan.state = State.Level;
    return gt + 1;
  }
  Scan.state = State.Content;
  if (!closeToken(gt)) return gt;
  return gt + 1;
}

function enterEpilog(gt: usize): usize {
  Scan.place = State.Epilog;
  Scan.state = State.Epilog;
  return gt + 1;
}

/** The unit (or, in a document, the token) is complete with the byte at `last`: its events stand. */
export function closeUnit(last: usize): bool {
  if (Scan.unit != 0 && last - Scan.unit >= <usize>Scan.maxUnit) {
    fail(ErrorCode.LimitStanzaBytes, last, last);
    return false;
  }
  Scan.unit = 0;
  Scan.unitTape = Scan.tape;
  return true;
}

/** In a document the token is a unit: it is complete with the byte at `last`. */
export function closeToken(last: usize): bool {
  return Scan.framing != Framing.Document || closeUnit(last);
}

/**
 * Opens the unit of the stanza (or root element) whose `<` is at `p`, in state Content, if there is no
 * doubt that it is one: an end tag, CDATA and the like mean something else outside of elements.
 */
export function openElement(p: usize): bool {
  if (load<u8>(p) != 0x3c || p + 1 >= Scan.end) return false;
  const next = load<u8>(p, 1);
  if (next == 0x2f || next == 0x21 || next == 0x3f) return false;
  changetype<Entry>(Scan.floor).children = 0;
  Scan.unit = p;
  Scan.unitTape = Scan.tape;
  Scan.state = State.Content;
  return true;
}

/** Writes the START record of the tag whose name, `length` bytes at `name`, is complete. */
export function putStart(name: usize, length: u32, number: u32, colon: u32): void {
  Scan.tag = Scan.tape;
  Scan.tagName = length;
  Scan.tagColon = colon;
  const flags: u32 = colon ? Flag.Prefixed : 0;
  store<u32>(Scan.tape, head(Kind.Start, flags, number), (<usize>Tape.Head) << 2);
  store<u32>(Scan.tape, 0, (<usize>Tape.Detail) << 2);
  store<u32>(Scan.tape, offsetOf(name - 1), (<usize>Tape.Offset) << 2);
  store<u32>(Scan.tape, 0, (<usize>Tape.Extent) << 2);
  Scan.tape += RecordSize;
}
