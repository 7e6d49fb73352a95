/*
 * Documents for the general parsers: the streams of the other drop-ins, and the example stanzas of the
 * XMPP extensions where they are there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { cuts } from './cuts.js';
import { streams } from './streams.js';

const examplesPath = new URL('../../../shared/data/xeps.xml', import.meta.url);

/** The stream of all examples; undefined, with a printed reason, where it is absent. */
export const examples = existsSync(examplesPath) ? readFileSync(examplesPath, 'utf8') : undefined;
if (examples === undefined) console.log('skipped: ../shared/data/xeps.xml is not there');

export const documents: readonly (readonly [name: string, source: string])[] = [
  ...streams,
  ['white space outside the root', `<?xml version="1.0"?>\n \n<a x="1"/>\r\n \n`],
  ['line ends', `<a\r\n b = "1" c='2'\n>1\r\n2\r3\n<![CDATA[\r\n4]]></a \n>`],
  ['CDATA at its edges', `<a><![CDATA[]]>x<![CDATA[]]]]>y<![CDATA[]>]]></a>`],
  ['a declaration of everything', `<?xml version='1.0' encoding="utf-8" standalone='yes'?><a/>`],
];

/** What stands between its start and end tag, of a stream that must not be read as one. */
export const misc =
  '<?first  one ?><!-- before --> <a>x<!---->y<!-- in -->z <?in?><b/></a>\n<!--after--> ';

/** Long logs that are alike are compared as text, which is quick; others are shown. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}

/** A copy of an event's argument, two levels deep: what handlers see may change later. */
export function snapshot(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy: [string, unknown][] = [];
  for (const [name, field] of Object.entries(value)) {
    copy.push([name, typeof field === 'object' ? { ...(field as object) } : field]);
  }
  return Object.fromEntries(copy);
}

/** Short documents are cut at every size, long ones at a few. */
export function cutsOf(source: string): readonly number[] {
  return source.length < 2000 ? cuts : [1, 64];
}
