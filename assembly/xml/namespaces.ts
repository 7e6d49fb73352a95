/*
 * The prefixes in scope (Namespaces in XML 1.0): a stack of 32-byte records; an element's entry says
 * how many of them it sees.
 *
 *      0        8        12       16       20       24       28
 *     +--------+--------+--------+--------+--------+--------+--------+
 *     | key    | length | text   | uri    | ref    |identity| hash   |
 *     +--------+--------+--------+--------+--------+--------+--------+
 *
 * key: the first eight bytes of the prefix. text: where the whole prefix lies in the text region, and
 * behind it the namespace's `uri` bytes (0 when it is in the vocabulary). ref: what START records say.
 * identity: equal for equal namespaces in scope, which is all that uniqueness of expanded names asks.
 * hash: of the namespace's bytes here.
 * The search is linear in the prefixes in scope, which maxNamespaces bounds.
 */
import { Namespace } from '../abi';
import { Entry, Key } from './elements';
import { Hash } from './hash';
import { Region } from './regions';

export const PrefixSize: u32 = 32;

@unmanaged
export class Prefix {
  key: u64;
  length: u32;
  text: u32;
  uriLength: u32;
  reference: u32;
  identity: u32;
  hash: u32;
}

function prefixAt(index: u32): Prefix {
  return changetype<Prefix>(Region.prefixes + index * PrefixSize);
}

/** The innermost declaration of the `length` bytes at `p` that `entry` sees, or null. */
export function findPrefix(entry: Entry, p: usize, length: u32): Prefix | null {
  const key = Key.low(p, min<usize>(length, 8));
  for (let index = entry.prefixes; index > 0; index--) {
    const prefix = prefixAt(index - 1);
    if (prefix.key != key || prefix.length != length) continue;
    if (length <= 8 || memory.compare(Region.text + prefix.text, p, length) == 0) return prefix;
  }
  return null;
}

/**
 * Adds a prefix to the scope of `entry`. Its bytes and, behind them, the namespace's lie at
 * Region.text + entry.textLength; `number` is the namespace's in the vocabulary, or 0.
 */
export function addPrefix(
  entry: Entry,
  length: u32,
  uriLength: u32,
  number: u32,
  reference: u32,
): void {
  const index = entry.prefixes;
  const prefix = prefixAt(index);
  const text = Region.text + entry.textLength;
  prefix.key = Key.low(text, min<usize>(length, 8));
  prefix.length = length;
  prefix.text = entry.textLength;
  prefix.uriLength = number ? 0 : uriLength;
  prefix.reference = number ? number : reference;
  prefix.hash = number ? 0 : hashOf(text + length, uriLength);
  prefix.identity = number ? number : identityOf(index, text + length, uriLength, prefix.hash);
  entry.textLength += length + prefix.uriLength;
  entry.prefixes = index + 1;
}

/** Tells most namespaces apart without reading them again. */
function hashOf(uri: usize, length: u32): u32 {
  let h = Hash.seed;
  for (let i: u32 = 0; i < length; i++) h = (h ^ (<u32>load<u8>(uri + i))) * 0x01000193;
  return h;
}

/** The identity of an equal namespace among the first `count` prefixes, or a new one. */
function identityOf(count: u32, uri: usize, length: u32, hash: u32): u32 {
  for (let index: u32 = 0; index < count; index++) {
    const prefix = prefixAt(index);
    if (prefix.hash != hash || prefix.uriLength != length) continue;
    const known = Region.text + prefix.text + prefix.length;
    if (memory.compare(known, uri, length) == 0) return prefix.identity;
  }
  return <u32>Namespace.Declared + count;
}
