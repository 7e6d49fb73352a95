/*
 * Data that lies outside the repository, where it is there: 36 cases of XML in XMPP streams, made to be
 * the same for any parser, and the 4,223 example stanzas of the XMPP extensions. Both go through the
 * public StreamParser of the built package; the examples are printed, parsed again and compared.
 */

import { existsSync, readFileSync } from 'node:fs';
import { type Element, parse, type StreamEvent, StreamParser } from 'tercet';
import { describe, expect, test } from 'vitest';
import { pieces, randomCut } from '../fuzz/random.js';
import { type Cut, runReference, type Script, whole } from '../reference/run.js';
import { defaultSettings } from '../reference/settings.js';
import { Core, runCore } from './core-driver.js';

const folder = new URL('../../../shared/data/', import.meta.url);
const casesPath = new URL('xml-cases.json', folder);
const examplesPath = new URL('xeps.xml', folder);

interface StanzaShape {
  readonly name: string;
  readonly ns: string;
  readonly text?: string;
  readonly attrs?: Record<string, string>;
  readonly nsAttrs?: readonly (readonly [namespace: string, name: string, value: string])[];
}

interface SharedCase {
  readonly id: string;
  readonly input: string | { readonly base64: string };
  readonly end?: boolean;
  readonly cut?: number;
  readonly expect: 'accept' | { readonly reject: string; readonly also?: readonly string[] };
  readonly stanza?: StanzaShape;
  readonly events?: readonly string[];
}

function eventsOf(one: SharedCase, cut: Cut): StreamEvent[] {
  const { input } = one;
  const bytes =
    typeof input === 'string' ? Buffer.from(input) : Buffer.from(input.base64, 'base64');
  const parser = new StreamParser();
  const events = cut(bytes).flatMap((piece) => parser.feed(piece));
  if (one.end !== false) events.push(...parser.end());
  parser.close();
  return events;
}

const matches = (stanza: Element, shape: StanzaShape): boolean =>
  stanza.name === shape.name &&
  stanza.ns === shape.ns &&
  (shape.text ?? stanza.text) === stanza.text &&
  Object.entries(shape.attrs ?? {}).every(([name, value]) => stanza.attr(name) === value) &&
  (shape.nsAttrs ?? []).every(([ns, name, value]) => stanza.attr(name, ns) === value);

function check(one: SharedCase, cut: Cut): void {
  const events = eventsOf(one, cut);
  const last = events.at(-1);
  if (one.expect === 'accept') {
    expect(last?.type).not.toBe('error');
  } else {
    const conditions = [one.expect.reject, ...(one.expect.also ?? [])];
    expect(conditions).toContain(last?.type === 'error' ? last.error.condition : last?.type);
    expect(events.filter((event) => event.type === 'error')).toHaveLength(1);
  }
  if (one.events !== undefined) expect(events.map((event) => event.type)).toEqual(one.events);
  const { stanza } = one;
  if (stanza === undefined) return;
  const stanzas = events.flatMap((event) => (event.type === 'stanza' ? [event.stanza] : []));
  expect(stanzas.some((element) => matches(element, stanza))).toBe(true);
}

if (existsSync(casesPath)) {
  const { cases } = JSON.parse(readFileSync(casesPath, 'utf8')) as { cases: SharedCase[] };

  describe('shared/data/xml-cases.json', () => {
    test('has 36 cases', () => {
      expect(cases).toHaveLength(36);
    });

    test.each(cases)('$id', (one) => {
      check(one, one.cut === undefined ? whole : pieces(one.cut));
      for (const size of [1, 2, 3, 7, 64]) check(one, pieces(size));
      for (let seed = 1; seed <= 10; seed++) check(one, randomCut(seed));
    });
  });
} else {
  test.skip('shared/data/xml-cases.json is not there', () => undefined);
}

/** A tree as plain data, without declarations: what two serialisations must agree on. */
function shapeOf(element: Element): unknown {
  const attributes = Object.entries(element.attrs)
    .filter(([name]) => name !== 'xmlns' && !name.startsWith('xmlns:'))
    .map(([name, value]) => [name.includes(':') ? name.slice(name.indexOf(':') + 1) : name, value])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const children = element.children.map((child) =>
    typeof child === 'string' ? child : shapeOf(child),
  );
  return [element.ns, element.name, attributes, children];
}

if (existsSync(examplesPath)) {
  const source = readFileSync(examplesPath);

  describe('shared/data/xeps.xml', () => {
    const parser = new StreamParser();
    const events = pieces(16_384)(source).flatMap((piece) => parser.feed(piece));
    events.push(...parser.end());
    const stanzas = events.flatMap((event) => (event.type === 'stanza' ? [event.stanza] : []));

    test('holds 4,223 stanzas', () => {
      expect(events[0]?.type).toBe('open');
      expect(events.at(-1)?.type).toBe('close');
      expect(stanzas).toHaveLength(4223);
    });

    test('each stanza is what it was after printing and parsing', () => {
      for (const stanza of stanzas) {
        const text = stanza.toString();
        const again = parse(text);
        expect(again.equals(stanza), text).toBe(true);
        expect(shapeOf(again), text).toEqual(shapeOf(stanza));
        expect(parse(stanza.toBytes()).equals(stanza), text).toBe(true);
      }
    });

    test('the core gives the events of the reference tokenizer, however it is cut', () => {
      const core = Core.load(new URL('../../build/release.wasm', import.meta.url));
      const script: Script = {
        settings: defaultSettings,
        inputs: [{ bytes: source, finished: true }],
        end: true,
      };
      const log = runReference(script);
      for (const cut of [pieces(16_384), pieces(300), pieces(7), randomCut(1)]) {
        // Compared as one truth value: the difference of two logs of this size is of no help.
        expect(runCore(core, script, cut) === log).toBe(true);
      }
    });
  });
} else {
  test.skip('shared/data/xeps.xml is not there', () => undefined);
}
