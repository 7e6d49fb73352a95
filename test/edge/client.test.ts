/*
 * The edge worker with tercet's own client.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, openPresence, openRoster, xml } from 'tercet/browser';
import type { Client, Element } from 'tercet/browser';
import { hasWorkerd, startExample } from './edge.js';
import type { EdgeWorker } from './edge.js';

describe.skipIf(!hasWorkerd)("tercet's client at the edge (workerd is installed)", () => {
  let worker: EdgeWorker;

  beforeAll(async () => {
    worker = await startExample('edge');
  });

  afterAll(async () => {
    await worker.stop();
  });

  const open = (jid: string, password: string): Promise<Client> =>
    connect({ jid, password, service: worker.service, reconnect: false });

  function bodiesOf(client: Client): string[] {
    const bodies: string[] = [];
    void (async () => {
      for await (const stanza of client.stanzas()) {
        const body = stanza.name === 'message' ? stanza.child('body')?.text : undefined;
        if (body !== undefined) bodies.push(body);
      }
    })().catch(() => undefined);
    return bodies;
  }

  const chat = (to: string, body: string): Element =>
    xml('message', { to, type: 'chat' }, xml('body', {}, body));

  test('two users on different objects talk, see each other, and one is away for a while', async () => {
    const juliet = await open('juliet@localhost/balcony', 'balcony');
    const romeo = await open('romeo@localhost/garden', 'orchard');
    const [ofJuliet, ofRomeo] = [bodiesOf(juliet), bodiesOf(romeo)];
    await openRoster(juliet);
    await openRoster(romeo);
    const [seenByJuliet] = [openPresence(juliet), openPresence(romeo)];
    await seenByJuliet.set();
    await romeo.send(xml('presence'));
    await juliet.send(xml('presence', { to: 'romeo@localhost', type: 'subscribe' }));
    await romeo.send(xml('presence', { to: 'juliet@localhost', type: 'subscribed' }));
    await expect
      .poll(() => seenByJuliet.best('romeo@localhost')?.jid)
      .toBe('romeo@localhost/garden');
    await juliet.send(chat('romeo@localhost', 'one'));
    await expect.poll(() => ofRomeo).toEqual(['one']);
    await romeo.send(chat('juliet@localhost', 'two'));
    await expect.poll(() => ofJuliet).toEqual(['two']);
    await romeo.close();
    await expect.poll(() => seenByJuliet.best('romeo@localhost')).toBeUndefined();
    await juliet.send(chat('romeo@localhost', 'three'));
    await juliet.send(chat('romeo@localhost', 'four'));
    await juliet.close();
    const back = await open('romeo@localhost/garden', 'orchard');
    const later = bodiesOf(back);
    await back.send(xml('presence'));
    await expect.poll(() => later).toEqual(['three', 'four']);
    await back.close();
  });

  test('a wrong password is refused for good', async () => {
    await expect(open('juliet@localhost', 'orchard')).rejects.toMatchObject({
      name: 'AuthenticationError',
      condition: 'not-authorized',
    });
  });
});
