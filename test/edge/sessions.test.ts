/*
 * Sessions that can be resumed, without workerd: SQLite is Node's, an alarm a number, and a crash another
 * `HibernatingStreams` over the same storage without the sockets.
 */
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'tercet';
import { HibernatingStreams } from 'tercet/workers';
import type { HibernatingStreamsOptions, SessionStorage, StreamHost } from 'tercet/workers';
import { Keeper, KeptSocket } from './kept-sockets.js';

const framing = 'urn:ietf:params:xml:ns:xmpp-framing';
const sm = 'urn:xmpp:sm:3';
const open = `<open xmlns='${framing}' to='localhost' version='1.0'/>`;
const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${btoa('\0juliet\0x')}</auth>`;
const bind =
  "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
const presence = "<presence xmlns='jabber:client'/>";
const message = (body: string): Uint8Array =>
  new TextEncoder().encode(`<message xmlns='jabber:client'><body>${body}</body></message>`);
const bodiesOf = (stanzas: readonly Uint8Array[]): (string | undefined)[] =>
  stanzas.map((bytes) => parse(bytes).child('body')?.text);

class Store implements SessionStorage {
  readonly #database = new DatabaseSync(':memory:');
  alarmAt: number | undefined;

  readonly sql: SessionStorage['sql'] = {
    exec: (query, ...values) => {
      const bound = values.map((value) =>
        value instanceof ArrayBuffer ? new Uint8Array(value) : value,
      );
      const rows = this.#database.prepare(query).all(...bound);
      return { toArray: () => rows };
    },
  };

  setAlarm(time: number): Promise<void> {
    this.alarmAt = time;
    return Promise.resolve();
  }

  get sessionCount(): number {
    return Number(this.sql.exec('SELECT count(*) AS n FROM tercet_session').toArray()[0]?.n);
  }
}

let keeper: Keeper;
let storage: Store;
let ended: string[];
/** Whom the host lets resume: the name of a session, as the id of the stream that has it. */
let answerResume: (stream: string, name: string) => boolean;
let handled: () => Promise<void>;
let hostFails: boolean;

const host: StreamHost = {
  authenticate: () => Promise.resolve({ kind: 'accepted', local: 'juliet' }),
  bind: () => Promise.resolve({ kind: 'bound', resource: 'balcony' }),
  resume: ({ name }, { id }) => Promise.resolve(answerResume(id, name)),
  stanza: () => undefined,
  handled: () => handled(),
  ended: ({ jid }, { kind }, unacked) => {
    if (hostFails) return Promise.reject(new Error('not now'));
    ended.push([jid, kind, ...bodiesOf(unacked)].join(' '));
    return Promise.resolve();
  },
};

const start = (management: HibernatingStreamsOptions['management'] = {}): HibernatingStreams =>
  new HibernatingStreams(keeper, host, {
    domain: 'localhost',
    management: { requestCount: 1, ...management },
    resumption: { storage, maxSeconds: 100 },
  });

const settled = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);

async function authenticate(streams: HibernatingStreams): Promise<KeptSocket> {
  const socket = new KeptSocket();
  streams.accept(socket);
  for (const frame of [open, auth]) streams.message(socket, frame);
  await settled();
  streams.message(socket, open);
  return socket;
}

async function login(streams: HibernatingStreams, max = ''): Promise<[KeptSocket, string]> {
  const socket = await authenticate(streams);
  streams.message(socket, bind);
  await settled();
  streams.message(socket, `<enable xmlns='${sm}' resume='true'${max}/>`);
  await settled();
  const [id = ''] = socket.tags;
  return [socket, id];
}

/** The alarm rings, if it is time. */
async function ring(streams: HibernatingStreams, afterMs: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(afterMs);
  const { alarmAt = Infinity } = storage;
  if (alarmAt > Date.now()) return;
  storage.alarmAt = undefined;
  await streams.alarm();
}

beforeEach(() => {
  keeper = new Keeper();
  storage = new Store();
  ended = [];
  hostFails = false;
  answerResume = () => false;
  handled = () => Promise.resolve();
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('an object without sessions stores nothing', async () => {
  const streams = start();
  const socket = await authenticate(streams);
  streams.message(socket, bind);
  await settled();
  streams.send(socket.tags[0] ?? '', [message('one')]);
  streams.closed(socket);
  expect(storage.sql.exec('SELECT name FROM sqlite_master').toArray()).toEqual([]);
  expect(storage.alarmAt).toBeUndefined();
});

test('the client is told a name, and how long it can be away', async () => {
  const [socket, id] = await login(start());
  expect(socket.sent.at(-1)).toBe(`<enabled xmlns="${sm}" id="${id}" resume="true" max="100"/>`);
  const [shorter] = await login(start(), " max='7'");
  expect(shorter.sent.at(-1)).toContain('max="7"');
  const [longer] = await login(start(), " max='700'");
  expect(longer.sent.at(-1)).toContain('max="100"');
});

test('what is sent while the client is away waits for it, and ends with the time it had', async () => {
  const streams = start();
  const [socket, id] = await login(streams);
  streams.send(id, [message('one'), message('two')]);
  streams.message(socket, `<a xmlns='${sm}' h='1'/>`);
  streams.closed(socket);
  expect(streams.isOpen(id)).toBe(false);
  expect(streams.has(id)).toBe(true);
  expect(streams.send(id, [message('three')])).toBe(true);
  await ring(streams, 99_000);
  expect(ended).toEqual([]);
  await ring(streams, 2000);
  expect(ended).toEqual(['juliet@localhost/balcony disconnected two three']);
  expect(streams.has(id)).toBe(false);
  expect(streams.send(id, [message('four')])).toBe(false);
  expect(storage.sessionCount).toBe(0);
});

test('more than may wait ends the session at once, and keeps its order', async () => {
  const streams = start({ maxUnackedCount: 3 });
  const [socket, id] = await login(streams);
  streams.closed(socket);
  for (const body of ['1', '2', '3', '4', '5']) {
    expect(streams.send(id, [message(body)])).toBe(true);
  }
  await ring(streams, 0);
  expect(ended).toEqual(['juliet@localhost/balcony disconnected 1 2 3 4 5']);
});

test('a host that cannot be told is told again', async () => {
  const streams = start();
  const [socket, id] = await login(streams);
  streams.send(id, [message('one')]);
  streams.closed(socket);
  hostFails = true;
  await ring(streams, 101_000);
  expect(streams.has(id)).toBe(true);
  // Also by another life of the object.
  hostFails = false;
  await ring(start(), 11_000);
  expect(ended).toEqual(['juliet@localhost/balcony disconnected one']);
});

test('a client that says goodbye leaves no session behind', async () => {
  const streams = start();
  const [socket, id] = await login(streams);
  streams.send(id, [message('one')]);
  streams.message(socket, `<close xmlns='${framing}'/>`);
  await settled();
  expect(ended).toEqual(['juliet@localhost/balcony closed one']);
  expect(streams.has(id)).toBe(false);
  expect(storage.sessionCount).toBe(0);
});

test('it goes on in another object, and what is sent meanwhile comes after the rest', async () => {
  const streams = start();
  const [socket, id] = await login(streams);
  streams.message(socket, presence);
  streams.send(id, [message('one'), message('two')]);
  const other = new Store();
  const otherKeeper = new Keeper();
  const elsewhere = new HibernatingStreams(otherKeeper, host, {
    domain: 'localhost',
    management: { requestCount: 1 },
    resumption: { storage: other },
  });
  const next = await authenticate(elsewhere);
  const [nextId = ''] = next.tags;
  next.sent.length = 0;
  answerResume = (stream, name) => {
    expect(name).toBe(id);
    const session = streams.handOver(id);
    if (!session) return false;
    elsewhere.takeOver(stream, session);
    streams.forget(id);
    elsewhere.send(stream, [message('three')]);
    return true;
  };
  expect(await streams.interrupt(id)).toBe(true);
  expect(socket.sent.join('')).toContain('<conflict');
  elsewhere.message(next, `<resume xmlns='${sm}' previd='${id}' h='1'/>`);
  await settled();
  expect(next.sent[0]).toBe(`<resumed xmlns="${sm}" previd="${id}" h="1"/>`);
  const again = next.sent.filter((frame) => frame.startsWith('<message'));
  expect(again.map((frame) => parse(frame).child('body')?.text)).toEqual(['two', 'three']);
  expect(elsewhere.isOpen(nextId)).toBe(true);
  elsewhere.message(next, `<a xmlns='${sm}' h='3'/>`);
  elsewhere.closed(next);
  // The first object knows nothing of it any more.
  await ring(streams, 200_000);
  expect(ended).toEqual([]);
  other.alarmAt = undefined;
  await elsewhere.alarm();
  expect(ended).toEqual(['juliet@localhost/balcony disconnected']);
});

test('after a crash it waits, with what was safe and what was not acknowledged', async () => {
  const streams = start();
  const [socket, id] = await login(streams);
  streams.message(socket, presence);
  await settled();
  // The second is not safe when the object ends, so it does not count.
  handled = () => new Promise(() => undefined);
  streams.message(socket, presence);
  streams.send(id, [message('one')]);
  vi.clearAllTimers();
  keeper = new Keeper();
  const later = start();
  expect(later.has(id)).toBe(true);
  expect(later.handOver(id)).toMatchObject({ name: id, handled: 1, acked: 0 });
  await ring(later, 101_000);
  expect(ended).toEqual(['juliet@localhost/balcony disconnected one']);
});

test('what the host did not carry out is not counted', async () => {
  const streams = start();
  const [socket, id] = await login(streams);
  streams.message(socket, presence);
  handled = () => Promise.reject(new Error('not carried out'));
  streams.message(socket, presence);
  streams.closed(socket);
  await settled();
  expect(streams.handOver(id)?.handled).toBe(1);
});
