/*
 * The laws of streams at their face: cuts do not matter, and stanzas stay what they were.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine, parse, StreamParser, type StreamEvent } from 'tercet';
import { cut, cuts, runs, source } from './arbitraries.js';
import { bytesOf, header, stanzasOf, summary } from '../unit/streams.js';

const stanzas = fc.array(fc.oneof(source, fc.constantFrom(' ', '\n', '\r\n ')), { maxLength: 5 });
const end = fc.constantFrom(
  '',
  '</stream:stream>',
  '</stream:stream> ',
  '<a></b>',
  '&',
  '<!--',
  '\ud800',
);

function eventsOf(chunks: readonly (string | Uint8Array)[], engine?: Engine): StreamEvent[] {
  const parser = new StreamParser(engine === undefined ? {} : { engine });
  const events = chunks.flatMap((chunk) => [...parser.feed(chunk)]);
  events.push(...parser.end());
  parser.close();
  return events;
}

test('events do not depend on the cuts, nor on text or bytes', () => {
  fc.assert(
    fc.property(stanzas, end, cuts, (middle, last, sizes) => {
      const whole = header + middle.join('') + last;
      const expected = summary(eventsOf([whole]));
      expect(summary(eventsOf(cut(whole, sizes)))).toEqual(expected);
      if (last !== '\ud800') {
        expect(summary(eventsOf(cut(bytesOf(whole), sizes)))).toEqual(expected);
        expect(summary(eventsOf([bytesOf(whole)]))).toEqual(expected);
      }
    }),
    { numRuns: runs },
  );
});

test('a stanza reads the same at once and after everything that may happen to its engine', () => {
  fc.assert(
    fc.property(stanzas, stanzas, cuts, (middle, others, sizes) => {
      const engine = new Engine();
      const parser = new StreamParser({ engine });
      const other = new StreamParser({ engine });
      other.feed(header);
      const read: { stanza: ReturnType<typeof stanzasOf>[number]; early: string }[] = [];
      for (const chunk of cut(header + middle.join(''), sizes)) {
        for (const stanza of stanzasOf(parser.feed(chunk))) {
          // One reading of some at once, none of others.
          read.push({ stanza, early: read.length % 2 === 0 ? stanza.toString() : '' });
        }
        other.feed(others.join(''));
        parse('<unrelated><x/></unrelated>', { engine });
      }
      parser.close();
      other.close();
      const fresh = stanzasOf(eventsOf([header + middle.join('')]));
      expect(fresh.length).toBe(read.length);
      read.forEach(({ stanza, early }, index) => {
        expect(stanza.equals(fresh[index])).toBe(true);
        if (early !== '') expect(stanza.toString()).toBe(early);
        expect(stanza.toString()).toBe(fresh[index].toString());
      });
    }),
    { numRuns: Math.ceil(runs / 4) },
  );
});

test('frames give what a stream gives', () => {
  fc.assert(
    fc.property(fc.array(source, { maxLength: 4 }), (frames) => {
      const declared = frames.map((frame) => frame.replaceAll('stream:', 'p:'));
      const parser = new StreamParser({ framing: 'websocket' });
      const read = declared.flatMap((frame, index) =>
        stanzasOf(parser.feed(index % 2 === 0 ? frame : bytesOf(frame))),
      );
      read.forEach((stanza, index) => {
        expect(stanza.toString()).toBe(declared[index]);
        expect(stanza.equals(parse(declared[index]))).toBe(true);
      });
      expect(read.length).toBe(frames.length);
      parser.close();
    }),
    { numRuns: runs },
  );
});
