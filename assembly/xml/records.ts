/*
 * The streams: one record of 64 bytes each, in pages of 1,024, and the handles that name them.
 *
 *      0      2     3      4        8        12       16       20       24      26     27     28
 *     +------+-----+------+--------+--------+--------+--------+--------+-------+------+------+--- -
 *     | gen  |state|place | spill  | offset (8 bytes)| default| used   |profile|framin|option|  -
 *     +------+-----+------+--------+--------+--------+--------+--------+-------+------+------+--- -
 *
 * spill: the block that holds what is incomplete (spill.ts), 0 when nothing is. offset: bytes of the
 * stream before the next one. default: namespace that a plain header declares (see plain below);
 * used: 1 while open, 0 when free (then `spill` links the free records), 2 when its generations are
 * used up. Bytes 28 to 64 are the router's.
 *
 * A handle is a slot (20 bits) and a generation (11 bits). A record whose generations are used up is
 * retired, so a stale handle never names another stream.
 */
import { allocate } from '../memory';

export const RecordBytes: u32 = 64;
const PageRecords: u32 = 1024;
const PageCount: u32 = 1024;
const SlotBits: u32 = 20;
const GenerationMax: u32 = 2047;

/** Addresses of the pages. */
const PAGES: usize = memory.data(PageCount << 2, 16);

@unmanaged
export class StreamRecord {
  generation: u16;
  state: u8;
  place: u8;
  spill: u32;
  offset: u64;
  defaultNamespace: u32;
  used: u32;
  profile: u16;
  framing: u8;
  options: u8;
  /** 1 when the header is `stream:stream` with nothing in scope but its default namespace and that prefix. */
  plain: u8;
  /** Declarations of a plain header: 1 or 2. */
  declarations: u8;
}

class Table {
  static slots: u32 = 0;
  static free: u32 = 0;
}

function recordAt(slot: u32): StreamRecord {
  const page = <usize>load<u32>(PAGES + ((<usize>(slot / PageRecords)) << 2));
  return changetype<StreamRecord>(page + (slot % PageRecords) * RecordBytes);
}

/** A handle of a new record, all zero but for its generation; -1 when there is no room. */
export function openRecord(): i32 {
  let slot: u32;
  if (Table.free) {
    slot = Table.free - 1;
    Table.free = recordAt(slot).spill;
  } else {
    slot = Table.slots;
    if (slot == PageRecords * PageCount) return -1;
    if (slot % PageRecords == 0) {
      const page = allocate(PageRecords * RecordBytes);
      if (page == 0) return -1;
      memory.fill(page, 0, PageRecords * RecordBytes);
      store<u32>(PAGES + ((<usize>(slot / PageRecords)) << 2), <u32>page);
    }
    Table.slots++;
  }
  const record = recordAt(slot);
  const generation = record.generation;
  memory.fill(changetype<usize>(record), 0, RecordBytes);
  record.generation = generation;
  record.used = 1;
  return <i32>(((<u32>generation) << SlotBits) | slot);
}

/** The record that the handle names, or null when it is closed or never was. */
export function findRecord(handle: i32): StreamRecord | null {
  const slot = (<u32>handle) & ((1 << SlotBits) - 1);
  if (handle < 0 || slot >= Table.slots) return null;
  const record = recordAt(slot);
  if (record.used != 1 || <u32>record.generation != (<u32>handle) >> SlotBits) return null;
  return record;
}

/** Frees the record; its spill block is released before. */
export function closeRecord(handle: i32, record: StreamRecord): void {
  if (record.generation == GenerationMax) {
    record.used = 2;
    return;
  }
  record.generation++;
  record.used = 0;
  record.spill = Table.free;
  Table.free = ((<u32>handle) & ((1 << SlotBits) - 1)) + 1;
}
