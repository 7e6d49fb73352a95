/*
 * The static vocabulary: names and namespaces that XMPP uses, known to the core by number.
 *
 * scripts/data/vocabulary.json holds two lists. The position in a list plus one is the number that
 * crosses the ABI, so both are append-only: an entry is never moved, changed or removed. Names are
 * written as they stand in a document, with their prefix ('stream:stream', 'xml:lang').
 *
 * Writes assembly/xml/vocabulary.ts (static bytes) and bindings/vocabulary.ts (strings).
 */
import { blockComment, readInput } from './header.mjs';

const input = 'scripts/data/vocabulary.json';

// The core writes some of these numbers into its source, so their places are fixed.
const fixedNames = ['stream:stream', 'message', 'presence', 'iq', 'xmlns', 'xml:lang'];
const fixedNamespaces = [
  'jabber:client',
  'jabber:server',
  'http://etherx.jabber.org/streams',
  'http://www.w3.org/XML/1998/namespace',
  'http://www.w3.org/2000/xmlns/',
  'urn:ietf:params:xml:ns:xmpp-framing',
];

/** Beginnings that namespaces share, so that the module holds them once; 0 stands for none. */
const stems = [
  'http://jabber.org/protocol/',
  'http://www.w3.org/',
  'urn:xmpp:jingle:transports:',
  'urn:xmpp:jingle:',
  'urn:xmpp:',
  'jabber:iq:',
  'jabber:',
  'urn:ietf:params:xml:ns:xmpp-',
  'urn:ietf:params:xml:ns:',
  'vcard-temp',
  'http://',
];

/** What of the vocabulary is data of the core and can be written there from the strings of the bindings. */
export async function vocabularyBytes(root) {
  const { names, namespaces } = (await readInput(root, input)).value;
  return {
    names: Buffer.from(names.flatMap(counted)),
    namespaces: Buffer.from(namespaces.flatMap(stemmed)),
  };
}

export default async function generate(root) {
  const { value, source } = await readInput(root, input);
  const { names, namespaces } = value;
  check('names', names, fixedNames);
  check('namespaces', namespaces, fixedNamespaces);
  return {
    'assembly/xml/vocabulary.ts': coreText(names, namespaces, source),
    'bindings/vocabulary.ts': bindingsText(names, namespaces, source),
  };
}

function check(list, entries, fixed) {
  fixed.forEach((entry, index) => {
    if (entries[index] !== entry) throw new Error(`${list}[${index}] must be '${entry}'`);
  });
  const seen = new Set();
  for (const entry of entries) {
    if (seen.has(entry)) throw new Error(`${list}: '${entry}' stands there twice`);
    seen.add(entry);
    // ASCII without space, quote, apostrophe or backslash: its bytes are its characters, here and in the core;
    // and so is its length, when the bindings write it as text.
    if (!/^[!#-&(-[\]-~]{1,127}$/.test(entry))
      throw new Error(`${list}: '${entry}' cannot be held`);
  }
}

function coreText(names, namespaces, source) {
  const header = blockComment({
    what:
      'The static vocabulary as bytes: each name is its length in one byte, then that many bytes of\n' +
      'ASCII; a namespace has the number of its stem in front. The entry at index i has number i + 1;\n' +
      '0 means "not in the vocabulary".',
    script: 'scripts/generate/vocabulary.mjs',
    sources: [source],
    size: `${sizeOf(names) + sizeOf(stems) + stemmedSize(namespaces)} bytes of data`,
  });
  return [
    header,
    `/** Names, ${sizeOf(names)} bytes. */`,
    `export const nameData: usize = ${bytesOf(names)};`,
    `export const nameCount: u32 = ${names.length};`,
    '',
    '/** What namespaces begin with; stem number 1 is the first. */',
    `export const stemData: usize = ${bytesOf(stems)};`,
    '',
    `/** Namespaces, ${stemmedSize(namespaces)} bytes here, ${sizeOf(namespaces)} when they are whole. */`,
    `export const namespaceData: usize = ${stemmedBytesOf(namespaces)};`,
    `export const namespaceCount: u32 = ${namespaces.length};`,
    `export const namespaceSize: u32 = ${sizeOf(namespaces)};`,
    '',
  ].join('\n');
}

function bytesOf(entries) {
  const rows = entries.map((entry) => `  ${counted(entry).join(', ')}, // ${entry}`);
  return `memory.data<u8>([\n${rows.join('\n')}\n])`;
}

function counted(entry) {
  return [entry.length, ...Buffer.from(entry, 'latin1')];
}

function stemmed(entry) {
  const stem = stemOf(entry);
  return [stem, ...counted(entry.slice(stem === 0 ? 0 : stems[stem - 1].length))];
}

function stemOf(entry) {
  return stems.findIndex((stem) => entry.startsWith(stem)) + 1;
}

function stemmedBytesOf(entries) {
  const rows = entries.map((entry) => `  ${stemmed(entry).join(', ')}, // ${entry}`);
  return `memory.data<u8>([\n${rows.join('\n')}\n])`;
}

function stemmedSize(entries) {
  return entries.reduce((sum, entry) => {
    const stem = stemOf(entry);
    return sum + 2 + entry.length - (stem === 0 ? 0 : stems[stem - 1].length);
  }, 0);
}

function bindingsText(names, namespaces, source) {
  const header = blockComment({
    what: 'The static vocabulary as strings: the index is the number that the core uses, 0 means none.',
    script: 'scripts/generate/vocabulary.mjs',
    sources: [source],
    size: `${names.length} names, ${namespaces.length} namespaces`,
  });
  return [
    header,
    listOf('vocabularyNames', ['', ...names]),
    '',
    listOf('vocabularyNamespaces', ['', ...namespaces]),
    '',
    '/** What namespaces begin with in the data of the core; the last one is none. */',
    listOf('vocabularyStems', [...stems, '']),
    '',
  ].join('\n');
}

function listOf(constant, entries) {
  const rows = entries.map((entry) => `  '${entry}',`);
  return `export const ${constant}: readonly string[] = /* @__PURE__ */ Object.freeze([\n${rows.join('\n')}\n]);`;
}

function sizeOf(entries) {
  return entries.reduce((sum, entry) => sum + 1 + entry.length, 0);
}
