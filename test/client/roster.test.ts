/*
 * Roster and presence as a client keeps them, against an embedded server in memory.
 */
import { afterEach, expect, test } from 'vitest';
import { NS, xml } from 'tercet';
import { connect, openPresence, openRoster } from 'tercet/client';
import type { Client } from 'tercet/client';
import { createServer, MemoryAccounts } from 'tercet/server';
import type { Server } from 'tercet/server';
import { Line } from './line.js';
import { managed, Play } from './play.js';
import { eventually } from './eventually.js';

const accounts = new MemoryAccounts({ iterationCount: 4096 });
await accounts.set('juliet', 'localhost', 'juliet');
await accounts.set('romeo', 'localhost', 'romeo');

const clients: Client[] = [];
const makeServer = (): Server => createServer({ domain: 'localhost', accounts, rates: false });

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function open(line: Line, local: string, resource: string): Promise<Client> {
  const client = await connect({
    jid: `${local}@localhost/${resource}`,
    password: local,
    transports: [line],
    reconnect: { minMs: 1, maxMs: 5 },
  });
  clients.push(client);
  return client;
}

test('somebody is added, asked, approved, seen, and removed', async () => {
  const server = makeServer();
  const juliet = await open(new Line(server), 'juliet', 'balcony');
  const romeo = await open(new Line(server), 'romeo', 'orchard');
  const roster = await openRoster(juliet);
  const changes: string[] = [];
  roster.onChange((jid, item) => changes.push(`${jid} ${item?.subscription ?? 'gone'}`));
  const seen = openPresence(juliet);
  const hers = await openRoster(romeo);
  await seen.set();
  romeo.onStanza((stanza) => {
    if (stanza.attr('type') === 'subscribe') void hers.approve(stanza.attr('from') ?? '');
  });
  await openPresence(romeo).set({ show: 'dnd', status: 'climbing', priority: 5 });

  await roster.set('Romeo@localhost', { name: 'Romeo', groups: ['Verona', 'Night'] });
  await roster.subscribe('romeo@localhost');
  await eventually(() => roster.items.get('romeo@localhost')?.subscription).toBe('to');
  expect(roster.items.get('romeo@localhost')).toMatchObject({
    name: 'Romeo',
    groups: ['Verona', 'Night'],
    isAsking: false,
  });
  await eventually(() => seen.best('romeo@localhost')).toMatchObject({
    jid: 'romeo@localhost/orchard',
    show: 'dnd',
    status: 'climbing',
    priority: 5,
  });

  await romeo.close();
  await eventually(() => seen.of('romeo@localhost')).toEqual([]);
  await roster.remove('romeo@localhost');
  await eventually(() => changes.at(-1)).toBe('romeo@localhost gone');
  expect(roster.items.size).toBe(0);
});

test('waiting ends by a signal, and the connection goes on', async () => {
  const line = new Line(makeServer());
  const juliet = await open(line, 'juliet', 'balcony');
  const roster = await openRoster(juliet);
  const presence = openPresence(juliet);
  // Nothing more is taken.
  line.bufferedBytes = 1_000_000;
  const signal = AbortSignal.timeout(20);
  const waits = [
    openRoster(juliet, { signal }),
    roster.read({ signal }),
    roster.set('nurse@localhost', {}, { signal }),
    roster.remove('nurse@localhost', { signal }),
    roster.subscribe('nurse@localhost', { signal }),
    presence.set({}, { signal }),
    presence.clear('', { signal }),
  ];
  for (const outcome of await Promise.allSettled(waits)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'TimeoutError' } });
  }
  await expect(openRoster(juliet, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(juliet.status.state).toBe('online');
});

test('a push of somebody else is refused', async () => {
  const server = makeServer();
  const juliet = await open(new Line(server), 'juliet', 'balcony');
  const romeo = await open(new Line(server), 'romeo', 'orchard');
  const roster = await openRoster(juliet);
  const item = xml('item', { jid: 'tybalt@localhost', subscription: 'both' });
  const push = xml(
    'iq',
    { type: 'set', to: 'juliet@localhost/balcony' },
    xml('query', { xmlns: NS.roster }, item),
  );
  await expect(romeo.request(push)).rejects.toMatchObject({ condition: 'service-unavailable' });
  expect(roster.items.size).toBe(0);
});

test('a new session reads the roster again and says our presence', async () => {
  const line = new Line(makeServer());
  const juliet = await open(line, 'juliet', 'balcony');
  const roster = await openRoster(juliet);
  await openPresence(juliet).set({ status: 'here' });
  const server = makeServer();
  const other = await open(new Line(server), 'juliet', 'vault');
  const elsewhere = await openRoster(other);
  await elsewhere.set('nurse@localhost');
  const seen = openPresence(other);
  await seen.set();
  line.server = server;
  line.cut();
  await eventually(() => [...roster.items.keys()]).toEqual(['nurse@localhost']);
  await eventually(() =>
    seen.of('juliet@localhost').map(({ jid, status }) => `${jid} ${status}`),
  ).toContain('juliet@localhost/balcony here');
});

test('who is not available says nothing in a new session', async () => {
  const play = new Play({
    features: managed,
    answer: (element) =>
      element.startsWith('<resume') ? "<failed xmlns='urn:xmpp:sm:3'/>" : undefined,
  });
  const juliet = await connect({
    jid: 'juliet@localhost/balcony',
    password: 'juliet',
    transports: [play],
    reconnect: { minMs: 1, maxMs: 5 },
  });
  clients.push(juliet);
  const presence = openPresence(juliet);
  const presences = (): string[] =>
    play.heard.join('').match(/<presence[^>]*>(<status>[^<]*)?/g) ?? [];
  await presence.set({ status: 'here' });
  play.cut();
  await eventually(() => play.opened.length).toBe(2);
  await eventually(presences).toHaveLength(2);
  await presence.clear();
  await eventually(() => presences().at(-1)).toContain('unavailable');
  play.cut();
  await eventually(() => play.opened.length).toBe(3);
  await juliet.send(xml('message', { to: 'romeo@localhost' }));
  await eventually(() => play.heard.join('')).toContain('<message');
  expect(presences().at(-1)).toContain('unavailable');
});

test('what is read when the session is lost is read in the next', async () => {
  const answers = [['nurse'], undefined, ['nurse', 'romeo']];
  const play = new Play({
    features: managed,
    answer: (element) => {
      const id = /id="([^"]*)"/.exec(element)?.[1] ?? '';
      // The server has forgotten, and says so.
      if (element.startsWith('<resume')) return "<failed xmlns='urn:xmpp:sm:3'/>";
      if (!element.includes(NS.roster)) return undefined;
      const items = answers.shift()?.map((local) => `<item jid='${local}@localhost'/>`);
      return items === undefined
        ? ''
        : `<iq type='result' id='${id}'><query xmlns='${NS.roster}'>${items.join('')}</query></iq>`;
    },
  });
  const juliet = await connect({
    jid: 'juliet@localhost/balcony',
    password: 'juliet',
    transports: [play],
    reconnect: { minMs: 1, maxMs: 5 },
  });
  clients.push(juliet);
  const roster = await openRoster(juliet);
  const reading = roster.read();
  play.cut();
  await expect(reading).rejects.toMatchObject({ code: 'connection-lost' });
  await eventually(() => [...roster.items.keys()]).toEqual(['nurse@localhost', 'romeo@localhost']);
});
