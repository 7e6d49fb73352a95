/*
 * The exports of the build for the parser alone; docs/ABI.md explains them and abi.ts has their numbers. A result
 * below zero is a negated ErrorCode. Exports are `noun_verb`; the noun is the part that does the work.
 */
import { Abi, Feed, Framing, Limit, Option } from './abi';
import { ErrorCode } from './errors';
import { buildMasks } from './xml/elements';
import { Hash } from './xml/hash';
import { buildLimits, setLimits } from './xml/limits';
import { buildNames } from './xml/names';
import { closeRecord, findRecord, openRecord } from './xml/records';
import { buildShared, inputAddress, releaseSpill } from './xml/spill';
import { CONTROL, feed, feedable, finish, reset } from './xml/stream';
import { buildVocabulary } from './xml/vocabulary-index';

/** Makes the tables; the first call, once. `seed` is a random number. Returns the version of the ABI. */
export function core_open(seed: i32): i32 {
  Hash.seed = seed;
  buildMasks();
  buildLimits();
  buildNames();
  buildVocabulary();
  buildShared();
  return Abi.Version;
}

/** Address of the control block (abi.ts, Control). */
export function control_ptr(): i32 {
  return <i32>CONTROL;
}

/** Address of Abi.InputSize bytes that JavaScript writes chunks to. */
export function input_ptr(): i32 {
  return <i32>inputAddress();
}

/** Writes limits profile number `profile`; streams refer to it from their opening on. */
export function limits_set(
  profile: i32,
  stanzaBytes: i32,
  depth: i32,
  attributes: i32,
  children: i32,
  nameBytes: i32,
  namespaces: i32,
): i32 {
  return setLimits(profile, stanzaBytes, depth, attributes, children, nameBytes, namespaces)
    ? 0
    : -(<i32>ErrorCode.ArgumentInvalid);
}

/** Opens a stream: a Framing, Options, and the number of its limits. Returns its handle. */
export function stream_open(framing: i32, options: i32, profile: i32): i32 {
  if (
    <u32>framing > <u32>Framing.Document ||
    <u32>options > <u32>Option.Mask ||
    <u32>profile >= <u32>Limit.Profiles
  ) {
    return -(<i32>ErrorCode.ArgumentInvalid);
  }
  const handle = openRecord();
  if (handle < 0) return -(<i32>ErrorCode.LimitMemory);
  const record = findRecord(handle)!;
  record.framing = <u8>framing;
  record.options = <u8>options;
  record.profile = <u16>profile;
  reset(record);
  return handle;
}

/** Takes `length` bytes that stand at the input. Returns the bytes of tape; see Control. */
export function stream_feed(handle: i32, length: i32, flag: i32): i32 {
  const record = findRecord(handle);
  if (!record) return -(<i32>ErrorCode.HandleStale);
  if (!feedable(length, flag)) return -(<i32>ErrorCode.ArgumentInvalid);
  return feed(record, length, flag == Feed.Last && record.framing == Framing.WebSocket);
}

/** No more bytes will come. Returns the bytes of tape: an error when something is incomplete. */
export function stream_end(handle: i32): i32 {
  const record = findRecord(handle);
  if (!record) return -(<i32>ErrorCode.HandleStale);
  return finish(record);
}

/** Starts over, as after TLS and SASL: a new header is expected, offsets count from 0. */
export function stream_reset(handle: i32): i32 {
  const record = findRecord(handle);
  if (!record) return -(<i32>ErrorCode.HandleStale);
  reset(record);
  return 0;
}

/** Frees the stream; its handle is stale from here on. */
export function stream_close(handle: i32): i32 {
  const record = findRecord(handle);
  if (!record) return -(<i32>ErrorCode.HandleStale);
  releaseSpill(record.spill);
  record.spill = 0;
  closeRecord(handle, record);
  return 0;
}
