/*
 * Requests and their answers, handlers for those of others, and iteration, against an embedded server in
 * memory.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NS, parse, xml } from 'tercet';
import type { Element } from 'tercet';
import { connect, StanzaError } from 'tercet/client';
import type { Client } from 'tercet/client';
import { createServer, MemoryAccounts } from 'tercet/server';
import { Line } from './line.js';
import { eventually } from './eventually.js';

const accounts = new MemoryAccounts({ iterationCount: 4096 });
await accounts.set('juliet', 'localhost', 'juliet');

const julietJid = 'juliet@localhost/balcony';
// Of the same account: others would have to be subscribed to send requests.
const otherJid = 'juliet@localhost/orchard';
let julietLine: Line;
let juliet: Client;
let other: Client;

beforeEach(async () => {
  const server = createServer({ domain: 'localhost', accounts, rates: false });
  julietLine = new Line(server);
  const transports = [julietLine];
  juliet = await connect({ jid: julietJid, password: 'juliet', transports });
  other = await connect({ jid: otherJid, password: 'juliet', transports: [new Line(server)] });
});

afterEach(async () => {
  await Promise.all([juliet.close(), other.close()]);
});

const hello = (to: string): Element =>
  xml('iq', { type: 'get', to }, xml('hello', { xmlns: 'urn:example:hello' }));

const message = (to: string, body: string): Element =>
  xml('message', { to, type: 'chat' }, xml('body', {}, body));

describe('a request', () => {
  test('of somebody else is answered by its handler', async () => {
    other.handle('urn:example:hello', (iq) =>
      xml('hello', { xmlns: 'urn:example:hello' }, `Hello, ${iq.attr('from') ?? ''}`),
    );
    const result = await juliet.request(hello(otherJid));
    expect(result.child('hello')?.text).toBe(`Hello, ${julietJid}`);
  });

  test('is answered with the error that its handler throws', async () => {
    other.handle('urn:example:hello', () => {
      throw new StanzaError('forbidden', { text: 'not you' });
    });
    await expect(juliet.request(hello(otherJid))).rejects.toMatchObject({
      condition: 'forbidden',
      type: 'auth',
      text: 'not you',
      message: "forbidden: 'not you'",
    });
  });

  test('is answered with internal-server-error when its handler has a fault', async () => {
    other.handle('urn:example:hello', () => Promise.reject(new TypeError('secret of the program')));
    const failure = juliet.request(hello(otherJid)).catch((error: unknown) => error);
    expect(await failure).toMatchObject({ condition: 'internal-server-error' });
    expect(String(((await failure) as StanzaError).stanza)).not.toContain('secret');
  });

  test('that nobody handles is answered with service-unavailable', async () => {
    const release = other.handle('urn:example:hello', () => undefined);
    expect((await juliet.request(hello(otherJid))).children).toEqual([]);
    release();
    await expect(juliet.request(hello(otherJid))).rejects.toMatchObject({
      condition: 'service-unavailable',
    });
  });

  test('gives up after its time, and by its signal', async () => {
    other.handle('urn:example:hello', () => new Promise(() => undefined));
    await expect(juliet.request(hello(otherJid), { timeoutMs: 20 })).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'request-timeout',
    });
    const reason = new Error('enough');
    const controller = new AbortController();
    const request = juliet.request(hello(otherJid), { signal: controller.signal });
    controller.abort(reason);
    await expect(request).rejects.toBe(reason);
  });

  test('is answered only by whom it was for', async () => {
    other.handle('urn:example:hello', () => new Promise(() => undefined));
    const third = await connect({
      jid: 'juliet@localhost/third',
      password: 'juliet',
      transports: [new Line(julietLine.server)],
    });
    const request = juliet.request(hello(otherJid).withAttrs({ id: 'guessed' }), {
      timeoutMs: 200,
    });
    const settled = expect(request).rejects.toMatchObject({ name: 'TimeoutError' });
    const heard = juliet.stanzas();
    await third.send(xml('iq', { type: 'result', id: 'guessed', to: julietJid }));
    await third.send(message(julietJid, 'after it'));
    await heard.next();
    await settled;
    await third.close();
  });
});

describe('iteration', () => {
  test('begins with what came before, and ends with the client', async () => {
    await other.send(message(julietJid, 'one'));
    await other.send(message(julietJid, 'two'));
    const bodies: string[] = [];
    const reading = (async () => {
      for await (const stanza of juliet) bodies.push(stanza.child('body')?.text ?? '');
    })();
    await other.send(message(julietJid, 'three'));
    await eventually(() => bodies).toEqual(['one', 'two', 'three']);
    await juliet.close();
    await reading;
  });

  test('gives every iterator all that comes from its beginning on', async () => {
    const first = juliet.stanzas();
    await other.send(message(julietJid, 'one'));
    expect((await first.next()).value?.child('body')?.text).toBe('one');
    const second = juliet.stanzas();
    await other.send(message(julietJid, 'two'));
    expect((await first.next()).value?.child('body')?.text).toBe('two');
    expect((await second.next()).value?.child('body')?.text).toBe('two');
  });

  test('that is left leaves the rest to the next one', async () => {
    for (const body of ['one', 'two', 'three']) await other.send(message(julietJid, body));
    const bodies: string[] = [];
    for (let round = 0; round < 3; round++) {
      for await (const stanza of juliet) {
        bodies.push(stanza.child('body')?.text ?? '');
        break;
      }
    }
    expect(bodies).toEqual(['one', 'two', 'three']);
  });

  test('stops by its signal with the reason', async () => {
    const controller = new AbortController();
    const next = juliet.stanzas({ signal: controller.signal }).next();
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
  });

  test('that is slow holds the server back, but for the answers to requests', async () => {
    const iterator = juliet.stanzas();
    for (let count = 0; count < 400; count++) await other.send(message(julietJid, String(count)));
    await eventually(() => julietLine.isRead).toBe(false);
    const ping = xml('iq', { type: 'get', to: 'localhost' }, xml('ping', { xmlns: NS.ping }));
    expect((await juliet.request(ping)).attr('type')).toBe('result');
    for (let count = 0; count < 400; count++) {
      const { value } = await iterator.next();
      expect(value?.child('body')?.text).toBe(String(count));
    }
    expect(julietLine.isRead).toBe(true);
  });
});

describe('sending', () => {
  test('takes stanzas that were parsed, with a namespace or without', async () => {
    const heard = juliet.stanzas();
    await other.send(parse(`<message to='${julietJid}'><body>one</body></message>`));
    await other.send(
      parse(`<message xmlns='jabber:client' to='${julietJid}'><body>two</body></message>`),
    );
    for (const body of ['one', 'two']) {
      const { value } = await heard.next();
      expect(value?.child('body', NS.client)?.text).toBe(body);
    }
  });

  test('waits while the connection takes no more', async () => {
    julietLine.bufferedBytes = 100_000;
    let isSent = false;
    const sent = juliet.send(message(otherJid, 'late')).then(() => (isSent = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isSent).toBe(false);
    julietLine.bufferedBytes = 0;
    julietLine.events?.drained();
    await sent;
  });

  test('is given up by its signal while it waits', async () => {
    julietLine.bufferedBytes = 100_000;
    const controller = new AbortController();
    const sent = juliet.send(message(otherJid, 'never'), { signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    julietLine.bufferedBytes = 0;
    const heard = other.stanzas();
    await juliet.send(message(otherJid, 'first'));
    expect((await heard.next()).value?.child('body')?.text).toBe('first');
  });
});

test('what is sent while something is sent goes out once, in order', async () => {
  let isNested = false;
  const transports = [new Line(julietLine.server)];
  const nested = await connect({
    jid: 'juliet@localhost/nested',
    password: 'juliet',
    transports,
    trace({ direction, text }) {
      if (direction !== 'out' || !text.includes('first') || isNested) return;
      isNested = true;
      void nested.send(message(otherJid, 'second'));
    },
  });
  const heard = other.stanzas();
  await Promise.all([
    nested.send(message(otherJid, 'first')),
    nested.send(message(otherJid, 'third')),
  ]);
  for (const body of ['first', 'second', 'third']) {
    expect((await heard.next()).value?.child('body')?.text).toBe(body);
  }
  await nested.close();
});

test('a listener that throws harms nobody but its program', async () => {
  const faults: unknown[] = [];
  const take = (error: unknown): void => void faults.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', take);
  try {
    juliet.onStanza(() => {
      throw new Error('a fault of the program');
    });
    const heard = juliet.stanzas();
    await other.send(message(julietJid, 'one'));
    expect((await heard.next()).value?.child('body')?.text).toBe('one');
    await eventually(() => faults.length).toBe(1);
  } finally {
    process.off('uncaughtException', take);
    for (const other of others) process.on('uncaughtException', other);
  }
});
