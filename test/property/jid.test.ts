/*
 * The laws of addresses: what is accepted is its own canonical form and keeps its parts; the name for DNS
 * is the same name; all ways to an address agree with each other and with the reference.
 */
import fc from 'fast-check';
import { Jid, JidError } from 'tercet/jid';
import { expect, test } from 'vitest';
import { generateAddress, generatePart } from '../fuzz/generate-address.js';
import { checkFace } from '../fuzz/jid-face.js';
import { Random } from '../fuzz/random.js';
import { escapeLocal, unescapeLocal } from '../reference/jid/escaping.js';
import { runs } from './arbitraries.js';

const seed = fc.integer();
/** Strings around the rules, and any strings at all. */
const source = fc.oneof(
  { weight: 4, arbitrary: seed.map((value) => generateAddress(new Random(value))) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...Array.from('aB1@/.-_[]:ßΣ。')) }) },
);
const part = fc.oneof(
  seed.map((value) => generatePart(new Random(value), 10)),
  fc.string({ unit: 'binary' }),
);
const escapable = fc.string({ unit: fc.constantFrom(...Array.from('a2345c0fe \\"&\'/:<>@é')) });

const many = { numRuns: runs * 20 };

const partsOf = (jid: Jid): string[] => [jid.local, jid.domain, jid.resource];

test('a result is its own canonical form, and has the same parts', () => {
  fc.assert(
    fc.property(source, (text) => {
      const result = Jid.check(text);
      if (!result.ok) return;
      const again = Jid.parse(result.jid.toString());
      expect(again.toString()).toBe(result.jid.toString());
      expect(partsOf(again)).toEqual(partsOf(result.jid));
      expect(again.equals(result.jid)).toBe(true);
    }),
    many,
  );
});

test('no separator comes out that did not go in', () => {
  fc.assert(
    fc.property(source, (text) => {
      const result = Jid.check(text);
      if (!result.ok) return;
      const { local, domain, resource } = result.jid;
      expect(local).not.toMatch(/[@/]/u);
      expect(domain).not.toMatch(/[@/]/u);
      const slash = text.indexOf('/');
      expect(resource === '').toBe(slash < 0);
      const bare = slash < 0 ? text : text.slice(0, slash);
      expect(local === '').toBe(!bare.includes('@'));
    }),
    many,
  );
});

test('U-label to A-label and back', () => {
  fc.assert(
    fc.property(source, (text) => {
      const result = Jid.check(text);
      if (!result.ok) return;
      let ascii: string;
      try {
        ascii = result.jid.toAscii();
      } catch (error) {
        expect(error).toBeInstanceOf(JidError);
        return;
      }
      expect(ascii).toMatch(/^[-.0-9:[\]a-z]+$/u);
      expect(Jid.parse(ascii).domain).toBe(result.jid.domain);
      expect(Jid.parse(ascii).toAscii()).toBe(ascii);
    }),
    many,
  );
});

test('parse, check, parseWire, from, withResource and toAscii agree, and with the reference', () => {
  fc.assert(
    fc.property(source, fc.boolean(), fc.boolean(), (text, allowUnderscore, strict) => {
      expect(checkFace(text, { allowUnderscore, strict })).toBeUndefined();
    }),
    many,
  );
});

test('parts alone make the address that they make together, unless one holds a separator', () => {
  fc.assert(
    fc.property(part, part, part, (local, domain, resource) => {
      const attempt = (work: () => Jid): string => {
        try {
          return work().toString();
        } catch (error) {
          if (error instanceof JidError) return error.part;
          throw error;
        }
      };
      const made = attempt(() => Jid.from({ local, domain, resource }));
      if (/[@/]/u.test(local) || /[@/]/u.test(domain)) {
        expect(['local', 'domain']).toContain(made);
        return;
      }
      const text = `${local === '' ? '' : `${local}@`}${domain}${resource === '' ? '' : `/${resource}`}`;
      expect(attempt(() => Jid.parse(text))).toBe(made);
    }),
    many,
  );
});

test('a call is not changed by what was refused before it', () => {
  const good = Jid.parse('ΣΊΣΥΦΟΣ@xn--bcher-kva.example/ａ\u3000b').toString();
  fc.assert(
    fc.property(source, (text) => {
      Jid.check(text);
      expect(Jid.parse('ΣΊΣΥΦΟΣ@xn--bcher-kva.example/ａ\u3000b').toString()).toBe(good);
    }),
    { numRuns: runs * 5 },
  );
});

test('escaping: back again, and as the reference has it', () => {
  fc.assert(
    fc.property(escapable, (text) => {
      const expected = escapeLocal(text);
      expect(Jid.unescapeLocal(text)).toBe(unescapeLocal(text));
      if (!expected.ok) {
        expect(() => Jid.escapeLocal(text)).toThrow(JidError);
        return;
      }
      const escaped = Jid.escapeLocal(text);
      expect(escaped).toBe(expected.text);
      expect(Jid.unescapeLocal(escaped)).toBe(text);
      expect(escaped).not.toMatch(/[ "&'/:<>@]/u);
    }),
    many,
  );
});
