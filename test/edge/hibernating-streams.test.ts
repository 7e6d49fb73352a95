/*
 * Streams that outlive their object, without workerd: sockets are kept by a map, and a sleep is another
 * `HibernatingStreams` over the same sockets.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'tercet';
import type { BindAnswer } from 'tercet/protocol';
import { HibernatingStreams, upgrade } from 'tercet/workers';
import type { HibernatingStreamsOptions, StreamHost } from 'tercet/workers';
import { Keeper, KeptSocket } from './kept-sockets.js';

const framing = 'urn:ietf:params:xml:ns:xmpp-framing';
const open = `<open xmlns='${framing}' to='localhost' version='1.0' xml:lang='it'/>`;
const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${btoa('\0juliet\0balcony')}</auth>`;
const bind =
  "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";

let keeper: Keeper;
let log: string[];
let unacked: (string | undefined)[];
let answerBind: (answer: BindAnswer) => void;

const host: StreamHost = {
  authenticate: () => Promise.resolve({ kind: 'accepted', local: 'juliet' }),
  bind: ({ local, resource }) => {
    log.push(`bind ${local} ${resource ?? '-'}`);
    return new Promise((resolve) => (answerBind = resolve));
  },
  stanza: (stanza, { jid, lang }) => {
    log.push(`${jid} ${lang} ${stanza.name}`);
    if (stanza.child('fault')) throw new Error('the host failed');
  },
  ended: ({ jid }, { kind }, rest) => {
    log.push(`${jid} ${kind}`);
    unacked.push(...rest.map((bytes) => parse(bytes).child('body')?.text));
  },
};

const wake = (options: Partial<HibernatingStreamsOptions> = {}): HibernatingStreams =>
  new HibernatingStreams(keeper, host, { domain: 'localhost', ...options });

const settled = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);

async function login(streams: HibernatingStreams, resource = 'balcony'): Promise<KeptSocket> {
  const socket = new KeptSocket();
  streams.accept(socket);
  for (const frame of [open, auth]) streams.message(socket, frame);
  await settled();
  for (const frame of [open, bind]) streams.message(socket, frame);
  await settled();
  answerBind({ kind: 'bound', resource });
  await settled();
  socket.sent.length = 0;
  log.length = 0;
  return socket;
}

const presence = "<presence xmlns='jabber:client'/>";
const jid = 'juliet@localhost/balcony';

beforeEach(() => {
  keeper = new Keeper();
  log = [];
  unacked = [];
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a bound stream', () => {
  test('has no timer, so that its object may sleep', async () => {
    await login(wake());
    expect(vi.getTimerCount()).toBe(0);
  });

  test('goes on with the same address and language after a sleep', async () => {
    const socket = await login(wake());
    const streams = wake();
    streams.message(socket, presence);
    streams.message(socket, presence);
    expect(log).toEqual([`${jid} it presence`, `${jid} it presence`]);
    expect(socket.sent).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    streams.message(socket, `<close xmlns='${framing}'/>`);
    expect(log.at(-1)).toBe(`${jid} closed`);
    expect(socket.closeCode).toBe(1000);
  });

  test('of the longest address goes on too', async () => {
    const resource = '\u{1f339}'.repeat(255);
    const socket = await login(wake(), resource);
    wake().message(socket, presence);
    expect(log).toEqual([`juliet@localhost/${resource} it presence`]);
  });

  test('that was woken is bound, and nothing else: what it may not do now it may not do then', async () => {
    const socket = await login(wake());
    wake().message(socket, auth);
    expect(socket.sent[0]).toContain('<unsupported-stanza-type');
    expect(log).toEqual([`${jid} error`]);
  });

  test('is written to without being woken, and found out when it is gone', async () => {
    const socket = await login(wake());
    const [id = ''] = socket.tags;
    const streams = wake();
    const bytes = new TextEncoder().encode(presence);
    expect(streams.has(id)).toBe(true);
    expect(streams.send(id, [bytes, bytes])).toBe(true);
    expect(socket.sent).toEqual([presence, presence]);
    expect(streams.send('another', [bytes])).toBe(false);
    streams.closed(socket);
    expect(log).toEqual([`${jid} disconnected`]);
    expect(streams.send(id, [bytes])).toBe(false);
    expect(streams.has(id)).toBe(false);
  });

  test('whose client does not read is cut off', async () => {
    const socket = await login(wake());
    const [id = ''] = socket.tags;
    socket.bufferedAmount = 5000;
    const bytes = new TextEncoder().encode(presence);
    expect(wake().send(id, [bytes])).toBe(true);
    expect(wake({ maxQueueBytes: 4999 }).send(id, [bytes])).toBe(false);
    expect(log).toEqual([`${jid} disconnected`]);
    expect(socket.closeCode).toBe(1000);
  });

  test('ends from our side with an error, awake or asleep', async () => {
    const socket = await login(wake());
    const streams = wake();
    streams.end(socket.tags[0] ?? '', 'conflict');
    expect(socket.sent[0]).toContain('<conflict');
    expect(socket.sent[1]).toContain('<close');
    expect(log).toEqual([`${jid} error`]);
    // What its client still sends is nobody's, even after another sleep.
    wake().message(socket, presence);
    expect(log).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(socket.closeCode).toBe(1000);
  });

  test('whose host fails ends with internal-server-error', async () => {
    const streams = wake();
    const socket = await login(streams);
    streams.message(socket, "<message xmlns='jabber:client'><fault/></message>");
    expect(socket.sent[0]).toContain('<internal-server-error');
  });
});

describe('stream management', () => {
  const sm = 'urn:xmpp:sm:3';
  const management = { requestCount: 1 };
  const message = (body: string): Uint8Array =>
    new TextEncoder().encode(`<message xmlns='jabber:client'><body>${body}</body></message>`);
  const ack = (h: number): string => `<a xmlns='${sm}' h='${h}'/>`;

  async function enabled(streams: HibernatingStreams): Promise<[KeptSocket, string]> {
    const socket = await login(streams);
    streams.message(socket, `<enable xmlns='${sm}' resume='true'/>`);
    expect(socket.sent).toEqual([`<enabled xmlns="${sm}"/>`]);
    socket.sent.length = 0;
    return [socket, socket.tags[0] ?? ''];
  }

  test('is refused where it is not offered', async () => {
    const streams = wake();
    const socket = await login(streams);
    streams.message(socket, `<enable xmlns='${sm}'/>`);
    expect(socket.sent[0]).toContain('<failed');
  });

  test('asks for acknowledgements, and lets the object sleep when there is one', async () => {
    const streams = wake({ management });
    const [socket, id] = await enabled(streams);
    streams.send(id, [message('one'), message('two')]);
    expect(socket.sent[2]).toContain('<r ');
    expect(vi.getTimerCount()).toBe(1);
    // A second question follows the first answer, not before it.
    streams.send(id, [message('three')]);
    expect(socket.sent).toHaveLength(4);
    streams.message(socket, ack(2));
    expect(socket.sent[4]).toContain('<r ');
    streams.message(socket, ack(3));
    expect(vi.getTimerCount()).toBe(0);
    expect(unacked).toEqual([]);
  });

  test('gives back what is not acknowledged when the client goes, or says nothing for too long', async () => {
    const streams = wake({ management, ackMs: 5000 });
    const [socket, id] = await enabled(streams);
    streams.send(id, [message('one'), message('two'), message('three')]);
    streams.message(socket, ack(1));
    streams.closed(socket);
    expect(log).toEqual([`${jid} disconnected`]);
    expect(unacked).toEqual(['two', 'three']);
    const [other, name] = await enabled(streams);
    streams.send(name, [message('four')]);
    await vi.advanceTimersByTimeAsync(4900);
    expect(log).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(log).toEqual([`${jid} error`]);
    expect(other.sent.join('')).toContain('<connection-timeout');
    expect(unacked.at(-1)).toBe('four');
  });

  test('goes on counting after a sleep', async () => {
    const streams = wake({ management });
    const [socket, id] = await enabled(streams);
    streams.message(socket, presence);
    streams.send(id, [message('one')]);
    streams.message(socket, ack(1));
    socket.sent.length = 0;
    const later = wake({ management });
    later.send(id, [message('two')]);
    expect(socket.sent.at(-1)).toContain('<r ');
    later.message(socket, ack(2));
    expect(vi.getTimerCount()).toBe(0);
    later.message(socket, presence);
    const last = wake({ management });
    last.message(socket, `<r xmlns='${sm}'/>`);
    await settled();
    expect(socket.sent.at(-1)).toBe(`<a xmlns="${sm}" h="2"/>`);
    expect(log).toEqual([`${jid} it presence`, `${jid} it presence`]);
  });

  test('acknowledges when the host has what came', async () => {
    let safe = (): void => undefined;
    const handled = (): Promise<void> => new Promise((resolve) => (safe = resolve));
    const options = { domain: 'localhost', management };
    const streams = new HibernatingStreams(keeper, { ...host, handled }, options);
    const [socket] = await enabled(streams);
    streams.message(socket, presence);
    streams.message(socket, `<r xmlns='${sm}'/>`);
    await settled();
    expect(socket.sent).toEqual([]);
    safe();
    await settled();
    expect(socket.sent).toEqual([`<a xmlns="${sm}" h="1"/>`]);
  });
});

describe('a stream that negotiates', () => {
  test('has thirty seconds', async () => {
    const socket = new KeptSocket();
    wake().accept(socket);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(socket.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(4000);
    expect(socket.sent.join('')).toContain('<stream:error');
    expect(socket.closeCode).toBe(1000);
    expect(log).toEqual([]);
  });

  test('and is interrupted begins anew', () => {
    const socket = new KeptSocket();
    const streams = wake();
    streams.accept(socket);
    streams.message(socket, open);
    wake().message(socket, auth);
    expect(socket.closeCode).toBe(1012);
  });

  test('whose client leaves while its resource is bound gives it back', async () => {
    const streams = wake();
    const socket = new KeptSocket();
    streams.accept(socket);
    for (const frame of [open, auth]) streams.message(socket, frame);
    await settled();
    for (const frame of [open, bind]) streams.message(socket, frame);
    await settled();
    streams.closed(socket);
    answerBind({ kind: 'bound', resource: 'balcony' });
    await settled();
    expect(log).toEqual(['bind juliet -', `${jid} disconnected`]);
  });

  test('whose host cannot be asked fails for now', async () => {
    const failing = { ...host, authenticate: () => Promise.reject(new Error('no such object')) };
    const streams = new HibernatingStreams(keeper, failing, { domain: 'localhost' });
    const socket = new KeptSocket();
    streams.accept(socket);
    for (const frame of [open, auth]) streams.message(socket, frame);
    await settled();
    expect(socket.sent.at(-1)).toContain('<temporary-auth-failure');
  });
});

test('a request that is no upgrade is refused, and nothing else is possible in other runtimes', async () => {
  const request = (headers: Record<string, string>) => ({
    url: 'https://localhost/',
    headers: new Headers(headers),
  });
  expect(upgrade(request({}), wake()).status).toBe(426);
  const refused = upgrade(
    request({ upgrade: 'websocket', 'sec-websocket-protocol': 'a, b' }),
    wake(),
  );
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('RFC 7395');
  const asked = request({ upgrade: 'WebSocket', 'sec-websocket-protocol': 'mqtt, xmpp' });
  expect(() => upgrade(asked, wake())).toThrow(TypeError);
});
