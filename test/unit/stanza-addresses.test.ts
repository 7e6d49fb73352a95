/*
 * Addresses of stanzas as the core reads them from the stream, against Jid.check on the strings of the elements.
 */
import { expect, test } from 'vitest';
import { Jid, StreamParser, UsageError, stanzaAddresses, type JidResult } from 'tercet';

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

const addresses = [
  'juliet@example.com/balcony',
  'Juliet@EXAMPLE.com/Balcony',
  'example.com',
  'JÜRGEN@bücher.example/ü@/x',
  'tybalt@xn--bcher-kva.example',
  '&#x4a;uliet@example&#46;com/a&amp;b',
  'ｊuliet@example.com',
  'juliet@example.com/\t a',
  '',
  '@',
  'a b@example.com',
  'juliet@example.com/',
  'x'.repeat(1024) + '@example.com',
  '&#x61;'.repeat(4000),
];

const plain = (result: JidResult | undefined): unknown => {
  if (result === undefined) return undefined;
  if (!result.ok) return [result.error.part, result.error.rule, result.error.index];
  const { jid } = result;
  return [String(jid), jid.local, jid.domain, jid.resource, String(jid.bare), jid.canonical];
};

test.each([1, 7, 1000])('are those of the strings, in pieces of %i', (size) => {
  const bytes = new TextEncoder().encode(
    header +
      addresses.map((to) => `<message id='1' to='${to}'/>`).join('') +
      `<presence/><iq from="Romeo@example.com" to='example.com'><a to='b'/></iq>`,
  );
  const parser = new StreamParser({ addresses: stanzaAddresses });
  let count = 0;
  for (let start = 0; start < bytes.length; start += size) {
    for (const event of parser.feed(bytes.subarray(start, start + size))) {
      if (event.type !== 'stanza') continue;
      count++;
      for (const name of ['to', 'from'] as const) {
        const source = event.stanza.attr(name);
        const expected = source === undefined ? undefined : Jid.check(source);
        expect(plain(event.addresses?.[name])).toEqual(plain(expected));
      }
    }
  }
  parser.close();
  expect(count).toBe(addresses.length + 2);
});

test('are there for frames, and only where they are asked for', () => {
  const frame = `<message xmlns='jabber:client' to='Juliet@example.com'/>`;
  const [asked] = new StreamParser({ framing: 'websocket', addresses: stanzaAddresses }).feed(
    frame,
  );
  expect(asked).toMatchObject({ addresses: { to: { ok: true }, from: undefined } });
  const [unasked] = new StreamParser({ framing: 'websocket' }).feed(frame);
  expect(unasked).not.toHaveProperty('addresses');
  expect(() => new StreamParser({ address: stanzaAddresses } as object)).toThrow(UsageError);
});
