/*
 * @xmpp/client with this parser, and one with these addresses, in the place of its own, against `tercet serve`: over TCP (with
 * STARTTLS, so that streams restart), over TLS and over WebSocket.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { xml } from '@xmpp/client';
import ConnectionTCP from '@xmpp/connection-tcp';
import { jid, JID } from 'tercet/compat/xmpp-jid';
import { Element, FramedParser, Parser, plugInto } from 'tercet/compat/xmpp-xml';
import type { ElementClass } from 'tercet/compat/xmpp-xml';
import { serve } from '../clients/serve.js';
import type { Serving } from '../clients/serve.js';
import { Person, trustAuthority } from '../clients/xmpp-js.js';

const { Element: theirElement } = xml as unknown as { Element: ElementClass };

let serving: Serving;

beforeAll(async () => {
  serving = await serve();
  trustAuthority(serving);
});

afterAll(async () => {
  expect(await serving.stop()).toBe(0);
});

/** The parser that a client reads with, each time it opens a stream. */
function parserOf(person: Person): unknown {
  return (person.client as unknown as { parser: unknown }).parser;
}

const services: [string, typeof Parser, () => string][] = [
  ['TCP with STARTTLS', Parser, () => `xmpp://127.0.0.1:${serving.port}`],
  ['TLS', Parser, () => `xmpps://127.0.0.1:${serving.tlsPort}`],
  ['WebSocket', FramedParser, () => serving.webSocket],
];

describe.each(services)('over %s', (name, parserClass, service) => {
  test('a client logs in, talks and leaves', async () => {
    const juliet = new Person(service(), 'juliet', 'balcony', 'balcony');
    const romeo = new Person(service(), 'romeo', 'orchard', 'orchard');
    plugInto(juliet.client, { jid });
    plugInto(romeo.client, { Element: theirElement });
    await juliet.start();
    await romeo.start();
    expect(parserOf(juliet)).toBeInstanceOf(parserClass);
    expect(juliet.client.jid).toBeInstanceOf(JID);
    expect(juliet.client.jid?.toString()).toMatch(/^juliet@localhost\/balcony/);
    const to = romeo.client.jid?.toString() ?? '';

    await juliet.client.send(xml('presence'));
    await romeo.client.send(xml('presence'));
    const body = `Wherefore & why \u{1f339}? ${'ü'.repeat(20_000)} (${name})`;
    await juliet.client.send(xml('message', { to }, xml('body', {}, body)));
    await expect.poll(() => romeo.bodies.filter((text) => text === body)).toEqual([body]);

    // Elements are of the class that was asked for.
    const message = romeo.heard.find((stanza) => stanza.getChildText('body') === body);
    expect(message).toBeInstanceOf(theirElement);
    const info = await juliet.client.iqCaller.get(
      xml('query', 'http://jabber.org/protocol/disco#info'),
      'localhost',
    );
    expect(info).toBeInstanceOf(Element);
    expect(info?.getChild('identity')?.attrs.name).toBe('tercet');
    // Not by iqCaller, which has no handler for a refusal that comes before its send has resolved.
    const refusal = new Promise<unknown>((resolve) => {
      juliet.client.on('stanza', (stanza) => {
        if (stanza.attrs.id === 'refused') resolve(stanza);
      });
    });
    await juliet.client.send(
      xml('iq', { type: 'get', id: 'refused' }, xml('nothing', 'urn:x:nothing')),
    );
    const refused = await refusal;
    const error = refused instanceof Element ? refused.getChild('error') : undefined;
    expect(error?.getChild('service-unavailable')).toBeInstanceOf(Element);

    await juliet.client.stop();
    await romeo.client.stop();
  });

  test('a wrong password is refused', async () => {
    const juliet = new Person(service(), 'juliet', 'orchard');
    plugInto(juliet.client);
    await expect(juliet.start()).rejects.toMatchObject({ condition: 'not-authorized' });
    await juliet.client.stop();
  });
});

test('by hand: the parser on the prototype of the connection', async () => {
  const { prototype } = ConnectionTCP;
  const own = {
    Parser: prototype.Parser,
    _onData: Reflect.get(prototype, '_onData') as () => void,
  };
  const Plugged = Parser.using(theirElement);
  prototype.Parser = Plugged;
  prototype._onData = function (this: ConnectionTCP, data) {
    this.parser?.write(data);
  };
  try {
    const juliet = new Person(`xmpp://127.0.0.1:${serving.port}`, 'juliet', 'balcony');
    await juliet.start();
    expect(parserOf(juliet)).toBeInstanceOf(Plugged);
    await juliet.client.stop();
  } finally {
    Object.assign(prototype, own);
  }
});
