/*
 * What can only be decided at the `>` of a start tag: namespaces and unique attributes. Runs for
 * tags that need it (Scan.checks), over their tape records, in the order that docs/design/001 gives:
 * declarations, the element's prefix, the attributes' prefixes, duplicates.
 */
import { Flag, Framing, Kind, Namespace, Option, Tape } from '../abi';
import { ErrorCode } from '../errors';
import { allocate, release } from '../memory';
import { Entry, EntrySize, inheritScope } from './elements';
import { fail } from './fault';
import { PrefixSize, addPrefix, findPrefix } from './namespaces';
import { Hash } from './hash';
import { isXml, isXmlns } from './names';
import { unescapeValue } from './references';
import { Region, Roomy, makeRoom } from './regions';
import { CheckDuplicates, CheckElement, Scan } from './scan';
import { RecordSize, attributeNameLength, word } from './tape';
import { namespaceNumber } from './vocabulary-index';

/** Bytes of `xmlns:`, and of `xmlns`. */
const XmlnsColon: u32 = 6;

/**
 * Checks the tag whose `>` is at `gt` and gives the entry above the open one its scope. With nothing
 * but CheckElement to do, that scope is complete already and only the element's prefix is looked up.
 */
export function checkTag(gt: usize): bool {
  const child = Scan.entry + EntrySize;
  const entry = changetype<Entry>(child);
  if (Scan.checks == CheckElement) return resolveElement(entry, gt);
  inheritScope(Scan.entry, child);
  const end = Scan.tape;
  const first = Scan.tag + RecordSize;
  let declared: u32 = 0;
  for (let record = first; record < end; record += RecordSize) {
    if ((word(record, Tape.Head) & 0xff) != Kind.Xmlns) continue;
    if (!declare(entry, record, declared++, gt)) return false;
  }
  if (!resolveElement(entry, gt)) return false;
  let prefixed: u32 = 0;
  for (let record = first; record < end; record += RecordSize) {
    if (!(word(record, Tape.Head) & ((<u32>Flag.Prefixed) << 8))) continue;
    prefixed++;
    if (identityOf(entry, record) == 0) {
      fail(ErrorCode.XmlPrefixUndeclared, nameOf(record), gt);
      return false;
    }
  }
  if (prefixed < 2 && !(Scan.checks & CheckDuplicates)) return true;
  return checkDuplicates(entry, first, end, gt);
}

function nameOf(record: usize): usize {
  return Scan.base + word(record, Tape.Detail);
}

function declare(entry: Entry, record: usize, index: u32, gt: usize): bool {
  const name = nameOf(record);
  const nameLength = attributeNameLength(record);
  const length = nameLength < XmlnsColon ? 0 : nameLength - XmlnsColon;
  const prefix = name + XmlnsColon;
  // Prefix and namespace go to the text region, where addPrefix keeps what it needs.
  if (
    !makeRoom(Roomy.Text, entry.textLength, length + word(record, Tape.Extent)) ||
    !makeRoom(Roomy.Prefixes, entry.prefixes * PrefixSize, PrefixSize)
  ) {
    fail(ErrorCode.LimitMemory, name, gt);
    return false;
  }
  const text = Region.text + entry.textLength;
  memory.copy(text, prefix, length);
  const uri = text + length;
  const value = Scan.base + word(record, Tape.Offset);
  let uriLength = word(record, Tape.Extent);
  if (word(record, Tape.Head) & ((<u32>Flag.Escaped) << 8)) {
    uriLength = <u32>(unescapeValue(value, value + uriLength, uri) - uri);
  } else memory.copy(uri, value, uriLength);

  const number = uriLength ? namespaceNumber(uri, uriLength) : 0;
  const forXml = isXml(prefix, length) != (number == Namespace.Xml);
  if (forXml || isXmlns(prefix, length) || number == Namespace.Xmlns) {
    fail(ErrorCode.XmlPrefixReserved, name, gt);
    return false;
  }
  if (length && uriLength == 0) {
    fail(ErrorCode.XmlPrefixUndeclaring, name, gt);
    return false;
  }
  if (++entry.declarations > Scan.maxNamespaces) {
    fail(ErrorCode.LimitNamespaces, name, gt);
    return false;
  }
  const reference = declaredReference(record, index);
  if (length) addPrefix(entry, length, uriLength, number, reference);
  else entry.defaultNamespace = number ? number : uriLength ? reference : 0;
  return true;
}

/** How START records name the namespace of this declaration, when the vocabulary does not have it. */
function declaredReference(record: usize, index: u32): u32 {
  if (Scan.framing == Framing.Stream && Scan.entry == Region.stack) {
    return (<u32>Namespace.Header) | index;
  }
  return (<u32>Namespace.Declared) | (<u32>(record - Scan.unitTape));
}

function resolveElement(entry: Entry, gt: usize): bool {
  let reference = entry.defaultNamespace;
  const colon = Scan.tagColon;
  if (colon) {
    const name = Scan.base + word(Scan.tag, Tape.Offset) + 1;
    const prefix = findPrefix(entry, name, colon);
    if (prefix) reference = prefix.reference;
    else if (isXml(name, colon)) reference = Namespace.Xml;
    else if (!(Scan.options & Option.AnyPrefix)) {
      const reserved = isXmlns(name, colon);
      fail(reserved ? ErrorCode.XmlPrefixReserved : ErrorCode.XmlPrefixUndeclared, name, gt);
      return false;
    }
  }
  store<u32>(Scan.tag, reference, (<usize>Tape.Detail) << 2);
  return true;
}

function colonOf(name: usize): u32 {
  let length: u32 = 0;
  while (load<u8>(name + length) != 0x3a) length++;
  return length;
}

/** Identity of the namespace of a prefixed attribute; 0 when the prefix is not declared. */
function identityOf(entry: Entry, record: usize): u32 {
  const name = nameOf(record);
  const colon = colonOf(name);
  const prefix = findPrefix(entry, name, colon);
  if (prefix) return prefix.identity;
  if (isXml(name, colon)) return Namespace.Xml;
  // With AnyPrefix a namespace of its own, which the host compares with the others.
  return Scan.options & Option.AnyPrefix ? <u32>name : 0;
}

/** Compares the attributes through a hash table, so that many of them take no more than linear time. */
function checkDuplicates(entry: Entry, first: usize, end: usize, gt: usize): bool {
  const count = <u32>((end - first) / RecordSize);
  const slots = (<u32>1) << (33 - clz<u32>(count));
  const size = slots << 3;
  const table = allocate(size);
  if (table == 0) {
    fail(ErrorCode.LimitMemory, gt, gt);
    return false;
  }
  memory.fill(table, 0, size);
  const sound = checkHashed(entry, first, end, gt, table, slots - 1);
  release(table, size);
  return sound;
}

function checkHashed(
  entry: Entry,
  first: usize,
  end: usize,
  gt: usize,
  table: usize,
  mask: u32,
): bool {
  for (let record = first; record < end; record += RecordSize) {
    const hash = hashOf(entry, record);
    let slot = hash & mask;
    while (true) {
      const earlier = <usize>load<u32>(table + (slot << 3), 4);
      if (earlier == 0) break;
      const same = load<u32>(table + (slot << 3)) == hash;
      if (same && isDuplicate(entry, earlier, record, gt)) return false;
      slot = (slot + 1) & mask;
    }
    store<u32>(table + (slot << 3), hash);
    store<u32>(table + (slot << 3), <u32>record, 4);
  }
  return true;
}

/** What an attribute is for uniqueness: its namespace's identity; declarations are in Xmlns. */
function spaceOf(entry: Entry, record: usize): u32 {
  if ((word(record, Tape.Head) & 0xff) == Kind.Xmlns) return Namespace.Xmlns;
  return word(record, Tape.Head) & ((<u32>Flag.Prefixed) << 8) ? identityOf(entry, record) : 0;
}

function localOffset(record: usize): u32 {
  return word(record, Tape.Head) & ((<u32>Flag.Prefixed) << 8) ? colonOf(nameOf(record)) + 1 : 0;
}

function hashOf(entry: Entry, record: usize): u32 {
  let h = Hash.seed ^ (spaceOf(entry, record) * 0x9e3779b1);
  const name = nameOf(record);
  const length = attributeNameLength(record);
  for (let i = localOffset(record); i < length; i++) {
    h = (h ^ (<u32>load<u8>(name + i))) * 0x01000193;
    h ^= h >> 13;
  }
  return h;
}

/** Whether `record` repeats `earlier`; notes the fault if it does. */
function isDuplicate(entry: Entry, earlier: usize, record: usize, gt: usize): bool {
  const skipA = localOffset(earlier);
  const skipB = localOffset(record);
  const lengthA = attributeNameLength(earlier) - skipA;
  const lengthB = attributeNameLength(record) - skipB;
  if (lengthA != lengthB) return false;
  const nameA = nameOf(earlier);
  const nameB = nameOf(record);
  if (memory.compare(nameA + skipA, nameB + skipB, lengthA) != 0) return false;
  if (spaceOf(entry, earlier) != spaceOf(entry, record)) return false;
  const samePrefix = skipA == skipB && memory.compare(nameA, nameB, skipA) == 0;
  fail(
    samePrefix ? ErrorCode.XmlDuplicateAttribute : ErrorCode.XmlDuplicateExpandedName,
    nameB,
    gt,
  );
  return true;
}
