/*
 * The generated source of the core: the enums of the word, then the packed streams as bytes.
 */
import { packOf } from './pack.mjs';
import { BidiClass, JoiningType, PrecisClass, Property, ScriptClass } from './words.mjs';

/** `{ text, size }`: everything below the header of the file, and the bytes of data in it. */
export function sourceText(database, words) {
  const { streams, counts } = packOf(database, words);
  const [major, minor, update] = database.version.split('.').map(Number);
  const number = ((major << 16) | (minor << 8) | update).toString(16);
  const version = `/** ${database.version}, a byte a part. */\nexport const unicodeVersion: u32 = 0x${number};\n`;
  const enums = { Property, PrecisClass, BidiClass, JoiningType, ScriptClass, TableCount: counts };
  return {
    text: [
      version,
      ...Object.entries(enums).map(enumText),
      ...Object.entries(streams).map(streamText),
    ].join('\n'),
    size: Object.values(streams).reduce((sum, bytes) => sum + bytes.length, 0),
  };
}

function enumText([name, members]) {
  const lines = Object.entries(members).map(([member, value]) => `  ${member} = ${value},`);
  return `export const enum ${name} {\n${lines.join('\n')}\n}\n`;
}

function streamText([name, bytes]) {
  const rows = [];
  for (let i = 0; i < bytes.length; i += 24) rows.push(`  ${bytes.slice(i, i + 24).join(', ')},`);
  return `/** ${bytes.length} bytes. */\nexport const ${name}: usize = memory.data<u8>([\n${rows.join('\n')}\n], 1);\n`;
}
