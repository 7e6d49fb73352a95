/*
 * `upgrade` with the embedded server: one object, all modules, @xmpp/client.
 */
import { xml } from '@xmpp/client';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../clients/xmpp-js.js';
import { hasWorkerd, startScript } from './edge.js';
import type { EdgeWorker } from './edge.js';
import { Socket } from './socket.js';

describe.skipIf(!hasWorkerd)('the embedded server in one object (workerd is installed)', () => {
  let worker: EdgeWorker;

  beforeAll(async () => {
    worker = await startScript(join(import.meta.dirname, 'one-object/start.mjs'));
  });

  afterAll(async () => {
    await worker.stop();
  });

  test('two users log in, see themselves, talk and leave', async () => {
    const juliet = new Person(worker.service, 'juliet', 'balcony', 'balcony');
    const romeo = new Person(worker.service, 'romeo', 'orchard', 'garden');
    await juliet.start();
    await romeo.start();
    await romeo.client.send(xml('presence'));
    await expect.poll(() => romeo.presences).toContain('romeo@localhost/garden available');
    await juliet.client.send(
      xml('message', { to: 'romeo@localhost', type: 'chat' }, xml('body', {}, 'Hist!')),
    );
    await expect.poll(() => romeo.bodies).toEqual(['Hist!']);
    await juliet.client.iqCaller.get(xml('ping', 'urn:xmpp:ping'), 'localhost');
    await juliet.client.stop();
    await romeo.client.stop();
  });

  test('a stream ends with the right error, and one that does not begin is given up', async () => {
    const socket = await Socket.login(worker.service, 'juliet', 'balcony', 'wire');
    socket.send('<presence><!-- --></presence>');
    expect(await socket.heard('stream:error')).toContain('<restricted-xml');
    socket.send("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    expect(await socket.closed()).toBe(1000);
    const binary = await Socket.open(worker.service);
    binary.send(new Uint8Array([1]));
    expect(await binary.closed()).toBe(1003);
  });
});
