/*
 * Where frames go by the address that they are for, whatever form it is written in.
 */
import { describe, expect, test } from 'vitest';
import { Engine } from 'tercet';
import { FrameRouter } from 'tercet/workers';

const router = new FrameRouter<string>({ limits: { maxStanzaBytes: 200_000 } });
router.set('capulet.example', 'Capulet');
router.set('Juliet@capulet.example/balcony', 'Juliet');
router.set('montague.example', 'Montague');
router.set('b\u00fccher.example', 'Books');

const message = (to: string, from = 'romeo@montague.example/orchard', body = 'hi'): string =>
  `<message xmlns='jabber:client' from='${from}' to='${to}'><body>${body}</body></message>`;

describe.each([
  ['text', (frame: string) => frame],
  ['bytes', (frame: string) => new TextEncoder().encode(frame)],
])('a frame of %s', (_name, made) => {
  const route = (frame: string) => router.route(made(frame));

  test.each([
    ['juliet@capulet.example', 'Juliet'],
    ['juliet@capulet.example/anything@at/all', 'Juliet'],
    ['JULIET@Capulet.Example', 'Juliet'],
    ['nurse@capulet.example', 'Capulet'],
    ['capulet.example', 'Capulet'],
    ['capulet.example./orchard', 'Capulet'],
    ['capulet.example/juliet@montague.example', 'Capulet'],
    ['b\u00dccher.example', 'Books'],
    ['x@xn--bcher-kva.example/y', 'Books'],
    ['b&#xfc;cher.example', 'Books'],
    ['&#x6a;uliet@capulet.example', 'Juliet'],
  ])('for %s goes to %s', (to, target) => {
    expect(route(message(to))).toMatchObject({
      target,
      source: 'Montague',
      isStanza: true,
      error: undefined,
    });
  });

  test.each(['verona.example', 'a@verona.example', 'sub.capulet.example', '', '@capulet.example'])(
    'for %j goes nowhere',
    (to) => {
      expect(route(message(to)).target).toBeUndefined();
    },
  );

  test.each([
    ['x@b\u00fccher.example/y', 'Books'],
    ['JULIET@capulet.example./z', 'Juliet'],
    ['x@verona.example', undefined],
    ['@', undefined],
  ])('from %s is of whom it says, whatever its receiver is written like', (from, source) => {
    for (const to of ['montague.example', 'x@b\u00dccher.example']) {
      const isBooks = to.startsWith('x');
      expect(route(message(to, from))).toMatchObject({
        target: isBooks ? 'Books' : 'Montague',
        source,
        isStanza: true,
      });
    }
  });

  test('of 100,000 bytes goes where a short one does', () => {
    const frame = message('juliet@capulet.example', 'x@montague.example', 'y'.repeat(100_000));
    expect(route(frame).target).toBe('Juliet');
  });

  test('that is no stanza, or none of XMPP, is told from one', () => {
    const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='capulet.example'/>";
    expect(route(open)).toMatchObject({ isStanza: false, target: undefined, error: undefined });
    const other = "<message xmlns='urn:x' to='capulet.example'/>";
    expect(route(other)).toMatchObject({ isStanza: false, target: undefined });
  });

  test.each([
    ['<a/><b/>', 'not-well-formed'],
    ["<message xmlns='jabber:client' to='capulet.example'>", 'not-well-formed'],
    ["<message xmlns='jabber:client' to='capulet.example'/>x", 'not-well-formed'],
    ["<message xmlns='jabber:client' to='capulet.example'><!-- --></message>", 'restricted-xml'],
    [message('capulet.example', 'x@montague.example', 'y'.repeat(300_000)), 'policy-violation'],
  ])('is refused as a whole: %.60s', (frame, condition) => {
    const { target, source, error } = route(frame);
    expect({ target, source, condition: error?.condition }).toEqual({
      target: undefined,
      source: undefined,
      condition,
    });
    expect(route(message('juliet@capulet.example')).target).toBe('Juliet');
  });
});

test('an address is replaced, and taken out', () => {
  const own = new FrameRouter<number>({ engine: new Engine() });
  own.set('a.example', 1);
  own.set('a.example', 2);
  own.set('x@a.example', 3);
  expect(own.count).toBe(2);
  expect(own.find('x@a.example/y')).toBe(3);
  expect(own.delete('x@a.example')).toBe(true);
  expect(own.delete('x@a.example')).toBe(false);
  expect(own.find('x@a.example/y')).toBe(2);
  own.close();
});
