/*
 * One chunk of one stream: brings back what the stream had left incomplete, validates the new
 * bytes, runs the automaton over the window, hands out the tape of what is complete, and puts the rest away.
 *
 * Invariants: the result does not depend on how the input was cut; the work is linear in the bytes
 * fed; an idle stream owns its record and nothing else (a header beyond the usual costs a block).
 */
import { Abi, Control, Feed, Framing, Kind, Namespace, Tape } from '../abi';
import { ErrorCode } from '../errors';
import { allocate, blockSize, copy, release } from '../memory';
import { Text, validate } from '../text/utf8';
import { run } from './automaton';
import { Entry, EntrySize, KeyMax, clearEntry, inheritScope, nameEntry } from './elements';
import { loadLimits } from './limits';
import { Prefix, PrefixSize, addPrefix } from './namespaces';
import { StreamRecord } from './records';
import { Region, releaseGrown } from './regions';
import { CheckDuplicates, RewindMax, Scan, State } from './scan';
import {
  PadBytes,
  Part,
  PartRecord,
  Spill,
  SpillHead,
  inputAddress,
  isSmall,
  lend,
  partOf,
  readyPart,
  releaseLent,
  releaseSpill,
  setRegion,
  sharedSize,
  useShared,
} from './spill';
import { RecordSize, head, put, word } from './tape';

/** The control block that JavaScript reads (abi.ts). */
export const CONTROL: usize = memory.data((<i32>Control.Size) << 2, 16);

/** `stream:stream` as the key of an entry, with the prefix in front. */
const HEADER: usize = memory.data<u8>([
  115, 116, 114, 101, 97, 109, 58, 115, 116, 114, 101, 97, 109, 0, 0, 0,
]);
const HeaderName: u32 = 13;
const HeaderPrefix: u32 = 6;

/** The window of this chunk: where the new bytes begin and end. */
class Window {
  static fresh: usize = 0;
  static to: usize = 0;
  /** Where the scan goes on: before the new bytes when a cut tag is read again. */
  static cursor: usize = 0;
}

/** Takes `length` bytes from the input. Returns the bytes of tape, or a negated ErrorCode. */
export function feed(record: StreamRecord, length: u32, last: bool): i32 {
  releaseLent();
  Scan.keepalives = 0;
  if (record.state == State.Dead) return publish(0, 0, record.offset);
  if (!resume(record, length)) return dieOfMemory(record);
  const valid = validate(Window.fresh, Window.to);
  Scan.end = valid;
  // What follows the valid bytes gives way to the stop bytes, and comes back.
  const rest = load<u32>(valid);
  padWindow(valid);
  const fast =
    <usize>Scan.maxName > KeyMax &&
    (Scan.framing != Framing.Document || valid - Scan.base <= <usize>Scan.maxUnit);
  Window.cursor = run(Window.cursor, fast);
  store<u32>(valid, rest);
  judge(valid, last);
  const result = Scan.fault ? die(record) : suspend(record, length, valid, last);
  releaseGrown();
  return result;
}

/** The end of the input. Returns the bytes of tape: an ERROR when something is incomplete. */
export function finish(record: StreamRecord): i32 {
  releaseLent();
  Scan.keepalives = 0;
  const state = <u32>record.state;
  const spill = <usize>record.spill;
  const carried = spill ? partOf(spill, Part.Window).used : 0;
  const pending = spill ? changetype<Spill>(spill).pending : 0;
  const complete =
    state == State.Dead ||
    (state == State.Epilog && pending == 0) ||
    (state == State.Start && record.framing == Framing.WebSocket && pending == 0);
  const total = record.offset + carried;
  releaseSpill(spill);
  record.spill = 0;
  record.state = <u8>State.Dead;
  record.offset = total;
  if (complete) return publish(0, 0, total);
  useShared();
  const code = pending ? ErrorCode.XmlUtf8Truncated : ErrorCode.XmlUnexpectedEnd;
  putError(Region.tape, code, total - pending);
  return publish(Region.tape, <u32>RecordSize, total);
}

/** Forgets all that the stream has read: a new header is expected (after TLS or SASL). */
export function reset(record: StreamRecord): void {
  releaseSpill(record.spill);
  record.spill = 0;
  record.state = <u8>State.Start;
  record.place = <u8>State.Prolog;
  record.offset = 0;
  record.plain = 0;
}

function padWindow(p: usize): void {
  const stop = i8x16.splat(0x3c);
  for (let i: usize = 0; i < PadBytes; i += 16) v128.store(p + i, stop);
}

// ---- Bringing back --------------------------------------------------------------------------

/** Fills Scan, Region and Window from the record, with `length` new bytes in the input. */
function resume(record: StreamRecord, length: u32): bool {
  loadLimits(record.profile);
  Scan.framing = record.framing;
  Scan.options = record.options;
  Scan.state = record.state;
  Scan.place = record.place;
  Scan.baseOffset = record.offset;
  Scan.fault = 0;
  Scan.unit = 0;
  Scan.quote = 0;
  const input = inputAddress();
  const spill = <usize>record.spill;
  useShared();
  if (spill == 0) {
    Scan.base = input;
    Window.fresh = input;
    Window.cursor = input;
    Window.to = input + length;
    Scan.tape = Region.tape;
    Scan.unitTape = Region.tape;
    Scan.entry = Region.stack;
    Scan.floor = Region.stack;
    clearEntry(changetype<Entry>(Region.stack));
    if (record.plain) openPlainHeader(record);
    return true;
  }
  return resumeSpill(spill, input, length);
}

/** Rebuilds the entry of an ordinary stream header, which the record alone remembers. */
function openPlainHeader(record: StreamRecord): void {
  const root = Region.stack + EntrySize;
  const entry = changetype<Entry>(root);
  inheritScope(Region.stack, root);
  copy(Region.text, HEADER, HeaderPrefix);
  addPrefix(entry, HeaderPrefix, 0, Namespace.Streams, 0);
  entry.defaultNamespace = record.defaultNamespace;
  entry.declarations = record.declarations;
  nameEntry(entry, HEADER, HeaderName);
  entry.start = 0;
  Scan.entry = root;
  Scan.floor = root;
}

function resumeSpill(spill: usize, input: usize, length: u32): bool {
  const registers = changetype<Spill>(spill);
  const window = partOf(spill, Part.Window);
  let packed = spill + SpillHead;
  for (let i: u32 = 0; i < <u32>Part.Count; i++) {
    const part = partOf(spill, i);
    const stored = part.block ? 0 : (part.used + 15) & ~15;
    if (i == Part.Window && part.block == 0) {
      Scan.base = input - part.used;
      copy(Scan.base, packed, part.used);
    } else {
      const region = readyPart(part, i, length, packed);
      if (region == 0) return false;
      setRegion(i, region, part.block ? part.size : sharedSize(i));
    }
    packed += stored;
  }
  if (window.block) {
    Scan.base = window.block;
    memory.copy(Scan.base + window.used, input, length);
  }
  Window.fresh = Scan.base + window.used - registers.pending;
  Window.cursor = Window.fresh - registers.unread;
  Window.to = Scan.base + window.used + length;
  const base = Scan.base;
  Scan.unit = registers.hasUnit ? base : 0;
  Scan.unitTape = Region.tape;
  Scan.tape = Region.tape + partOf(spill, Part.Tape).used;
  Scan.entry = Region.stack + partOf(spill, Part.Stack).used - EntrySize;
  Scan.floor = Region.stack + (registers.hasHeader ? <usize>EntrySize : 0);
  Scan.token = base + registers.token;
  Scan.name = base + registers.name;
  Scan.nameEnd = base + registers.nameEnd;
  Scan.value = base + registers.value;
  Scan.reference = base + registers.reference;
  Scan.tag = Region.tape + registers.tag;
  Scan.tagName = registers.tagName;
  Scan.tagColon = registers.tagColon;
  Scan.quote = registers.quote;
  Scan.flags = registers.flags;
  Scan.attributes = registers.attributes;
  // Other tags have been stamped in the meantime: the cheap half of the check knows nothing.
  Scan.checks = registers.checks | (registers.attributes ? CheckDuplicates : 0);
  Scan.referenceForm = registers.referenceForm;
  Scan.referenceNumber = registers.referenceNumber;
  return true;
}

// ---- Judging --------------------------------------------------------------------------------

/** The faults that belong to no state: encoding, length of the unit, the end of a frame. */
function judge(valid: usize, last: bool): void {
  if (Scan.fault) return;
  if (Scan.unit != 0 && valid - Scan.unit > <usize>Scan.maxUnit) {
    Scan.fault = ErrorCode.LimitStanzaBytes;
    Scan.faultAt = Scan.unit + Scan.maxUnit;
  } else if (Text.fault) {
    Scan.fault = Text.fault;
    Scan.faultAt = valid;
    // UTF-16 and UTF-32 begin with a zero byte in one of the first four places.
    const offset = Scan.baseOffset + (valid - Scan.base);
    if (offset < 4 && load<u8>(valid) == 0) Scan.fault = ErrorCode.XmlEncodingUnsupported;
  } else if (last) {
    if (valid != Window.to) {
      Scan.fault = ErrorCode.XmlUtf8Truncated;
      Scan.faultAt = valid;
    } else if (Scan.state != State.Epilog) {
      Scan.fault = Scan.state == State.Start ? ErrorCode.XmlFrameStart : ErrorCode.XmlUnexpectedEnd;
      Scan.faultAt = Window.to;
    }
  }
}

/** Hands out what stood before the fault, and the fault; the stream is dead from here on. */
function die(record: StreamRecord): i32 {
  const offset = Scan.baseOffset + (Scan.faultAt - Scan.base);
  putError(Scan.unitTape, Scan.fault, offset);
  const length = <u32>(Scan.unitTape + RecordSize - Region.tape);
  const spill = <usize>record.spill;
  if (spill) {
    lendPart(spill, Part.Window);
    lendPart(spill, Part.Tape);
    releaseSpill(spill);
  }
  record.spill = 0;
  record.state = <u8>State.Dead;
  record.offset = Scan.baseOffset + (Window.to - Scan.base);
  return publish(Region.tape, length, Scan.baseOffset);
}

function lendPart(spill: usize, index: u32): void {
  const part = partOf(spill, index);
  if (part.block) lend(index, part.block, part.size);
  part.block = 0;
}

function dieOfMemory(record: StreamRecord): i32 {
  releaseSpill(record.spill);
  record.spill = 0;
  record.state = <u8>State.Dead;
  useShared();
  Scan.base = inputAddress();
  putError(Region.tape, ErrorCode.LimitMemory, record.offset);
  return publish(Region.tape, <u32>RecordSize, record.offset);
}

function putError(at: usize, code: u32, offset: u64): void {
  put(at, head(Kind.Error, 0, 0), code, <u32>offset, <u32>(offset >> 32));
}

function publish(tape: usize, length: u32, baseOffset: u64): i32 {
  store<u32>(CONTROL, <u32>tape, (<usize>Control.TapePtr) << 2);
  store<u32>(CONTROL, length, (<usize>Control.TapeLength) << 2);
  store<u32>(CONTROL, <u32>Scan.base, (<usize>Control.BasePtr) << 2);
  store<u32>(CONTROL, <u32>baseOffset, (<usize>Control.BaseLow) << 2);
  store<u32>(CONTROL, <u32>(baseOffset >> 32), (<usize>Control.BaseHigh) << 2);
  store<u32>(CONTROL, Scan.keepalives, (<usize>Control.KeepaliveBytes) << 2);
  return <i32>length;
}

// ---- Putting away ---------------------------------------------------------------------------

function suspend(record: StreamRecord, length: u32, valid: usize, last: bool): i32 {
  rewind(valid);
  const tape = Region.tape;
  const delivered = <u32>(Scan.unitTape - tape);
  const baseOffset = Scan.baseOffset;
  if (last) {
    Scan.state = State.Start;
    Scan.place = State.Prolog;
  }
  const carry = Scan.unit ? Scan.unit : valid;
  record.state = <u8>Scan.state;
  record.place = <u8>Scan.place;
  record.offset = baseOffset + (carry - Scan.base);
  if (!keep(record, length, carry, valid)) return dieOfMemory(record);
  return publish(tape, delivered, baseOffset);
}

/**
 * A tag that the window has cut is forgotten, and read again with the bytes to come: the fast
 * lane does that sooner than the automaton takes up the middle of a tag. Long tags go on where they are, which keeps
 * the work linear.
 */
function rewind(valid: usize): void {
  const state = Scan.state;
  if (state == State.Cut) {
    Scan.state = State.Content;
    return;
  }
  Window.cursor = valid;
  const inValue = state == State.Reference && Scan.quote != 0;
  if (!inValue && (state < <u32>State.Markup || state > <u32>State.EndSpace)) return;
  if (Scan.place != State.Content || valid - Scan.token > RewindMax) return;
  const inStart = inValue || (state >= <u32>State.StartName && state <= <u32>State.EmptyTag);
  if (inStart) changetype<Entry>(Scan.entry).children--;
  if (inStart && state != State.StartName) Scan.tape = Scan.tag;
  Scan.quote = 0;
  Scan.state = State.Content;
  Window.cursor = Scan.token;
}

/** Puts away what is incomplete, or nothing when nothing is. */
function keep(record: StreamRecord, length: u32, carry: usize, valid: usize): bool {
  const old = <usize>record.spill;
  const open = <u32>(Scan.entry - Region.stack) / EntrySize;
  if (carry == Window.to && (open == 0 || isPlain(record, open))) {
    if (old) {
      lendPart(old, Part.Window);
      lendPart(old, Part.Tape);
      releaseSpill(old);
      record.spill = 0;
    }
    return true;
  }
  return keepSpill(record, old, length, carry, valid);
}

/** Whether a stream between two stanzas can be rebuilt from its record alone; notes how. */
function isPlain(record: StreamRecord, open: u32): bool {
  if (open != 1 || Scan.framing != Framing.Stream) return false;
  if (record.plain) return true;
  const entry = changetype<Entry>(Scan.entry);
  if (entry.nameLength != HeaderName || entry.textLength != HeaderPrefix) return false;
  if (entry.prefixes != 1 || entry.defaultNamespace >= <u32>Namespace.Header) return false;
  const prefix = changetype<Prefix>(Region.prefixes);
  if (prefix.identity != Namespace.Streams || entry.declarations > 2) return false;
  // The prefix of this name is `stream`, and it is the only one that is declared.
  if (entry.keyLow != load<u64>(HEADER) || entry.keyHigh != load<u64>(HEADER, 8)) return false;
  record.plain = 1;
  record.declarations = <u8>entry.declarations;
  record.defaultNamespace = entry.defaultNamespace;
  return true;
}

/** Where each part that is put away lies now, and its bytes: two words a part. */
const KEPT: usize = memory.data((<i32>Part.Count) << 3, 16);

function keptFrom(part: u32): usize {
  return <usize>load<u32>(KEPT + (part << 3));
}

function keptUsed(part: u32): u32 {
  return load<u32>(KEPT + (part << 3), 4);
}

function note(part: u32, from: usize, used: u32): void {
  store<u32>(KEPT + (part << 3), <u32>from);
  store<u32>(KEPT + (part << 3), used, 4);
}

function keepSpill(
  record: StreamRecord,
  old: usize,
  length: u32,
  carry: usize,
  valid: usize,
): bool {
  rebaseTape(<u32>(carry - Scan.base));
  const entry = changetype<Entry>(Scan.entry);
  note(Part.Window, carry, <u32>(Window.to - carry));
  note(Part.Tape, Scan.unitTape, <u32>(Scan.tape - Scan.unitTape));
  note(Part.Stack, Region.stack, <u32>(Scan.entry + EntrySize - Region.stack));
  note(Part.Prefixes, Region.prefixes, entry.prefixes * PrefixSize);
  note(Part.Text, Region.text, entry.textLength);
  let wanted: u32 = SpillHead;
  for (let i: u32 = 0; i < <u32>Part.Count; i++) {
    const used = keptUsed(i);
    if (isSmall(used, length)) wanted += (used + 15) & ~15;
  }
  // The old block is written over when it fits; what was packed in it has been copied out.
  let spill = old;
  const size = blockSize(wanted);
  if (old == 0 || changetype<Spill>(old).size != size) {
    spill = allocate(size);
    if (spill == 0) return false;
    if (old) {
      copy(spill, old, SpillHead);
      release(old, changetype<Spill>(old).size);
    } else memory.fill(spill, 0, SpillHead);
    changetype<Spill>(spill).size = size;
    record.spill = <u32>spill;
  }
  let packed = spill + SpillHead;
  for (let i: u32 = 0; i < <u32>Part.Count; i++) {
    const part = partOf(spill, i);
    const used = keptUsed(i);
    if (isSmall(used, length)) {
      copy(packed, keptFrom(i), used);
      packed += (used + 15) & ~15;
      if (part.block) lend(i, part.block, part.size);
      part.block = 0;
      part.size = 0;
    } else if (part.block == 0 || <usize>part.block != keptFrom(i)) {
      if (!movePart(part, i)) return false;
    }
    part.used = used;
  }
  saveRegisters(changetype<Spill>(spill), carry, valid);
  return true;
}

/** Gives a part that has become large a block of its own. */
function movePart(part: PartRecord, index: u32): bool {
  const used = keptUsed(index);
  const size = blockSize(used + (used >> 1));
  const block = allocate(size);
  if (block == 0) return false;
  memory.copy(block, keptFrom(index), used);
  if (part.block) lend(index, part.block, part.size);
  part.block = <u32>block;
  part.size = size;
  return true;
}

function saveRegisters(spill: Spill, carry: usize, valid: usize): void {
  spill.pending = <u32>(Window.to - valid);
  spill.unread = <u32>(valid - Window.cursor);
  spill.hasUnit = Scan.unit ? 1 : 0;
  spill.hasHeader = Scan.floor != Region.stack ? 1 : 0;
  spill.token = <u32>(Scan.token - carry);
  spill.name = <u32>(Scan.name - carry);
  spill.nameEnd = <u32>(Scan.nameEnd - carry);
  spill.value = <u32>(Scan.value - carry);
  spill.reference = <u32>(Scan.reference - carry);
  spill.tag = <u32>(Scan.tag - Scan.unitTape);
  spill.tagName = Scan.tagName;
  spill.tagColon = Scan.tagColon;
  spill.quote = Scan.quote;
  spill.flags = Scan.flags;
  spill.attributes = inTag() ? Scan.attributes : 0;
  spill.checks = Scan.checks;
  spill.referenceForm = Scan.referenceForm;
  spill.referenceNumber = Scan.referenceNumber;
}

function inTag(): bool {
  return (
    (Scan.state >= <u32>State.TagSpace && Scan.state <= <u32>State.EmptyTag) ||
    (Scan.state == State.Reference && Scan.quote != 0)
  );
}

/** The unit's first byte becomes offset 0: moves the offsets of its records. */
function rebaseTape(delta: u32): void {
  if (delta == 0) return;
  for (let record = Scan.unitTape; record < Scan.tape; record += RecordSize) {
    const kind = word(record, Tape.Head) & 0xff;
    const offset = word(record, Tape.Offset) - delta;
    if (kind == Kind.End) {
      store<u32>(record, word(record, Tape.Extent) - delta, (<usize>Tape.Extent) << 2);
    } else store<u32>(record, offset, (<usize>Tape.Offset) << 2);
    if (kind != Kind.Start && kind != Kind.Text) {
      store<u32>(record, word(record, Tape.Detail) - delta, (<usize>Tape.Detail) << 2);
    }
  }
}

/** Whether the arguments of a feed are in range. */
export function feedable(length: i32, flag: i32): bool {
  return length >= 0 && length <= <i32>Abi.InputSize && (flag == Feed.Open || flag == Feed.Last);
}
