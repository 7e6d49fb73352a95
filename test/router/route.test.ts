/*
 * One stanza between seats: who gets it, with which bytes.
 */
import { expect, test } from 'vitest';
import { Router, parse, xml, type RouterAccounts } from 'tercet';

const nobody: RouterAccounts = { exists: () => false, knows: () => false };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function verona(accounts = nobody) {
  const router = new Router<string>({ domains: ['example.com'], accounts });
  const romeo = router.bind('romeo@example.com/orchard', 'romeo');
  const juliet = router.bind('juliet@example.com/balcony', 'juliet');
  return { router, romeo, juliet };
}

test('a message to a full JID is delivered with the sender stamped', () => {
  const { router, romeo } = verona();
  const stanza = xml(
    'message',
    { to: 'juliet@example.com/balcony', xmlns: 'jabber:client' },
    xml('body', {}, 'Hi'),
  );
  const verdict = router.route(stanza, romeo);
  expect(verdict).toMatchObject({
    type: 'deliver',
    targets: ['juliet'],
    rule: 'RFC 6121, 8.5.3.1',
  });
  const got = parse(verdict.bytes);
  expect(got.attr('from')).toBe('romeo@example.com/orchard');
  expect(got.attr('to')).toBe('juliet@example.com/balcony');
  expect(got.ns).toBe('jabber:client');
  expect(got.child('body')?.text).toBe('Hi');
});

test('what a client says of itself is overridden', () => {
  const { router, romeo } = verona();
  const bytes = new TextEncoder().encode(
    `<message id="1" from="paris@example.com" to='Juliet@EXAMPLE.com/balcony'><body/></message>`,
  );
  const verdict = router.route(bytes, romeo);
  expect(text(verdict.bytes)).toBe(
    `<message xmlns='jabber:client' id="1" from='romeo@example.com/orchard' to='Juliet@EXAMPLE.com/balcony'><body/></message>`,
  );
  expect(verdict.targets).toEqual(['juliet']);
});
