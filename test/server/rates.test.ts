/*
 * How much one client may send: it waits, loses nothing, and makes nobody else wait. In memory with a clock
 * that stands still, and on sockets.
 */
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { MemoryAccounts, RateLimits } from 'tercet/server';
import { bindRequest, webSocketHeader } from '../protocol/host.js';
import { Wire, plain, soon, stage } from './hostile-wire.js';
import type { Stage } from './hostile-wire.js';
import { Client, Stage as Play, makeAccounts } from './play.js';

let accounts: MemoryAccounts;
let theStage: Stage | undefined;

beforeAll(async () => {
  accounts = await makeAccounts('juliet', 'romeo');
});

afterEach(async () => {
  await theStage?.close();
  theStage = undefined;
});

const message = (body: string): string =>
  `<message to='romeo@localhost/orchard'><body>${body}</body></message>`;

describe('in memory', () => {
  /** Juliet and romeo, who is to hear her; logging in, which counts too, is long ago. */
  async function enter(rates: RateLimits | false, canWait = true) {
    const play = new Play({ accounts, rates });
    const romeo = await play.enter('romeo', 'orchard');
    const juliet = new Client(play.server, 'stream', canWait);
    await juliet.logIn('juliet', 'balcony');
    play.wait(60_000);
    return { play, romeo, juliet };
  }

  test.each([
    ['messages', message('Hi')],
    ['requests of stream management', "<r xmlns='urn:xmpp:sm:3'/>"],
    ['stanzas that are refused', "<iq type='get' id='1'/>"],
  ])('%s: reading stops after the burst and goes on in time', async (_name, text) => {
    const { play, juliet } = await enter({ stanzasPerSecond: 10, burstSeconds: 2 });
    if (text.startsWith('<r ')) juliet.say("<enable xmlns='urn:xmpp:sm:3'/>");
    for (let count = 0; count < 20; count++) juliet.say(text);
    expect(juliet.isRead).toBe(true);
    juliet.say(text);
    expect(juliet.isRead).toBe(false);
    play.wait(50);
    expect(juliet.isRead).toBe(false);
    play.wait(60);
    expect(juliet.isRead).toBe(true);
  });

  test('bytes are counted whatever they are, before authentication too', () => {
    const play = new Play({ accounts, rates: { bytesPerSecond: 100, burstSeconds: 10 } });
    const stranger = new Client(play.server);
    stranger.say(' '.repeat(900));
    expect(stranger.isRead).toBe(true);
    stranger.say(' '.repeat(200));
    expect(stranger.isRead).toBe(false);
    play.wait(1000);
    expect(stranger.isRead).toBe(true);
  });

  test('what has arrived is delivered, all of it', async () => {
    const { romeo, juliet, play } = await enter({ stanzasPerSecond: 1, burstSeconds: 1 });
    juliet.say(message('Hi').repeat(50));
    expect(juliet.isRead).toBe(false);
    expect(romeo.hear()).toHaveLength(50);
    expect(play.log.filter(({ event }) => event === 'too fast')).toHaveLength(1);
    // 50 s for what was sent, less the burst.
    play.wait(48_000);
    expect(juliet.isRead).toBe(false);
    play.wait(1100);
    expect(juliet.isRead).toBe(true);
  });

  test('a burst is earned again by silence, and no more than one', async () => {
    const { play, juliet } = await enter({ stanzasPerSecond: 10, burstSeconds: 2 });
    for (let round = 0; round < 3; round++) {
      play.wait(60_000);
      juliet.say(message('Hi').repeat(20));
      expect(juliet.isRead).toBe(true);
    }
    juliet.say(message('Hi'));
    expect(juliet.isRead).toBe(false);
  });

  test('where reading cannot be stopped, twice the burst is the end', async () => {
    const { juliet } = await enter({ stanzasPerSecond: 10, burstSeconds: 2 }, false);
    juliet.say(message('Hi').repeat(39));
    expect(juliet.text).not.toContain('policy-violation');
    juliet.say(message('Hi').repeat(2));
    expect(juliet.text).toContain(
      '<policy-violation xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>',
    );
  });

  test('without limits nobody waits', async () => {
    const { juliet } = await enter(false);
    for (let count = 0; count < 20; count++) juliet.say(message('Hi').repeat(1000));
    expect(juliet.isRead).toBe(true);
  });
});

describe('on sockets', () => {
  const rates: RateLimits = { bytesPerSecond: 100_000, burstSeconds: 1 };

  test('a client that sends too fast is made to wait, and another is served', async () => {
    theStage = await stage({ rates });
    const { port } = theStage;
    const romeo = await Wire.bound(port, 'romeo');
    const juliet = await Wire.bound(port, 'juliet');
    const start = performance.now();
    const body = 'x'.repeat(1000);
    const count = 300;
    for (let index = 0; index < count; index++) {
      juliet.say(`<message to='romeo@localhost/balcony'><body>${index}:${body}</body></message>`);
    }
    await soon(() => expect(theStage?.log.some(({ event }) => event === 'too fast')).toBe(true));
    await romeo.pings();
    expect(performance.now() - start).toBeLessThan(1500);
    await romeo.hears(`<body>${count - 1}:`);
    // 315,000 bytes at 100,000 a second, and one second's worth at once.
    expect(performance.now() - start).toBeGreaterThan(1500);
    expect(romeo.text.match(/<message /g)).toHaveLength(count);
    juliet.end();
    romeo.end();
  });

  test('over WebSocket too', async () => {
    theStage = await stage({ rates }, { httpPort: 0 });
    const url = `ws://127.0.0.1:${theStage.listening.http?.port ?? 0}/xmpp-websocket`;
    const webSocket = new WebSocket(url, 'xmpp');
    let heard = '';
    webSocket.on('message', (data: Buffer) => (heard += data.toString()));
    await once(webSocket, 'open');
    webSocket.send(webSocketHeader);
    webSocket.send(plain('juliet'));
    await soon(() => expect(heard).toContain('<success'));
    webSocket.send(webSocketHeader);
    webSocket.send(bindRequest.replace('<iq', "<iq xmlns='jabber:client'"));
    await soon(() => expect(heard).toContain('</jid>'));
    const start = performance.now();
    const padding = 'x'.repeat(1000);
    for (let index = 0; index < 300; index++) {
      webSocket.send(
        `<iq xmlns='jabber:client' type='get' id='p${index}'><ping xmlns='urn:xmpp:ping'>${padding}</ping></iq>`,
      );
    }
    await soon(() => expect(heard).toContain('"p299"'));
    expect(performance.now() - start).toBeGreaterThan(1500);
    webSocket.terminate();
  });
});
