/*
 * Laws of the server's stream machine, on random dialogues: how input is cut changes nothing, nothing that
 * a peer sends makes it throw, and the end comes once and last.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StreamEffect } from 'tercet/protocol';
import { Host, bindRequest, plainAuth, tcpHeader } from './host.js';

const runs = process.env.TERCET_QUICK === '1' ? 100 : 500;

/** What may stand anywhere in a dialogue, in or out of place. */
const phrases = [
  tcpHeader,
  plainAuth,
  bindRequest,
  '</stream:stream>',
  "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
  "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>",
  "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj11LHI9YWJj</auth>",
  "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AGEAYg==</response>",
  "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
  "<message to='romeo@localhost'><body>a > b</body></message>",
  "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
  '<presence/>',
  "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
  '\n',
  '<!-- -->',
  '<x>',
  '&amp;',
];

/** Mostly the way in, then anything. */
const dialogue = fc
  .tuple(
    fc.constantFrom(0, 1, 2, 3, 4),
    fc.array(fc.oneof(fc.constantFrom(...phrases), fc.string({ maxLength: 8 })), { maxLength: 8 }),
  )
  .map(([known, rest]) =>
    [...[tcpHeader, plainAuth, tcpHeader, bindRequest].slice(0, known), ...rest].join(''),
  );

const shown = (effects: readonly StreamEffect[]): string[] =>
  effects.map((effect) =>
    effect.type === 'stanza'
      ? `stanza ${effect.stanza.toString()}`
      : effect.type === 'send'
        ? `send ${new TextDecoder().decode(effect.bytes)}`
        : JSON.stringify(effect),
  );

test('how the input is cut changes nothing', () => {
  fc.assert(
    fc.property(dialogue, fc.array(fc.nat(400), { maxLength: 12 }), (text, cuts) => {
      const bytes = new TextEncoder().encode(text);
      const whole = new Host();
      whole.take(whole.stream.receive(bytes, 0));
      const split = new Host();
      let start = 0;
      for (const length of cuts) {
        split.take(split.stream.receive(bytes.subarray(start, start + length), 0));
        start += length;
      }
      split.take(split.stream.receive(bytes.subarray(start), 0));
      expect(shown(split.effects)).toEqual(shown(whole.effects));
    }),
    { numRuns: runs },
  );
});

test('the end comes once, and nothing after it', () => {
  fc.assert(
    fc.property(fc.array(dialogue, { maxLength: 4 }), (texts) => {
      const host = new Host({ tls: 'offered' });
      for (const text of texts) host.say(text);
      host.wait(100_000).wait(100_000);
      host.take(host.stream.disconnected(host.now));
      host.say('<message/>');
      expect(host.of('ended')).toHaveLength(1);
      expect(host.of('close')).toHaveLength(1);
      expect(host.isClosed).toBe(true);
      const types = host.effects.map(({ type }) => type);
      expect(types.lastIndexOf('stanza')).toBeLessThan(types.indexOf('ended'));
    }),
    { numRuns: runs },
  );
});
