/*
 * Limits (RFC 6120, section 13.12): numbered profiles of six numbers that streams refer to.
 * Profile 0 holds the defaults of a parser that stands alone.
 */
import { Limit } from '../abi';
import { reserve } from '../memory';
import { Scan } from './scan';

class Profiles {
  static base: usize = 0;
}

export function buildLimits(): void {
  Profiles.base = reserve(<u32>Limit.Profiles * Limit.Size * 4);
  setLimits(0, 262144, 256, 256, 65536, 1024, 256);
}

/** Writes a profile; false when an argument is out of range. */
export function setLimits(
  profile: u32,
  stanzaBytes: u32,
  depth: u32,
  attributes: u32,
  children: u32,
  nameBytes: u32,
  namespaces: u32,
): bool {
  if (profile >= <u32>Limit.Profiles || depth > <u32>Limit.DepthMax) return false;
  // One subtraction finds both 0 and what is above 2^31 - 1.
  const most: u32 = 0x7fff_fffe;
  if (stanzaBytes - 1 > most || depth - 1 > most || attributes - 1 > most) return false;
  if (children - 1 > most || nameBytes - 1 > most) return false;
  if (namespaces - 1 >= <u32>Limit.NamespacesMax) return false;
  const p = Profiles.base + <usize>profile * Limit.Size * 4;
  store<u32>(p, stanzaBytes, (<usize>Limit.StanzaBytes) << 2);
  store<u32>(p, depth, (<usize>Limit.Depth) << 2);
  store<u32>(p, attributes, (<usize>Limit.Attributes) << 2);
  store<u32>(p, children, (<usize>Limit.Children) << 2);
  store<u32>(p, nameBytes, (<usize>Limit.NameBytes) << 2);
  store<u32>(p, namespaces, (<usize>Limit.Namespaces) << 2);
  return true;
}

/** Puts a profile into the registers of the scan. */
export function loadLimits(profile: u32): void {
  const p = Profiles.base + <usize>profile * Limit.Size * 4;
  Scan.maxUnit = load<u32>(p, (<usize>Limit.StanzaBytes) << 2);
  Scan.maxDepth = load<u32>(p, (<usize>Limit.Depth) << 2);
  Scan.maxAttributes = load<u32>(p, (<usize>Limit.Attributes) << 2);
  Scan.maxChildren = load<u32>(p, (<usize>Limit.Children) << 2);
  Scan.maxName = load<u32>(p, (<usize>Limit.NameBytes) << 2);
  Scan.maxNamespaces = load<u32>(p, (<usize>Limit.Namespaces) << 2);
}
