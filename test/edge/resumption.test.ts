/*
 * Sessions at the edge whose line is cut, and that go on (XEP-0198, section 5): with @xmpp/client, with tercet's client,
 * and frame by frame, across the sleep of objects and a crash of workerd.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { xml as makeXml } from '@xmpp/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, xml } from 'tercet/browser';
import { Person } from '../clients/xmpp-js.js';
import { hasWorkerd, isQuick, startExample } from './edge.js';
import type { EdgeWorker } from './edge.js';
import { Socket } from './socket.js';
import { Way } from './way.js';

const sm = "xmlns='urn:xmpp:sm:3'";
const presence = "<presence xmlns='jabber:client'/>";
const chat = (to: string, body: string): string =>
  `<message xmlns='jabber:client' to='${to}' type='chat'><body>${body}</body></message>`;
const bodiesIn = ({ frames }: Socket): string[] =>
  frames.flatMap((frame) => /<body>([^<]*)/.exec(frame)?.slice(1) ?? []);
const numbers = (count: number, word: string): string[] =>
  Array.from({ length: count }, (_, index) => `${word} ${index}.`);

/** A bound stream under stream management, and the name of its session. */
async function manage(socket: Socket, max?: number): Promise<string> {
  const seconds = max === undefined ? '' : ` max='${max}'`;
  socket.send(`<enable ${sm} resume='true'${seconds}/>`);
  const enabled = await socket.heard('<enabled');
  return /id="([^"]+)/.exec(enabled)?.[1] ?? '';
}

/** A new socket that goes on with a session. */
async function resume(service: string, name: string, h: number): Promise<Socket> {
  const socket = await Socket.authenticate(service, 'romeo', 'orchard');
  socket.frames.length = 0;
  socket.send(`<resume ${sm} previd='${name}' h='${h}'/>`);
  return socket;
}

describe.skipIf(!hasWorkerd)('resumption at the edge (workerd is installed)', () => {
  let worker: EdgeWorker;
  let way: Way;

  beforeAll(async () => {
    worker = await startExample('edge', '--verbose');
    way = await Way.to(worker.service);
  });

  afterAll(async () => {
    way.close();
    await worker.stop();
  });

  /** A bound socket; all that was sent to its account before has been decided on once this resolves. */
  async function barrier(socket: Socket, to: string): Promise<void> {
    const id = crypto.randomUUID();
    socket.send(
      `<iq xmlns='jabber:client' type='get' id='${id}' to='${to}'><x xmlns='urn:x'/></iq>`,
    );
    await socket.heard(id);
  }

  test('xmpp.js goes on where its line was cut: nothing is lost, nothing comes twice', async () => {
    const juliet = new Person(worker.service, 'juliet', 'balcony', 'steady');
    const romeo = new Person(way.service, 'romeo', 'orchard', 'garden');
    await juliet.start();
    await romeo.start();
    await juliet.client.send(makeXml('presence', { to: 'romeo@localhost/garden' }));
    await romeo.client.send(makeXml('presence', { to: 'juliet@localhost/steady' }));
    await expect.poll(() => romeo.client.streamManagement.id).not.toBe('');
    const { id } = romeo.client.streamManagement;
    const say = (to: string, body: string) =>
      makeXml('message', { to, type: 'chat' }, makeXml('body', {}, body));
    const said: string[] = [];
    // Each time the socket ends at another gate than the one before, or at the same.
    for (const round of [0, 1, 2]) {
      const lost = new Promise<void>((resolve) => {
        romeo.client.once('disconnect', resolve);
      });
      for (const body of numbers(10, `before ${round},`)) {
        said.push(body);
        await juliet.client.send(say('romeo@localhost/garden', body));
      }
      way.break();
      await lost;
      for (const body of numbers(10, `after ${round},`)) {
        said.push(body);
        await juliet.client.send(say('romeo@localhost/garden', body));
      }
      const resumed = new Promise<void>((resolve) => {
        romeo.client.streamManagement.once('resumed', resolve);
      });
      await romeo.open();
      await resumed;
      expect(romeo.client.streamManagement.id).toBe(id);
      await expect.poll(() => romeo.bodies.at(-1), { timeout: 10_000 }).toBe(said.at(-1));
    }
    expect(romeo.bodies).toEqual(said);
    // He never left, as others see it, and can talk.
    expect(juliet.presences).not.toContain('romeo@localhost/garden unavailable');
    await romeo.client.send(say('juliet@localhost/steady', 'back'));
    await expect.poll(() => juliet.bodies).toEqual(['back']);
    await romeo.client.stop();
    await expect.poll(() => juliet.presences).toContain('romeo@localhost/garden unavailable');
    await juliet.client.stop();
  });

  test("tercet's client goes on by itself, and what it sends meanwhile arrives once", async () => {
    const bodies: string[] = [];
    const states: string[] = [];
    const juliet = await connect({
      jid: 'juliet@localhost/calm',
      password: 'balcony',
      service: worker.service,
    });
    const romeo = await connect({
      jid: 'romeo@localhost/garden',
      password: 'orchard',
      service: way.service,
      reconnect: { minMs: 50, maxMs: 200 },
      onStatus: (status) =>
        states.push(status.state === 'online' && status.isResumed ? 'resumed' : status.state),
    });
    void (async () => {
      for await (const stanza of juliet.stanzas()) {
        const body = stanza.child('body')?.text;
        if (body !== undefined) bodies.push(body);
      }
    })().catch(() => undefined);
    await juliet.send(xml('presence'));
    await romeo.send(xml('presence'));
    const said = numbers(60, 'line');
    for (const [index, body] of said.entries()) {
      if (index % 20 === 10) way.break();
      const attrs = { to: 'juliet@localhost', type: 'chat' };
      await romeo.send(xml('message', attrs, xml('body', {}, body)));
    }
    await expect.poll(() => bodies.at(-1), { timeout: 20_000 }).toBe(said.at(-1));
    expect(bodies).toEqual(said);
    expect(states).toContain('resumed');
    expect(states.filter((state) => state === 'online')).toHaveLength(1);
    await romeo.close();
    await juliet.close();
  });

  test('a client that is not back in time: what it missed is for its account', async () => {
    const juliet = await Socket.login(worker.service, 'juliet', 'balcony', 'steady-1');
    const romeo = await Socket.login(way.service, 'romeo', 'orchard', 'late');
    const name = await manage(romeo, 1);
    romeo.send(presence);
    romeo.send("<presence xmlns='jabber:client' to='juliet@localhost/steady-1'/>");
    await romeo.heard('<presence');
    juliet.send(chat('romeo@localhost', 'one'));
    await romeo.heard('one');
    way.break();
    await romeo.closed();
    juliet.send(chat('romeo@localhost', 'two'));
    await barrier(juliet, 'romeo@localhost');
    // Whoever was sent presence hears of the end, a second after his line was cut.
    await juliet.heard('type="unavailable"');
    const again = await resume(worker.service, name, 1);
    expect(await again.heard('<failed')).toContain('<item-not-found');
    const next = await Socket.login(worker.service, 'romeo', 'orchard', 'next');
    next.send(presence);
    await next.heard('two');
    expect(bodiesIn(next)).toEqual(['one', 'two']);
    expect(next.frames.join('')).toContain('urn:xmpp:delay');
    for (const socket of [juliet, again, next]) socket.close();
  });

  test('whoever begins anew under the same name has what the session before had not got', async () => {
    const juliet = await Socket.login(worker.service, 'juliet', 'balcony', 'steady-2');
    const romeo = await Socket.login(way.service, 'romeo', 'orchard', 'same');
    const name = await manage(romeo);
    romeo.send(presence);
    await romeo.heard('<presence');
    way.break();
    await romeo.closed();
    for (const body of numbers(3, 'missed')) juliet.send(chat('romeo@localhost', body));
    await barrier(juliet, 'romeo@localhost');
    const anew = await Socket.login(worker.service, 'romeo', 'orchard', 'same');
    anew.send(presence);
    await anew.heard('missed 2.');
    expect(bodiesIn(anew)).toEqual(numbers(3, 'missed'));
    const late = await resume(worker.service, name, 0);
    expect(await late.heard('<failed')).toContain('<item-not-found');
    for (const socket of [juliet, anew, late]) socket.close();
  });

  test('a session belongs to its account, and one that is resumed twice to the last', async () => {
    const romeo = await Socket.login(worker.service, 'romeo', 'orchard', 'twice');
    const name = await manage(romeo);
    romeo.send(presence);
    await romeo.heard('<presence');
    const thief = await Socket.authenticate(worker.service, 'juliet', 'balcony');
    thief.send(`<resume ${sm} previd='${name}' h='0'/>`);
    expect(await thief.heard('<failed')).toContain('<item-not-found');
    // The socket is still there: it ends with an error, and only then the session goes on.
    const second = await resume(worker.service, name, 1);
    expect(await second.heard('<resumed')).toContain('h="1"');
    expect(await romeo.heard('stream:error')).toContain('<conflict');
    const [third, fourth] = await Promise.all([
      resume(worker.service, name, 1),
      resume(worker.service, name, 1),
    ]);
    await Promise.any([third.heard('<resumed'), fourth.heard('<resumed')]);
    const juliet = await Socket.login(worker.service, 'juliet', 'balcony', 'steady-3');
    juliet.send(chat('romeo@localhost/twice', 'to the last'));
    await Promise.any([third.heard('to the last'), fourth.heard('to the last')]);
    const wrong = await resume(worker.service, name, 500);
    expect(await wrong.heard('stream:error')).toContain('handled-count-too-high');
    // What that one had not acknowledged is for the account.
    const next = await Socket.login(worker.service, 'romeo', 'orchard', 'after');
    next.send(presence);
    await next.heard('to the last');
    for (const socket of [thief, juliet, second, third, fourth, wrong, next]) socket.close();
  });

  test.skipIf(isQuick)('a session goes on after its objects have slept', async () => {
    const juliet = await Socket.login(worker.service, 'juliet', 'balcony', 'steady-4');
    const romeo = await Socket.login(way.service, 'romeo', 'orchard', 'asleep');
    const name = await manage(romeo);
    romeo.send(presence);
    await romeo.heard('<presence');
    romeo.send(`<a ${sm} h='1'/>`);
    juliet.send(chat('romeo@localhost/asleep', 'before'));
    await romeo.heard('before');
    way.break();
    await romeo.closed();
    // workerd lets an object sleep after ten seconds without an event.
    await new Promise((resolve) => setTimeout(resolve, 13_000));
    juliet.send(chat('romeo@localhost/asleep', 'meanwhile'));
    await barrier(juliet, 'romeo@localhost');
    const back = await resume(worker.service, name, 1);
    expect(await back.heard('<resumed')).toContain('h="1"');
    await back.heard('meanwhile');
    expect(bodiesIn(back)).toEqual(['before', 'meanwhile']);
    for (const socket of [juliet, back]) socket.close();
  });

  const onLinux = process.platform === 'linux';
  test.skipIf(!onLinux)(
    `a session outlives a crash of workerd${onLinux ? '' : ' (skipped: not Linux)'}`,
    async () => {
      const data = await mkdtemp(join(tmpdir(), 'tercet-edge-test-'));
      const first = await startExample('edge', '--data', data);
      const romeo = await Socket.login(first.service, 'romeo', 'orchard', 'garden');
      const name = await manage(romeo);
      romeo.send(presence);
      await romeo.heard('<presence');
      const juliet = await Socket.login(first.service, 'juliet', 'balcony', 'balcony');
      for (const body of numbers(5, 'before')) juliet.send(chat('romeo@localhost', body));
      await barrier(juliet, 'romeo@localhost');
      await romeo.heard('before 4.');
      await first.kill();
      const second = await startExample('edge', '--data', data);
      const again = await Socket.login(second.service, 'juliet', 'balcony', 'balcony');
      again.send(chat('romeo@localhost', 'after the crash'));
      await barrier(again, 'romeo@localhost');
      // He has got presence and two of them.
      const back = await resume(second.service, name, 3);
      expect(await back.heard('<resumed')).toContain('h="1"');
      await back.heard('after the crash');
      expect(bodiesIn(back)).toEqual([...numbers(5, 'before').slice(2), 'after the crash']);
      for (const socket of [again, back]) socket.close();
      await second.stop();
      await rm(data, { recursive: true, force: true });
    },
  );

  test.skipIf(!onLinux)(
    `what was acknowledged lasts when workerd is killed in the midst${onLinux ? '' : ' (skipped: not Linux)'}`,
    { timeout: 60_000 },
    async () => {
      const data = await mkdtemp(join(tmpdir(), 'tercet-edge-test-'));
      const first = await startExample('edge', '--data', data);
      const juliet = await Socket.login(first.service, 'juliet', 'balcony', 'balcony');
      const name = await manage(juliet);
      const said = numbers(200, 'line');
      for (const [index, body] of said.entries()) {
        juliet.send(chat('romeo@localhost', body));
        if (index % 10 === 9) juliet.send(`<r ${sm}/>`);
      }
      await juliet.heard('<a ', 20_000);
      await first.kill();
      const counts = juliet.frames.flatMap((frame) => /<a .*h="(\d+)/.exec(frame)?.slice(1) ?? []);
      const acked = Math.max(...counts.map(Number));
      const second = await startExample('edge', '--data', data);
      const back = await Socket.authenticate(second.service, 'juliet', 'balcony');
      back.frames.length = 0;
      back.send(`<resume ${sm} previd='${name}' h='0'/>`);
      const resumed = await back.heard('<resumed');
      const handled = Number(/h="(\d+)/.exec(resumed)?.[1]);
      expect(handled).toBeGreaterThanOrEqual(acked);
      for (const body of said.slice(handled)) back.send(chat('romeo@localhost', body));
      back.send(`<r ${sm}/>`);
      await back.heard('<a ', 20_000);
      const romeo = await Socket.login(second.service, 'romeo', 'orchard', 'garden');
      romeo.send(presence);
      await romeo.heard(said.at(-1) ?? '', 20_000);
      // What was accepted and not counted when it was killed may be there twice.
      expect([...new Set(bodiesIn(romeo))]).toEqual(said);
      for (const socket of [back, romeo]) socket.close();
      await second.stop();
      await rm(data, { recursive: true, force: true });
    },
  );
});
