/*
 * @xmpp/client against `tercet serve`: over TCP, where it starts TLS because TLS is offered, over TLS from
 * the start, and over WebSocket.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { xml } from '@xmpp/client';
import { serve } from './serve.js';
import type { Serving } from './serve.js';
import { Person, trustAuthority } from './xmpp-js.js';

let serving: Serving;

beforeAll(async () => {
  serving = await serve();
  trustAuthority(serving);
});

afterAll(async () => {
  expect(await serving.stop()).toBe(0);
});

const services: [string, () => string][] = [
  ['TCP with STARTTLS', () => `xmpp://127.0.0.1:${serving.port}`],
  ['TLS', () => `xmpps://127.0.0.1:${serving.tlsPort}`],
  ['WebSocket', () => serving.webSocket],
];

test.each(services)('over %s: log in, see each other, talk, ask, leave', async (name, service) => {
  const juliet = new Person(service(), 'juliet', 'balcony', 'balcony');
  const romeo = new Person(serving.webSocket, 'romeo', 'orchard');
  await juliet.start();
  const julietJid = juliet.client.jid?.toString() ?? '';
  // Over TLS it uses SASL2 and Bind 2, where the server completes the resource.
  expect(julietJid).toMatch(
    name === 'WebSocket' ? /^juliet@localhost\/balcony$/ : /^juliet@localhost\/balcony\.[\w-]{12}$/,
  );
  await romeo.start();
  const romeoJid = romeo.client.jid?.toString() ?? '';

  await juliet.client.send(xml('presence'));
  await romeo.client.send(xml('presence', {}, xml('show', {}, 'away')));
  await expect.poll(() => juliet.presences).toContain(`${romeoJid} available`);
  await expect.poll(() => romeo.presences).toContain(`${julietJid} available`);

  // Of its own: what the clients of an earlier test left unacknowledged comes again, as it should.
  const body = `Wherefore art thou <Romeo> & why \u{1f339}? (over ${name})`;
  const answer = `Here (over ${name})`;
  await juliet.client.send(
    xml('message', { to: 'romeo@localhost', type: 'chat' }, xml('body', {}, body)),
  );
  await expect.poll(() => romeo.bodies.filter((text) => text === body)).toEqual([body]);
  expect(romeo.heard.at(-1)?.attrs.from).toBe(julietJid);
  await romeo.client.send(xml('message', { to: julietJid, type: 'chat' }, xml('body', {}, answer)));
  await expect.poll(() => juliet.bodies.filter((text) => text === answer)).toEqual([answer]);

  const info = await juliet.client.iqCaller.get(
    xml('query', 'http://jabber.org/protocol/disco#info'),
    'localhost',
  );
  expect(info?.getChild('identity')?.attrs.name).toBe('tercet');
  await juliet.client.iqCaller.get(xml('ping', 'urn:xmpp:ping'), romeoJid);
  await expect(juliet.client.iqCaller.get(xml('nothing', 'urn:x:nothing'))).rejects.toMatchObject({
    condition: 'service-unavailable',
  });

  await romeo.client.stop();
  await expect.poll(() => juliet.presences).toContain(`${romeoJid} unavailable`);
  await juliet.client.stop();
});

test.each(services)('over %s a wrong password is refused', async (_name, service) => {
  const juliet = new Person(service(), 'juliet', 'orchard');
  await expect(juliet.start()).rejects.toMatchObject({ condition: 'not-authorized' });
  await juliet.client.stop();
});

test('a user who does not exist is refused in the same words', async () => {
  const tybalt = new Person(serving.webSocket, 'tybalt', 'rapier');
  await expect(tybalt.start()).rejects.toMatchObject({ condition: 'not-authorized' });
  await tybalt.client.stop();
});

test('the streams over TCP and TLS were encrypted, the one over WebSocket was not', () => {
  const bound = serving
    .log()
    .split('\n')
    .filter((line) => line.includes(' bound '));
  const juliets = bound.filter((line) => line.includes('juliet@localhost/balcony'));
  expect(juliets.map((line) => /encrypted=(\w+)/.exec(line)?.[1])).toEqual([
    'true',
    'true',
    'false',
  ]);
});

test('nothing secret is in the log', () => {
  expect(serving.log()).not.toMatch(/Wherefore|password|orchard\b/);
});
