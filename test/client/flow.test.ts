/*
 * A peer that does not read, or reads slowly: what waits for it is bounded, and so is what it can make us say.
 */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { NS, xml } from 'tercet';
import { connect } from 'tercet/client';
import type { Client, ConnectOptions, Status } from 'tercet/client';
import { eventually } from './eventually.js';
import { managed, Play } from './play.js';

const clients: Client[] = [];

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function open(play: Play, options: Partial<ConnectOptions> = {}): Promise<Client> {
  const client = await connect({
    jid: 'juliet@localhost/balcony',
    password: 'secret',
    transports: [play],
    reconnect: { minMs: 1, maxMs: 2 },
    ...options,
  });
  clients.push(client);
  return client;
}

const body = xml('message', { to: 'romeo@localhost' }, xml('body', {}, 'x'.repeat(1000)));

const mebibyte = 1_048_576;

const requests: [string, string, string][] = [
  ['pings', '', `<iq type='get' id='1'><ping xmlns='${NS.ping}'/></iq>`],
  ['requests for acknowledgements', managed, "<r xmlns='urn:xmpp:sm:3'/>"],
];

describe.each(requests)('a server that sends %s and takes no answers', (_name, features, text) => {
  test('is not read any more, until it takes them', async () => {
    const play = new Play({ features });
    const client = await open(play);
    play.isTaking = false;
    const many = text.repeat(1000);
    for (let count = 0; play.isRead; count++) {
      if (count > 1000) throw new Error('it is read for ever');
      play.say(many);
    }
    expect(play.bufferedBytes).toBeLessThan(1.2 * mebibyte);
    play.drain();
    expect(play.isRead).toBe(true);
    expect(client.status.state).toBe('online');
    expect(play.opened).toHaveLength(1);
  });

  test('is given up where it cannot be held back', async () => {
    const play = new Play({ features });
    play.canPause = false;
    const client = await open(play);
    const statuses: Status[] = [];
    client.onStatus((status) => statuses.push(status));
    play.isTaking = false;
    const many = text.repeat(1000);
    for (let count = 0; play.bufferedBytes < 4 * mebibyte; count++) {
      if (count > 1000) throw new Error('it answers no more, and says nothing');
      play.say(many);
    }
    // Its closing tag would come now.
    play.say('</stream:stream>');
    expect(play.bufferedBytes).toBeLessThan(4.2 * mebibyte);
    await eventually(() => statuses[0]).toMatchObject({
      state: 'waiting',
      error: { condition: 'resource-constraint', isOwn: true },
    });
    play.drain();
  });
});

test('a server that asks what others answer, and takes no answers, is given up', async () => {
  const play = new Play();
  const client = await open(play);
  let waits = 0;
  client.onStatus(({ state }) => state === 'waiting' && (waits += 1));
  play.isTaking = false;
  play.bufferedBytes = 100_000;
  const asked = "<iq type='get' id='1' from='a@b/c'><x xmlns='urn:x'/></iq>";
  play.say(asked.repeat(999));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(waits).toBe(0);
  play.say(asked.repeat(10));
  await new Promise((resolve) => setTimeout(resolve, 5));
  play.say('</stream:stream>');
  await eventually(() => waits).toBe(1);
  play.drain();
});

test('a server that takes nothing is given up when it was silent long enough', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const play = new Play({ features: managed });
  const liveness = { pingMs: 10_000, timeoutMs: 5000 };
  const client = await open(play, { liveness });
  const statuses: Status[] = [];
  client.onStatus((status) => statuses.push(status));
  play.isTaking = false;
  while (play.isRead) play.say("<r xmlns='urn:xmpp:sm:3'/>".repeat(1000));
  // Slow, but not gone: it takes a little.
  for (let turn = 0; turn < 12; turn++) {
    play.bufferedBytes -= 1000;
    await vi.advanceTimersByTimeAsync(5000);
  }
  expect(statuses).toEqual([]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(statuses[0]).toMatchObject({
    state: 'waiting',
    error: { condition: 'connection-timeout' },
  });
});

test('a silence is noticed by timers that come early too', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const { setTimeout: onTime } = globalThis;
  vi.stubGlobal('setTimeout', (work: () => void, ms: number) => onTime(work, Math.ceil(ms / 2)));
  const liveness = { pingMs: 10_000, timeoutMs: 5000 };
  const play = new Play({ features: managed });
  const client = await open(play, { liveness });
  const statuses: Status[] = [];
  client.onStatus((status) => statuses.push(status));
  await vi.advanceTimersByTimeAsync(9999);
  expect(play.heard).not.toContain('<r xmlns="urn:xmpp:sm:3"/>');
  await vi.advanceTimersByTimeAsync(1);
  expect(play.heard).toContain('<r xmlns="urn:xmpp:sm:3"/>');
  await vi.advanceTimersByTimeAsync(5000);
  expect(statuses[0]).toMatchObject({ error: { condition: 'connection-timeout' } });
});

test('who awaits what is sent holds no more than the connection has room for', async () => {
  const play = new Play();
  const client = await open(play);
  play.isTaking = false;
  let sentCount = 0;
  const sending = (async () => {
    for (; sentCount < 1000; sentCount++) await client.send(body);
  })();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(sentCount).toBeLessThan(70);
  expect(play.bufferedBytes).toBeLessThan(70_000);
  play.drain();
  await sending;
  expect(sentCount).toBe(1000);
});

test('many stanzas that wait for a connection are sent, or given up, in time that fits their number', async () => {
  const play = new Play();
  const client = await open(play, { reconnect: { minMs: 50, maxMs: 50 } });
  play.cut();
  const count = 20_000;
  const stanza = xml('presence');
  const start = performance.now();
  // One for each: a signal finds its listeners one after the other.
  const controllers = Array.from({ length: count }, () => new AbortController());
  const abandoned = controllers.map(({ signal }) => client.send(stanza, { signal }));
  const kept = Array.from({ length: count }, () => client.send(stanza));
  for (const controller of controllers) controller.abort();
  const outcomes = await Promise.allSettled(abandoned);
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  await Promise.all(kept);
  expect(play.heard.filter((element) => element.startsWith('<presence'))).toHaveLength(count);
  // Quadratic: minutes.
  expect(performance.now() - start).toBeLessThan(10_000);
});
