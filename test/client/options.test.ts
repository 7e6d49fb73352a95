/*
 * Mistakes of the program: each is a UsageError that names the option, before anything is opened.
 */
import { expect, test } from 'vitest';
import { xml } from 'tercet';
import { connect } from 'tercet/client';
import type { ConnectOptions } from 'tercet/client';
import { createServer, MemoryAccounts } from 'tercet/server';
import { Line } from './line.js';
import { Play } from './play.js';

const good = { jid: 'juliet@localhost', password: 'balcony', service: 'ws://127.0.0.1:1/' };

test.each<[string, object, RegExp]>([
  ['a name that is not known', { passwort: 'balcony' }, /'passwort' is not known/],
  ['no address', { jid: undefined }, /jid is not an address/],
  ['a bad address', { jid: 'juliet@@localhost' }, /jid 'juliet@@localhost': /],
  ['no password', { password: undefined }, /needs a password/],
  ['a password of another type', { password: 7 }, /password is not/],
  [
    'a service that is neither URI nor domain',
    { service: 'one two' },
    /neither a URI nor a domain/,
  ],
  ['a scheme that does not work here', { service: 'xmpp://localhost' }, /wss:\/\/, ws:\/\//],
  ['no TLS on the way to elsewhere', { service: 'ws://example.com/' }, /has no TLS: use wss:/],
  ['a word for TLS that is none', { tls: 'sometimes' }, /tls is not/],
  ['a pause that is none', { reconnect: { minMs: 0 } }, /reconnect.minMs/],
  ['a hook that is no function', { trace: true }, /trace is not a function/],
  ['a time that is none', { requestMs: -1 }, /requestMs is not/],
  ['a time that no timer takes', { connectMs: Infinity }, /connectMs is not/],
  ['a time as a text', { requestMs: '5000' }, /requestMs is not/],
  ['a mechanism that is no list', { mechanisms: 'PLAIN' }, /mechanisms is not/],
  ['a mechanism that is not known', { mechanisms: ['FOO'] }, /mechanisms is not/],
  ['no transports', { transports: 5 }, /transports is not/],
  ['a signal that is none', { signal: 5 }, /signal is not/],
  ['a pause of another type', { reconnect: 5 }, /reconnect is not/],
  ['signs of life of another type', { liveness: 5 }, /liveness is not/],
  ['bounds of another type', { management: true }, /management is not/],
  ['a language of another type', { lang: 5 }, /lang is not/],
  [
    'a service with a password',
    { service: 'ws://u:hidden@127.0.0.1/' },
    /^(?!.*hidden).*jid and password/,
  ],
])('%s', async (_name, wrong, message) => {
  const options = { ...good, ...wrong } as ConnectOptions;
  await expect(connect(options)).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringMatching(message) as string,
  });
});

test('what is no stanza is not sent, and costs nothing', async () => {
  const accounts = new MemoryAccounts({ iterationCount: 4096 });
  await accounts.set('juliet', 'localhost', 'balcony');
  const line = new Line(createServer({ domain: 'localhost', accounts }));
  const client = await connect({ jid: good.jid, password: good.password, transports: [line] });
  const wrong = [
    xml('a'),
    xml('message', { xmlns: 'jabber:server' }),
    xml('message', { to: 'a\u0000b' }),
  ];
  for (const stanza of wrong) {
    await expect(client.send(stanza)).rejects.toMatchObject({ name: 'UsageError' });
  }
  await expect(client.request(xml('iq', { type: 'get' }))).rejects.toThrow(/one child/);
  await expect(client.request(xml('message'))).rejects.toThrow(/a request is/);
  const ping = xml('iq', { type: 'get' }, xml('ping', { xmlns: 'urn:xmpp:ping' }));
  for (const timeoutMs of [Infinity, 2 ** 31, NaN, -1, 0]) {
    await expect(client.request(ping, { timeoutMs })).rejects.toThrow(/timeoutMs is not/);
  }
  await client.send(xml('presence'));
  expect(client.status.state).toBe('online');
  await client.close();
});

test.each(['ANONYMOUS', 'EXTERNAL'] as const)('%s can be asked for', async (mechanism) => {
  const play = new Play({ mechanisms: ['PLAIN', mechanism] });
  const jid = mechanism === 'ANONYMOUS' ? 'localhost' : 'juliet@localhost';
  const client = await connect({ jid, mechanisms: [mechanism], transports: [play] });
  expect(play.heard[1]).toContain(`mechanism="${mechanism}">=</auth>`);
  await client.close();
});

/** Bytes go out, none come back. */
class Silence extends Line {
  override open(...[endpoint, events]: Parameters<Line['open']>) {
    return super.open(endpoint, { ...events, receive: () => undefined });
  }
}

test('a server that says nothing is given up', async () => {
  const silence = new Silence(createServer({ domain: 'localhost' }));
  const { jid, password } = good;
  const failure = connect({ jid, password, transports: [silence], connectMs: 50 });
  await expect(failure).rejects.toThrow('negotiation took too long');
});
