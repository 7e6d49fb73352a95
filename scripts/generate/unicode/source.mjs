/*
 * The generated source of the core: enums of the word, then the tables as bytes.
 */
import { compositionsOf } from './normalization.mjs';
import { BidiClass, JoiningType, PrecisClass, Property, ScriptClass } from './words.mjs';
import { trieOf } from './trie.mjs';

export function sourceText(database, words) {
  const trie = trieOf(words);
  const [major, minor, update] = database.version.split('.').map(Number);
  const single = (map) => [...map].sort(([a], [b]) => a - b);
  const canonical = single(database.canonical);
  const wide = single(database.wide);
  const lower = single(database.lower);
  const compositions = [...compositionsOf(database)].sort(([a], [b]) => a - b);
  const tables = [
    ['TrieTop', 'u8', trie.top],
    ['TrieMid', 'u16', trie.mid],
    ['TrieLeaf', 'u8', trie.leaf],
    ['Words', 'u32', trie.dictionary],
    ['CanonicalKeys', 'u32', canonical.map(([c]) => c)],
    ['CanonicalFirsts', 'u32', canonical.map(([, [first]]) => first)],
    ['CanonicalSeconds', 'u32', canonical.map(([, [, second = 0]]) => second)],
    ['WideKeys', 'u32', wide.map(([c]) => c)],
    ['WideValues', 'u32', wide.map(([, [first]]) => first)],
    ['LowerKeys', 'u32', lower.map(([c]) => c)],
    ['LowerValues', 'u32', lower.map(([, [first]]) => first)],
    ['CompositionFirsts', 'u32', compositions.map(([pair]) => Math.floor(pair / 0x200000))],
    ['CompositionSeconds', 'u32', compositions.map(([pair]) => pair % 0x200000)],
    ['Composites', 'u32', compositions.map(([, c]) => c)],
  ];
  const enums = [
    ['Property', Property],
    ['PrecisClass', PrecisClass],
    ['BidiClass', BidiClass],
    ['JoiningType', JoiningType],
    ['ScriptClass', ScriptClass],
    [
      'TableCount',
      {
        Canonical: canonical.length,
        Wide: wide.length,
        Lower: lower.length,
        Compositions: compositions.length,
      },
    ],
  ];
  const version = `/** ${database.version}, a byte a part. */
export const unicodeVersion: u32 = 0x${((major << 16) | (minor << 8) | update).toString(16)};
`;
  const text = [version, ...enums.map(enumText), ...tables.map(tableText)].join('\n');
  const sizes = { u8: 1, u16: 2, u32: 4 };
  return { text, size: tables.reduce((sum, [, type, list]) => sum + sizes[type] * list.length, 0) };
}

function enumText([name, members]) {
  const lines = Object.entries(members).map(([member, value]) => `  ${member} = ${value},`);
  return `export const enum ${name} {\n${lines.join('\n')}\n}\n`;
}

function tableText([name, type, list]) {
  const rows = [];
  for (let i = 0; i < list.length; i += 32)
    rows.push(`  ${[...list.slice(i, i + 32)].join(', ')},`);
  return `export const ${name}: usize = memory.data<${type}>([\n${rows.join('\n')}\n]);\n`;
}
