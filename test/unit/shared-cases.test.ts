/*
 * The cases of ../shared/data/xml-cases.json and the stanzas of xeps.xml at the face of the package.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse, StreamParser, type Element } from 'tercet';
import { stanzasOf } from './streams.js';

interface Case {
  readonly id: string;
  readonly input: string | { readonly base64: string };
  readonly end?: boolean;
  readonly cut?: number;
  readonly expect: 'accept' | { readonly reject: string; readonly also?: readonly string[] };
  readonly stanza?: {
    readonly name?: string;
    readonly ns?: string;
    readonly text?: string;
    readonly attrs?: Readonly<Record<string, string>>;
    readonly nsAttrs?: readonly (readonly [string, string, string])[];
  };
  readonly events?: readonly string[];
}

const folder = new URL('../../../shared/data/', import.meta.url);
const casesPath = new URL('xml-cases.json', folder);
const xepsPath = new URL('xeps.xml', folder);

const cases = existsSync(casesPath)
  ? (JSON.parse(readFileSync(casesPath, 'utf8')) as { readonly cases: readonly Case[] }).cases
  : [];

describe.skipIf(cases.length === 0)('xml-cases.json (skipped where ../shared is absent)', () => {
  test.each(cases.map((each) => [each.id, each] as const))('%s', (_, each) => {
    const bytes =
      typeof each.input === 'string'
        ? Buffer.from(each.input)
        : Buffer.from(each.input.base64, 'base64');
    for (const size of [each.cut ?? bytes.length, 1, 3, bytes.length]) {
      const parser = new StreamParser();
      const events = [];
      for (let start = 0; start < bytes.length; start += size) {
        events.push(...parser.feed(bytes.subarray(start, start + size)));
      }
      if (each.end !== false) events.push(...parser.end());
      parser.close();
      const last = events.at(-1);
      if (each.expect === 'accept') {
        expect(last?.type === 'error' ? last.error : undefined).toBeUndefined();
      } else {
        expect(last?.type).toBe('error');
        const allowed = [each.expect.reject, ...(each.expect.also ?? [])];
        if (last?.type === 'error') expect(allowed).toContain(last.error.condition);
      }
      if (each.events !== undefined) expect(events.map(({ type }) => type)).toEqual(each.events);
      const { stanza } = each;
      if (stanza !== undefined) {
        expect(stanzasOf(events).some((candidate) => isLike(candidate, stanza))).toBe(true);
      }
    }
  });
});

function isLike(element: Element, wanted: NonNullable<Case['stanza']>): boolean {
  return (
    (wanted.name === undefined || element.name === wanted.name) &&
    (wanted.ns === undefined || element.ns === wanted.ns) &&
    (wanted.text === undefined || allText(element) === wanted.text) &&
    Object.entries(wanted.attrs ?? {}).every(([name, value]) => element.attr(name) === value) &&
    (wanted.nsAttrs ?? []).every(([ns, name, value]) => element.attr(name, ns) === value)
  );
}

function allText(element: Element): string {
  return element.children
    .map((child) => (typeof child === 'string' ? child : allText(child)))
    .join('');
}

test.skipIf(!existsSync(xepsPath))(
  'the stanzas of xeps.xml parse and round-trip (skipped where ../shared is absent)',
  () => {
    const bytes = readFileSync(xepsPath);
    const parser = new StreamParser();
    const stanzas: Element[] = [];
    for (let start = 0; start < bytes.length; start += 16_384) {
      stanzas.push(...stanzasOf(parser.feed(bytes.subarray(start, start + 16_384))));
    }
    parser.close();
    expect(stanzas.length).toBe(4223);
    for (const stanza of stanzas) {
      expect(parse(stanza.toString()).equals(stanza)).toBe(true);
    }
  },
);
