/*
 * The client over WebSocket, with the global one of Node, against `tercet serve`: what a page does.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { NS, connect, webSocketTransport, xml } from 'tercet/browser';
import type { Client, ConnectOptions, Element, TraceEntry, Wire } from 'tercet/browser';
import { serve } from '../clients/serve.js';
import type { Serving } from '../clients/serve.js';
import { eventually } from './eventually.js';

let serving: Serving;
const clients: Client[] = [];

beforeAll(async () => {
  serving = await serve();
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  expect(await serving.stop()).toBe(0);
});

async function open(options: Partial<ConnectOptions> = {}): Promise<Client> {
  const client = await connect({
    jid: 'juliet@localhost/balcony',
    password: 'balcony',
    service: serving.webSocket,
    ...options,
  });
  clients.push(client);
  return client;
}

const message = (to: string, body: string): Element =>
  xml('message', { to, type: 'chat' }, xml('body', {}, body));

async function nextMessage(client: Client): Promise<Element> {
  for await (const stanza of client.stanzas()) {
    if (stanza.name === 'message') return stanza;
  }
  throw new Error('no message came');
}

test('two clients see each other, talk and leave', async () => {
  const juliet = await open();
  expect(juliet.jid.toString()).toBe('juliet@localhost/balcony');
  expect(juliet.status).toMatchObject({ state: 'online', isResumed: false });
  const romeo = await open({ jid: 'romeo@localhost/orchard', password: 'orchard' });
  const heard = nextMessage(romeo);
  await romeo.send(xml('presence'));
  await juliet.send(
    message('romeo@localhost/orchard', 'Wherefore art thou <Romeo> & why \u{1f339}?'),
  );
  const stanza = await heard;
  expect(stanza.child('body')?.text).toBe('Wherefore art thou <Romeo> & why \u{1f339}?');
  expect(stanza.attr('from')).toBe('juliet@localhost/balcony');
  await romeo.close();
  expect(romeo.status).toEqual({ state: 'closed' });
  await juliet.close();
  await expect(juliet.closed).resolves.toBeUndefined();
});

describe('a request', () => {
  test('resolves to the result', async () => {
    const juliet = await open();
    const query = xml('query', { xmlns: NS.discoInfo });
    const result = await juliet.request(xml('iq', { type: 'get', to: 'localhost' }, query));
    expect(result.attr('type')).toBe('result');
    expect(result.child('query', NS.discoInfo)?.child('identity')?.attr('name')).toBe('tercet');
  });

  test('rejects with the error of the answer', async () => {
    const juliet = await open();
    const iq = xml('iq', { type: 'get' }, xml('nothing', { xmlns: 'urn:x:nothing' }));
    await expect(juliet.request(iq)).rejects.toMatchObject({
      name: 'StanzaError',
      condition: 'service-unavailable',
      type: 'cancel',
    });
  });
});

test('secrets are masked in the trace, all else is shown', async () => {
  const entries: TraceEntry[] = [];
  const juliet = await open({ mechanisms: ['PLAIN'], trace: (entry) => entries.push(entry) });
  await juliet.close();
  const out = entries.flatMap(({ direction, text }) => (direction === 'out' ? text : [])).join('');
  expect(out).toContain('***');
  expect(out).not.toContain(btoa('\0juliet\0balcony'));
  expect(out).toMatch(/^<open .*<close [^>]*>$/s);
});

test('a wrong password rejects, and is not tried again', async () => {
  const states: string[] = [];
  await expect(
    open({ password: 'orchard', onStatus: ({ state }) => states.push(state) }),
  ).rejects.toMatchObject({ name: 'AuthenticationError', condition: 'not-authorized' });
  expect(states).toEqual(['connecting', 'closed']);
});

test('a device that is online again does not wait out the pause', async () => {
  const listeners: (() => void)[] = [];
  vi.stubGlobal('addEventListener', (_type: 'online', listener: () => void) => {
    listeners.push(listener);
  });
  const transport = webSocketTransport();
  let wires: Wire[] = [];
  const juliet = await open({
    jid: 'juliet@localhost/device',
    reconnect: { minMs: 60_000, maxMs: 60_000 },
    transports: [
      {
        ...transport,
        async open(endpoint, events, signal) {
          const wire = await transport.open(endpoint, events, signal);
          wires.push({ ...wire, destroy: () => events.disconnected() });
          return wire;
        },
      },
    ],
  });
  vi.unstubAllGlobals();
  wires[0]?.destroy();
  wires = [];
  await eventually(() => juliet.status.state).toBe('waiting');
  for (const listener of listeners) listener();
  await eventually(() => juliet.status).toMatchObject({ state: 'online', isResumed: true });
});

describe('a server that speaks WebSocket badly', () => {
  test.each<[string, ConstructorParameters<typeof WebSocketServer>[0], string | Buffer]>([
    ['without the subprotocol', { handleProtocols: () => false }, '<open/>'],
    ['in binary', {}, Buffer.from("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")],
    ['with what is no element', {}, 'hello'],
  ])('%s is no way in', async (_name, options, answer) => {
    const server = new WebSocketServer({ ...options, host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', () => socket.send(answer));
    });
    const { port } = server.address() as AddressInfo;
    await expect(open({ service: `ws://127.0.0.1:${port}/` })).rejects.toThrow();
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
});

test('a server that is gone holds nothing of a wire that was given up', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  // It takes the connection, and reads no more.
  server.on('connection', (_socket, { socket }) => socket.pause());
  const opened: WebSocket[] = [];
  class Watched extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols);
      opened.push(this);
    }
  }
  const { port } = server.address() as AddressInfo;
  const nothing = (): void => undefined;
  const wire = await webSocketTransport({ WebSocket: Watched }).open(
    { uri: `ws://127.0.0.1:${port}/`, domain: 'localhost' },
    { receive: nothing, drained: nothing, disconnected: nothing },
    new AbortController().signal,
  );
  wire.destroy();
  await eventually(() => opened[0]?.readyState).toBe(WebSocket.CLOSED);
  for (const socket of server.clients) socket.terminate();
  server.close();
}, 10_000);
