/*
 * The laws of writing: parsing what was written gives an equal element, and writing it again the
 * same text; copies with other attributes differ in those and nothing else.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NS, parse, StreamParser, xml } from 'tercet';
import { element, runs, source, text } from './arbitraries.js';
import { header, stanzasOf } from '../unit/streams.js';

test('parse(write(e)) equals e, for built elements', () => {
  fc.assert(
    fc.property(element, (tree) => {
      const written = tree.toString();
      const parsed = parse(written);
      expect(parsed.equals(tree)).toBe(true);
      expect(tree.equals(parsed)).toBe(true);
      expect(parse(tree.toBytes()).equals(tree)).toBe(true);
      expect(parsed.toString()).toBe(written);
    }),
    { numRuns: runs },
  );
});

test('the children of a built element are written as they would be on their own', () => {
  fc.assert(
    fc.property(element, (tree) => {
      for (const child of tree.elements()) {
        expect(parse(child.toString()).equals(child)).toBe(true);
      }
      for (const child of parse(tree.toString()).elements()) {
        expect(parse(child.toString()).equals(child)).toBe(true);
      }
    }),
    { numRuns: runs },
  );
});

test('parse(write(e)) equals e, for stanzas of a stream and their descendants', () => {
  const open = header.replace('>', " xmlns:z='urn:z'>");
  fc.assert(
    fc.property(source, (stanzaSource) => {
      const parser = new StreamParser();
      const [stanza] = stanzasOf(parser.feed(open + stanzaSource));
      expect(stanza).toBeDefined();
      const pending = [stanza];
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        expect(parse(next.toString()).equals(next)).toBe(true);
        expect(parse(next.toBytes()).equals(next)).toBe(true);
        pending.push(...next.elements());
      }
      // Written for a stream of the same kind, it means the same there.
      const other = new StreamParser();
      const [again] = stanzasOf(other.feed(header + stanza.toString(NS.client)));
      expect(again.equals(stanza)).toBe(true);
      parser.close();
      other.close();
    }),
    { numRuns: runs },
  );
});

test('a parsed element inside a built one keeps its meaning', () => {
  fc.assert(
    fc.property(source, fc.constantFrom('', 'urn:a', 'jabber:client'), (inner, ns) => {
      const child = parse(inner.replaceAll('stream:', 'p:'));
      const tree = xml('wrapper', { xmlns: ns, 'xmlns:p': 'urn:other' }, child);
      expect(parse(tree.toString()).child()?.equals(child)).toBe(true);
    }),
    { numRuns: runs },
  );
});

test('withAttrs changes what it names', () => {
  fc.assert(
    fc.property(element, text, (tree, value) => {
      const parsed = parse(tree.toString());
      for (const original of [tree, parsed]) {
        const copy = original.withAttrs({ 'new-one': value, id: undefined });
        expect(copy.attr('new-one')).toBe(value);
        const again = parse(copy.toString());
        expect(again.equals(copy)).toBe(true);
        expect(
          again.withAttrs({ 'new-one': undefined, id: original.attr('id') }).equals(original),
        ).toBe(original.attr('new-one') === undefined);
      }
    }),
    { numRuns: runs },
  );
});
