/*
 * The end of a client at each stage of its life, by its signal and by `close`: at once, with the reason, and with
 * nothing left that runs.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NS, xml } from 'tercet';
import { connect } from 'tercet/client';
import type { Client, ConnectOptions, Status } from 'tercet/client';
import { managed, Play } from './play.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Lets promises that need no clock go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const start = (play: Play, options: Partial<ConnectOptions> = {}): Promise<Client> =>
  connect({ jid: 'juliet@localhost/balcony', password: 'secret', transports: [play], ...options });

const never = new Promise<never>(() => undefined);

/** A server that says nothing to what contains this. */
const mute = (at: string): Play =>
  new Play({ features: managed, answer: (element) => (element.includes(at) ? '' : undefined) });

const refuse = (play: Play): void => {
  play.open = () => Promise.reject(new Error('nobody is there'));
};

const hang = (play: Play): void => {
  play.open = () => never;
};

/** Stages before there is a client. */
const early: [string, () => { play: Play; options?: Partial<ConnectOptions> }][] = [
  [
    'while its domain is looked up',
    () => {
      const play = new Play();
      play.discover = () => never;
      return { play };
    },
  ],
  [
    'while the way is opened',
    () => {
      const play = new Play();
      hang(play);
      return { play };
    },
  ],
  ['before the server says anything', () => ({ play: mute('<stream:stream') })],
  [
    'while the password is asked for',
    () => ({ play: new Play(), options: { password: () => never } }),
  ],
  ['while it logs in', () => ({ play: mute('<auth') })],
  ['while it is bound', () => ({ play: mute(NS.bind) })],
  ['while stream management is enabled', () => ({ play: mute('<enable') })],
];

/** Stages of a client that was online. */
const late: [string, (play: Play) => void | Promise<void>][] = [
  ['that is online', () => undefined],
  [
    'that waits for its next attempt',
    async (play) => {
      refuse(play);
      play.cut();
      await settle();
    },
  ],
  [
    'that opens the way again',
    async (play) => {
      hang(play);
      play.cut();
      await settle();
      await vi.advanceTimersByTimeAsync(1000);
    },
  ],
  [
    'that resumes',
    async (play) => {
      play.part = {
        ...play.part,
        answer: (element) => (element.includes('<resume') ? '' : undefined),
      };
      play.cut();
      await settle();
      await vi.advanceTimersByTimeAsync(1000);
      await settle();
      expect(play.heard.at(-1)).toContain('<resume');
    },
  ],
];

describe.each<[string, unknown]>([
  ['an error', new Error('enough')],
  ['a text', 'enough'],
])('a signal with %s as its reason', (_name, reason) => {
  test('that is aborted before ends it before anything is opened', async () => {
    const play = new Play();
    await expect(start(play, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(play.opened).toEqual([]);
  });

  test.each(early)('ends connecting %s', async (_stage, make) => {
    const { play, options } = make();
    const controller = new AbortController();
    const states: string[] = [];
    const connecting = start(play, {
      signal: controller.signal,
      onStatus: ({ state }) => states.push(state),
      ...options,
    });
    const outcome = connecting.then(
      () => 'connected',
      (error: unknown) => error,
    );
    for (let turn = 0; turn < 5; turn++) await settle();
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    expect(states).toEqual(['connecting', 'closed']);
    expect(play.events).toBeUndefined();
  });

  test.each(late)('closes a client %s', async (_stage, bring) => {
    const play = new Play({ features: managed });
    const controller = new AbortController();
    const client = await start(play, { signal: controller.signal });
    const states: string[] = [];
    await bring(play);
    client.onStatus(({ state }) => states.push(state));
    controller.abort(reason);
    await client.closed;
    await settle();
    expect(states).toEqual(['closed']);
    await expect(client.send(xml('presence'))).rejects.toMatchObject({ code: 'connection-closed' });
    expect(play.events).toBeUndefined();
  });
});

describe('close', () => {
  test.each(late)('ends a client %s, and a second time too', async (_stage, bring) => {
    const play = new Play({ features: managed });
    const client = await start(play);
    const iterator = client.stanzas();
    await bring(play);
    const ping = xml('iq', { type: 'get' }, xml('ping', { xmlns: NS.ping }));
    const outcomes = Promise.allSettled([client.request(ping), iterator.next()]);
    await Promise.all([client.close(), client.close()]);
    await client.close();
    expect(client.status).toEqual({ state: 'closed' });
    expect(await outcomes).toMatchObject([
      { status: 'rejected', reason: { code: 'connection-closed' } },
      { status: 'fulfilled', value: { done: true } },
    ]);
    await expect(client.send(xml('presence'))).rejects.toMatchObject({ code: 'connection-closed' });
    await expect(client.request(ping)).rejects.toMatchObject({ code: 'connection-closed' });
    expect(await client.stanzas().next()).toEqual({ done: true, value: undefined });
    await settle();
    expect(play.events).toBeUndefined();
  });

  test.each<Status['state']>(['connecting', 'online', 'waiting'])(
    'from a listener that is told %s is told last to all',
    async (when) => {
      const play = new Play({ features: managed });
      const client = await start(play);
      const closing: Promise<void>[] = [];
      client.onStatus(({ state }) => {
        if (state === when) closing.push(client.close());
      });
      const states: string[] = [];
      client.onStatus(({ state }) => states.push(state));
      play.cut();
      await settle();
      if (when !== 'waiting') await vi.advanceTimersByTimeAsync(1000);
      await client.closed;
      await Promise.all(closing);
      expect(states).toEqual([
        ...['waiting', 'connecting', 'online'].slice(
          0,
          ['waiting', 'connecting', 'online'].indexOf(when) + 1,
        ),
        'closed',
      ]);
    },
  );
});

test('a listener that is told of a pause can cut it short', async () => {
  const play = new Play({ features: managed });
  const client = await start(play);
  client.onStatus(({ state }) => state === 'waiting' && client.reconnect());
  play.cut();
  for (let turn = 0; turn < 5; turn++) await settle();
  expect(client.status).toMatchObject({ state: 'online', isResumed: true });
  await client.close();
});
