/*
 * What becomes of a client's session when its connections come and go, against an embedded server in memory:
 * what was sent arrives once and in order, or is reported.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { NS, xml } from 'tercet';
import type { Element } from 'tercet';
import { connect } from 'tercet/client';
import type { Client, ConnectOptions, Status } from 'tercet/client';
import { createServer, MemoryAccounts } from 'tercet/server';
import type { Server, ServerOptions } from 'tercet/server';
import { tcpFraming, webSocketFraming } from 'tercet/transport';
import { Line } from './line.js';
import { eventually } from './eventually.js';

const accounts = new MemoryAccounts({ iterationCount: 4096 });
await accounts.set('juliet', 'localhost', 'balcony');
await accounts.set('romeo', 'localhost', 'orchard');

const clients: Client[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function makeServer(options: Partial<ServerOptions> = {}): Server {
  return createServer({ domain: 'localhost', accounts, rates: false, ...options });
}

async function open(line: Line, options: Partial<ConnectOptions> = {}): Promise<Client> {
  const client = await connect({
    jid: 'juliet@localhost/balcony',
    password: 'balcony',
    transports: [line],
    reconnect: { minMs: 1, maxMs: 5 },
    ...options,
  });
  clients.push(client);
  return client;
}

const romeo = { jid: 'romeo@localhost/orchard', password: 'orchard' };

const message = (to: string, id: string): Element =>
  xml('message', { to, id, type: 'chat' }, xml('body', {}, `number ${id}`));

/** The ids of messages, as they come. */
function listen(client: Client): string[] {
  const ids: string[] = [];
  client.onStanza((stanza) => {
    if (stanza.name === 'message' && stanza.attr('type') !== 'error') {
      ids.push(stanza.attr('id') ?? '');
    }
  });
  return ids;
}

/** Numbers that look random and are the same in each run. */
function* sequence(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const online = (client: Client): Promise<void> =>
  eventually(() => client.status.state).toBe('online');

describe('with stream management', () => {
  test.each([
    [1, 'juliet@localhost/balcony', tcpFraming],
    [2, 'juliet@localhost/balcony', webSocketFraming],
    [3, 'juliet@localhost/balcony', tcpFraming],
    // With Bind 2.
    [4, 'juliet@localhost', tcpFraming],
    [5, 'juliet@localhost', webSocketFraming],
    [6, 'juliet@localhost', tcpFraming],
  ])(
    'what both sides send arrives once and in order, wherever it is cut (%d, %s)',
    async (seed, jid, framing) => {
      const server = makeServer();
      const line = new Line(server, framing);
      const lost: Element[] = [];
      const juliet = await open(line, {
        jid,
        onLost: (stanzas) => lost.push(...stanzas),
      });
      const other = await open(new Line(server), romeo);
      const atRomeo = listen(other);
      const atJuliet = listen(juliet);
      const random = sequence(seed);
      const sent: Promise<void>[] = [];
      const expected: string[] = [];
      for (let count = 0; count < 200; count++) {
        expected.push(String(count));
        sent.push(juliet.send(message('romeo@localhost/orchard', String(count))));
        sent.push(other.send(message(juliet.jid.toString(), String(count))));
        if (count % 20 === 10) {
          const direction = random.next().value < 0.5 ? 'out' : 'in';
          line.left[direction] = Math.floor(random.next().value * 1500);
        }
        if (random.next().value < 0.2) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await Promise.all(sent);
      await eventually(() => atRomeo.length).toBeGreaterThanOrEqual(200);
      await eventually(() => atJuliet.length).toBeGreaterThanOrEqual(200);
      expect(atRomeo).toEqual(expected);
      expect(atJuliet).toEqual(expected);
      expect(lost).toEqual([]);
      expect(line.openCount).toBeGreaterThan(1);
    },
  );

  test('the resource that is asked for is ours with SASL2 too, which also resumes', async () => {
    const line = new Line(makeServer());
    let sent = '';
    const juliet = await open(line, {
      trace: ({ direction, text }) => {
        if (direction === 'out') sent += text;
      },
    });
    expect(juliet.jid.toString()).toBe('juliet@localhost/balcony');
    expect(sent).toContain('<authenticate xmlns="urn:xmpp:sasl:2"');
    expect(sent).not.toContain('urn:xmpp:bind:0');
    expect(sent).toContain('<resource>balcony</resource>');
    sent = '';
    line.cut();
    await eventually(() => line.openCount).toBe(2);
    await online(juliet);
    expect(juliet.status).toMatchObject({ isResumed: true });
    expect(juliet.jid.toString()).toBe('juliet@localhost/balcony');
    expect(sent).toMatch(/<authenticate xmlns="urn:xmpp:sasl:2".*<resume .*<\/authenticate>/);
    expect(sent).not.toContain('<resource>');
  });

  test('requests go on too', async () => {
    const line = new Line(makeServer());
    const juliet = await open(line);
    const states: string[] = [];
    juliet.onStatus(({ state }) => states.push(state));
    line.left.in = 10;
    const ping = xml('iq', { type: 'get', to: 'localhost' }, xml('ping', { xmlns: NS.ping }));
    const result = await juliet.request(ping);
    expect(result.attr('type')).toBe('result');
    expect(states).toEqual(['waiting', 'connecting', 'online']);
    expect(juliet.status).toMatchObject({ state: 'online', isResumed: true });
  });

  test('what the server did not acknowledge is reported when it has forgotten the session', async () => {
    const line = new Line(makeServer());
    const lost: Element[] = [];
    const juliet = await open(line, { onLost: (stanzas) => lost.push(...stanzas) });
    line.left.out = 0;
    const ping = xml('iq', { type: 'get', to: 'localhost' }, xml('ping', { xmlns: NS.ping }));
    const sent = juliet.send(message('romeo@localhost', 'lost'));
    const request = juliet.request(ping);
    request.catch(() => undefined);
    line.server = makeServer();
    await sent;
    await eventually(() => line.openCount).toBe(2);
    await online(juliet);
    expect(juliet.status).toMatchObject({ isResumed: false });
    expect(lost.map((stanza) => stanza.attr('id'))).toEqual(['lost']);
    await expect(request).rejects.toMatchObject({
      name: 'ConnectionError',
      code: 'connection-lost',
    });
    expect((await juliet.request(ping)).attr('type')).toBe('result');
  });

  test('what was not sent yet waits for the next session', async () => {
    const line = new Line(makeServer());
    const juliet = await open(line, { reconnect: { minMs: 300, maxMs: 300 } });
    const heard = listen(juliet);
    line.cut();
    await eventually(() => juliet.status.state).toBe('waiting');
    const sent = juliet.send(message('juliet@localhost/balcony', 'late'));
    line.server = makeServer();
    await sent;
    await eventually(() => heard).toEqual(['late']);
  });

  test('what was handled does not come again after a close', async () => {
    const server = makeServer();
    const other = await open(new Line(server), romeo);
    const juliet = await open(new Line(server));
    const heard = listen(juliet);
    await juliet.send(xml('presence'));
    await other.send(message('juliet@localhost', 'once'));
    await eventually(() => heard).toEqual(['once']);
    await juliet.close();
    const again = await open(new Line(server));
    const heardAgain = listen(again);
    await again.send(xml('presence'));
    await other.send(message('juliet@localhost', 'twice'));
    await eventually(() => heardAgain).toEqual(['twice']);
  });
});

test('without stream management a session ends with its connection', async () => {
  const line = new Line(makeServer({ management: false }));
  const juliet = await open(line);
  const statuses: Status[] = [];
  juliet.onStatus((status) => statuses.push(status));
  line.cut();
  await eventually(() => statuses.map(({ state }) => state)).toContain('online');
  expect(statuses.at(-1)).toMatchObject({ isResumed: false });
});

describe('a client is closed for good', () => {
  test('when its password is no longer the right one', async () => {
    const line = new Line(makeServer());
    let password = 'balcony';
    const juliet = await open(line, { password: () => password });
    const stanzas = juliet.stanzas();
    password = 'vault';
    line.cut();
    await expect(juliet.closed).resolves.toMatchObject({ condition: 'not-authorized' });
    expect(juliet.status).toMatchObject({ state: 'closed' });
    await expect(stanzas.next()).rejects.toMatchObject({ name: 'AuthenticationError' });
    await expect(stanzas.next()).resolves.toEqual({ done: true, value: undefined });
    await expect(juliet.send(xml('presence'))).rejects.toMatchObject({
      code: 'connection-closed',
    });
  });

  test('when another client takes its resource', async () => {
    const server = makeServer({ conflict: 'replace' });
    const first = await open(new Line(server));
    await open(new Line(server));
    await expect(first.closed).resolves.toMatchObject({
      name: 'StreamError',
      condition: 'conflict',
    });
  });

  test('when it does not want to connect again', async () => {
    const line = new Line(makeServer());
    const juliet = await open(line, { reconnect: false });
    line.cut();
    await expect(juliet.closed).resolves.toMatchObject({ code: 'connection-lost' });
  });

  test('by its signal, while it connects and later', async () => {
    const stuck = new Line(makeServer());
    stuck.open = () => new Promise(() => undefined);
    const reason = new Error('enough');
    const early = new AbortController();
    const connecting = open(stuck, { signal: early.signal });
    setTimeout(() => early.abort(reason), 20);
    await expect(connecting).rejects.toBe(reason);

    const late = new AbortController();
    const juliet = await open(new Line(makeServer()), { signal: late.signal });
    late.abort(reason);
    await expect(juliet.closed).resolves.toBeUndefined();
  });

  test('and reports what a server that does not answer may not have', async () => {
    const line = new Line(makeServer());
    const lost: Element[] = [];
    const juliet = await open(line, { onLost: (stanzas) => lost.push(...stanzas) });
    line.left.out = 0;
    await juliet.send(message('romeo@localhost', 'last'));
    await juliet.close();
    expect(lost.map((stanza) => stanza.attr('id'))).toEqual(['last']);
  });
});

test('after a shutdown of the server the client comes back', async () => {
  const line = new Line(makeServer());
  const juliet = await open(line);
  const statuses: Status[] = [];
  juliet.onStatus((status) => statuses.push(status));
  const { server } = line;
  line.server = makeServer();
  server.stop();
  await eventually(() => statuses.at(-1)?.state).toBe('online');
  const [waiting] = statuses;
  expect(waiting).toMatchObject({ state: 'waiting', error: { condition: 'system-shutdown' } });
});
