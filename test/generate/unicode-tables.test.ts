/*
 * What the core's tables say of every code point, against the reference of test/reference, which
 * reads the same text files with code of its own. The functions of assembly/text/unicode-tables.ts
 * are no exports of the module, so a module that exports them and nothing else is compiled here.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import {
  bidiClass,
  combiningClass,
  compositionExclusion,
  decompositions,
  generalCategory,
  joiningType,
  lowerCaseOf,
  script,
  widthMappingOf,
} from '../reference/jid/character-data.js';
import { idnaClass, precisClass } from '../reference/jid/classes.js';
import { codePointCount, readEntries } from '../reference/jid/unicode-files.js';
import { root } from '../repository/files.js';

interface Tables {
  prepareTables(): void;
  wordOf(c: number): number;
  lowerOf(c: number): number;
  wideOf(c: number): number;
  decompositionOf(c: number): bigint;
  compositionOf(first: number, second: number): number;
}

type Numbers = Record<string, number>;

/** The places of the bits, from the generator that writes them into the core. */
interface Layout {
  readonly Property: Numbers;
  readonly PrecisClass: Numbers;
  readonly BidiClass: Numbers;
  readonly JoiningType: Numbers;
  readonly ScriptClass: Numbers;
}

let tables: Tables;
let layout: Layout;

beforeAll(async () => {
  const words = pathToFileURL(join(root, 'scripts/generate/unicode/words.mjs')).href;
  layout = (await import(words)) as Layout;
  const { instance } = await WebAssembly.instantiate(compileTables());
  tables = instance.exports as unknown as Tables;
  tables.prepareTables();
});

function compileTables(): Buffer<ArrayBuffer> {
  const folder = join(root, 'build/test');
  mkdirSync(folder, { recursive: true });
  const names = 'prepareTables, wordOf, lowerOf, wideOf, decompositionOf, compositionOf';
  const entry = `export { ${names} } from '../../assembly/text/unicode-tables';\n`;
  writeFileSync(join(folder, 'unicode-tables.ts'), entry);
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/assemblyscript/bin/asc.js'),
      'build/test/unicode-tables.ts',
      '--outFile=build/test/unicode-tables.wasm',
      '--config=none',
      '--runtime=stub',
      '--optimize',
      '--use=abort=',
    ],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return readFileSync(join(folder, 'unicode-tables.wasm'));
}

/** The code points for which something is not as it should be, at most a few. */
function differing(isRight: (c: number) => boolean): string[] {
  const wrong: string[] = [];
  for (let c = 0; c < codePointCount && wrong.length < 20; c++) {
    if (!isRight(c)) wrong.push(`U+${c.toString(16)}`);
  }
  return wrong;
}

function bits(c: number, name: string): number {
  const { Property } = layout;
  const mask = Property[name] ?? NaN;
  const shift = Property[`${name}Shift`] ?? 0;
  return (tables.wordOf(c) & mask) >>> shift;
}

function flag(c: number, name: string): boolean {
  return bits(c, name) !== 0;
}

function pascalCase(name: string): string {
  return name.charAt(0) + name.slice(1).toLowerCase();
}

test('the PRECIS and the IDNA2008 class', { timeout: 90_000 }, () => {
  const names: Record<string, string> = { CONTEXTJ: 'ContextJ', CONTEXTO: 'ContextO' };
  const wrong = differing((c) => {
    const precis = precisClass(c);
    const idna = flag(c, 'IdnaDisallowed') ? 'DISALLOWED' : precis;
    const value = layout.PrecisClass[names[precis] ?? pascalCase(precis)];
    return bits(c, 'Class') === value && idna === idnaClass(c);
  });
  expect(wrong).toEqual([]);
});

test('lower case and width', () => {
  const wrong = differing((c) => {
    const [lower, ...rest] = lowerCaseOf(c) ?? [c];
    const wide = widthMappingOf(c)?.[0] ?? c;
    const isExpected = rest.length === 0 || (c === 0x130 && rest.join() === '775');
    return (
      isExpected &&
      tables.lowerOf(c) === lower &&
      flag(c, 'Lower') === (lower !== c) &&
      tables.wideOf(c) === wide &&
      flag(c, 'Width') === (wide !== c)
    );
  });
  expect(wrong).toEqual([]);
});

test('the Bidi class, and whether it is written from right to left', () => {
  const merged: Record<string, string> = {
    L: 'L',
    EN: 'En',
    AN: 'An',
    R: 'R',
    AL: 'R',
    NSM: 'Nsm',
    ES: 'Neutral',
    CS: 'Neutral',
    ET: 'Neutral',
    ON: 'Neutral',
    BN: 'Neutral',
  };
  const wrong = differing((c) => {
    const bidi = bidiClass.of(c);
    const value = layout.BidiClass[merged[bidi] ?? 'Rest'];
    return (
      bits(c, 'Bidi') === value &&
      flag(c, 'Rtl') === (bidi === 'R' || bidi === 'AL' || bidi === 'AN')
    );
  });
  expect(wrong).toEqual([]);
});

test('marks, spaces, joining type, script', () => {
  const joining: Record<string, string> = { L: 'Left', R: 'Right', D: 'Dual', T: 'Transparent' };
  const scripts: Record<string, string> = {
    Greek: 'Greek',
    Hebrew: 'Hebrew',
    Hiragana: 'Japanese',
    Katakana: 'Japanese',
    Han: 'Japanese',
  };
  const wrong = differing((c) => {
    const category = generalCategory.of(c);
    return (
      flag(c, 'Mark') === category.startsWith('M') &&
      flag(c, 'Space') === (category === 'Zs') &&
      bits(c, 'Joining') === layout.JoiningType[joining[joiningType.of(c)] ?? 'None'] &&
      bits(c, 'Script') === layout.ScriptClass[scripts[script.of(c)] ?? 'Other']
    );
  });
  expect(wrong).toEqual([]);
});

test('combining class, quick check, one step of decomposition', () => {
  const quickCheck = new Map<number, string>();
  for (const { first, last, fields } of readEntries('DerivedNormalizationProps.txt')) {
    const [property, value = ''] = fields;
    if (property !== 'NFC_QC') continue;
    for (let c = first; c <= last; c++) quickCheck.set(c, value);
  }
  expect(quickCheck.size).toBeGreaterThan(1000);
  const wrong = differing((c) => {
    const { type, codePoints } = decompositions.get(c) ?? { type: '', codePoints: [] };
    const [first = 0, second = 0] = type === '' ? codePoints : [];
    return (
      bits(c, 'Ccc') === combiningClass[c] &&
      flag(c, 'NfcMaybe') === (quickCheck.get(c) === 'M') &&
      flag(c, 'NfcNo') === (quickCheck.get(c) === 'N') &&
      flag(c, 'Decomposes') === (first !== 0) &&
      tables.decompositionOf(c) === (BigInt(second) << 32n) + BigInt(first)
    );
  });
  expect(wrong).toEqual([]);
});

test('composition: every pair that composes, and no other of their halves', () => {
  const composites = new Map<string, number>();
  const [firsts, seconds] = [new Set<number>(), new Set<number>()];
  for (const [c, { type, codePoints }] of decompositions) {
    const [first = 0, second = 0] = codePoints;
    if (type !== '' || codePoints.length < 2) continue;
    firsts.add(first);
    seconds.add(second);
    if (compositionExclusion[c] === 0) composites.set(`${first} ${second}`, c);
  }
  expect(composites.size).toBe(961);
  const wrong: string[] = [];
  for (const first of firsts) {
    for (const second of seconds) {
      const expected = composites.get(`${first} ${second}`) ?? 0;
      if (tables.compositionOf(first, second) !== expected) wrong.push(`${first} ${second}`);
    }
  }
  expect(wrong).toEqual([]);
});
