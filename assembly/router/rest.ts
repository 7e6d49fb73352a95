/*
 * What is left of a chunk after a round. It stays where the tokenizer left it; when another stream is fed in the
 * meantime, it moves to a block of the seat's own, once.
 */
import { Kind, Tape } from '../abi';
import { allocate, release } from '../memory';
import { RecordSize, word } from '../xml/tape';
import { Node } from './nodes';
import { Reader } from './reader';

/** What is left of a chunk: a block with this in front, then tape, then source. */
@unmanaged
class Rest {
  size: u32;
  tape: u32;
  end: u32;
  base: u32;
}
const RestSize: u32 = 16;

/** Goes on with what is left of the seat's chunk; false when nothing is. */
export function takeRest(seat: Node): bool {
  if (seat.rest == 0) return changetype<usize>(Pending.seat) == changetype<usize>(seat);
  keepRest();
  const rest = changetype<Rest>(<usize>seat.rest);
  Reader.tape = rest.tape;
  Reader.end = rest.end;
  Reader.base = rest.base;
  return true;
}

/** After a round: notes what is left, or gives back what held it. */
export function leaveRest(seat: Node): void {
  if (Reader.tape < Reader.end) {
    if (seat.rest) changetype<Rest>(<usize>seat.rest).tape = <u32>Reader.tape;
    else Pending.seat = seat;
  } else dropRest(seat);
}

export function dropRest(seat: Node): void {
  if (seat.rest) release(seat.rest, changetype<Rest>(<usize>seat.rest).size);
  seat.rest = 0;
  if (changetype<usize>(Pending.seat) == changetype<usize>(seat)) Pending.seat = null;
}

/** The seat whose rest lies where the tokenizer left it. */
class Pending {
  static seat: Node | null = null;
}

/**
 * Moves what is left of a chunk out of the way of other streams, to a block of the seat's own, where it stays
 * until it is done. False without memory: then it is lost.
 */
export function keepRest(): bool {
  const seat = Pending.seat;
  if (!seat) return true;
  Pending.seat = null;
  const first = Reader.base + word(Reader.tape, Tape.Offset);
  let last = first;
  for (let record = Reader.tape; record < Reader.end; record += RecordSize) {
    if ((word(record, Tape.Head) & 0xff) != Kind.Start) break;
    record += <usize>word(record, Tape.Extent) - RecordSize;
    last = Reader.base + word(record, Tape.Extent);
  }
  const tapeLength = <u32>(Reader.end - Reader.tape);
  const length = <u32>(last - first);
  const size = RestSize + tapeLength + length + 64;
  const block = allocate(size);
  if (block == 0) return false;
  const tape = block + RestSize;
  memory.copy(tape, Reader.tape, tapeLength);
  memory.copy(tape + tapeLength, first, length);
  const rest = changetype<Rest>(block);
  rest.size = size;
  rest.tape = <u32>tape;
  rest.end = <u32>(tape + tapeLength);
  rest.base = <u32>(tape + tapeLength - (first - Reader.base));
  seat.rest = <u32>block;
  return true;
}
