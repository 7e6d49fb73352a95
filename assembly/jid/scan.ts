/*
 * The first look at an address of up to 64 units: sixteen at a time, each class of ASCII as a bit mask. Where the
 * separators are, and whether all of it is canonical ASCII already, follows from the masks without
 * looking at a character again.
 *
 *     juliet@example.com/balcony
 *     ......1...................    at
 *     ..................1.......    slash
 *     ..............1...........    dot
 *
 * Units above ASCII are in no class, and so bad in every part; prepare.ts then looks at that part closely.
 *
 * Both encodings are scanned as bytes, since beyond ASCII there is nothing to tell apart; so the rest is one code for both.
 */
import { Units } from './units';

/** Units that one scan takes. */
export const ScanMax: u32 = 64;

/** Bits of a unit's class: what is bad in a localpart by its upper half 2, 3, 7, the same for a domainpart. */
const Local2: u8 = 1;
const Local3: u8 = 2;
const Local7: u8 = 4;
/** Controls and what is not ASCII: bad in both. */
const Neither: u8 = 8;
const Domain2: u8 = 16;
const Domain3: u8 = 32;
const Domain46: u8 = 64;
const Domain57: u8 = 128;

const LocalBad: u8 = Local2 | Local3 | Local7 | Neither;
const DomainBad: u8 = Domain2 | Domain3 | Domain46 | Domain57 | Neither;

/**
 * Two tables by the halves of a unit, whose common bits are its class; then the operands of comparisons. `@` and `/`
 * are in no localpart, so they need no bits there.
 */
// prettier-ignore
const TABLES: usize = memory.data<u8>([
  // By the lower half.
  Local2 | Neither | Domain2 | Domain46,
  Neither | Domain2, Local2 | Neither | Domain2, Neither | Domain2, Neither | Domain2, Neither | Domain2,
  Local2 | Neither | Domain2, Local2 | Neither | Domain2, Neither | Domain2, Neither | Domain2,
  Local3 | Neither | Domain2 | Domain3, Neither | Domain2 | Domain3 | Domain57,
  Local3 | Neither | Domain2 | Domain3 | Domain57, Neither | Domain3 | Domain57,
  Local3 | Neither | Domain3 | Domain57, Local7 | Neither | Domain2 | Domain3 | Domain57,
  // By the upper half.
  Neither, Neither, Local2 | Domain2, Local3 | Domain3, Domain46, Domain57, Domain46, Local7 | Domain57,
  Neither, Neither, Neither, Neither, Neither, Neither, Neither, Neither,
  0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f,
  LocalBad, LocalBad, LocalBad, LocalBad, LocalBad, LocalBad, LocalBad, LocalBad,
  LocalBad, LocalBad, LocalBad, LocalBad, LocalBad, LocalBad, LocalBad, LocalBad,
  DomainBad, DomainBad, DomainBad, DomainBad, DomainBad, DomainBad, DomainBad, DomainBad,
  DomainBad, DomainBad, DomainBad, DomainBad, DomainBad, DomainBad, DomainBad, DomainBad,
  0x2f, 0x2f, 0x2f, 0x2f, 0x2f, 0x2f, 0x2f, 0x2f, 0x2f, 0x2f, 0x2f, 0x2f, 0x2f, 0x2f, 0x2f, 0x2f,
  0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40,
  0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e,
  0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x2d,
  0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41,
  0x1a, 0x1a, 0x1a, 0x1a, 0x1a, 0x1a, 0x1a, 0x1a, 0x1a, 0x1a, 0x1a, 0x1a, 0x1a, 0x1a, 0x1a, 0x1a,
  0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20,
  0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f,
], 16);

/** What the last scan found: a bit a unit. */
export class Mask {
  static slash: u64 = 0;
  static at: u64 = 0;
  static dot: u64 = 0;
  static hyphen: u64 = 0;
  static upper: u64 = 0;
  static localBad: u64 = 0;
  static domainBad: u64 = 0;
  static resourceBad: u64 = 0;
}

class Lanes {
  /** A bit a lane; inlined by hand because there are nine a block. */
  @inline static bits(lanes: v128, shift: u32): u64 {
    return (<u64>i8x16.bitmask(lanes)) << shift;
  }
}

/** The units that were scanned, a byte each: 0x80 or more for what is not ASCII. */
export const SCANNED: usize = memory.data(64, 16);

/** Fills Mask and SCANNED for 1 to 64 units; reads whole blocks of sixteen. */
export function scan(source: usize, length: u32): void {
  let slash: u64 = 0;
  let at: u64 = 0;
  let dot: u64 = 0;
  let hyphen: u64 = 0;
  let upper: u64 = 0;
  let localGood: u64 = 0;
  let domainGood: u64 = 0;
  let resourceBad: u64 = 0;
  let p = source;
  for (let shift: u32 = 0; shift < length; shift += 16) {
    let block: v128;
    if (Units.shift) {
      // The narrowing takes its lanes for signed, and what is too large for 255.
      const most = i16x8.splat(0xff);
      block = i8x16.narrow_i16x8_u(
        i16x8.min_u(v128.load(p), most),
        i16x8.min_u(v128.load(p, 16), most),
      );
      p += 32;
    } else {
      block = v128.load(p);
      p += 16;
    }
    v128.store(SCANNED + shift, block);
    const kind = v128.and(
      i8x16.swizzle(v128.load(TABLES), v128.and(block, v128.load(TABLES, 32))),
      i8x16.swizzle(v128.load(TABLES, 16), i8x16.shr_u(block, 4)),
    );
    const zero = i8x16.splat(0);
    localGood |= Lanes.bits(i8x16.eq(v128.and(kind, v128.load(TABLES, 48)), zero), shift);
    domainGood |= Lanes.bits(i8x16.eq(v128.and(kind, v128.load(TABLES, 64)), zero), shift);
    slash |= Lanes.bits(i8x16.eq(block, v128.load(TABLES, 80)), shift);
    at |= Lanes.bits(i8x16.eq(block, v128.load(TABLES, 96)), shift);
    dot |= Lanes.bits(i8x16.eq(block, v128.load(TABLES, 112)), shift);
    hyphen |= Lanes.bits(i8x16.eq(block, v128.load(TABLES, 128)), shift);
    upper |= Lanes.bits(
      i8x16.lt_u(i8x16.sub(block, v128.load(TABLES, 144)), v128.load(TABLES, 160)),
      shift,
    );
    // Signed: what is above ASCII is below the space too.
    resourceBad |= Lanes.bits(
      v128.or(i8x16.lt_s(block, v128.load(TABLES, 176)), i8x16.eq(block, v128.load(TABLES, 192))),
      shift,
    );
  }
  const all = ~(<u64>0) >> (64 - length);
  Mask.slash = slash & all;
  Mask.at = at & all;
  Mask.dot = dot & all;
  Mask.hyphen = hyphen & all;
  Mask.upper = upper & all;
  Mask.localBad = ~localGood & all;
  Mask.domainBad = ~domainGood & all;
  Mask.resourceBad = resourceBad & all;
}
