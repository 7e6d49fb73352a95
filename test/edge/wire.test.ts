/*
 * The edge worker, frame by frame: what is refused and in which words, and that streams go on when the objects
 * that hold them have slept, or have been restarted.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasWorkerd, isQuick, startExample } from './edge.js';
import type { EdgeWorker } from './edge.js';
import { Socket } from './socket.js';

const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
const chat = (to: string, body: string): string =>
  `<message xmlns='jabber:client' to='${to}' type='chat'><body>${body}</body></message>`;
const presence = "<presence xmlns='jabber:client'/>";

describe.skipIf(!hasWorkerd)('frames at the edge (workerd is installed)', () => {
  let worker: EdgeWorker;

  beforeAll(async () => {
    worker = await startExample('edge', '--verbose');
  });

  afterAll(async () => {
    await worker.stop();
  });

  test('the subprotocol is required, and named in the answer', async () => {
    const socket = await Socket.open(worker.service);
    expect(socket.protocol).toBe('xmpp');
    socket.close();
    await expect(Socket.open(worker.service, ['mqtt'])).rejects.toThrow('refused');
    const { status } = await fetch(worker.service.replace('ws:', 'http:'));
    expect(status).toBe(426);
  });

  test('the place is found by host-meta (XEP-0156)', async () => {
    const base = new URL('/', worker.service.replace('ws:', 'http:')).href;
    const json = (await (await fetch(`${base}.well-known/host-meta.json`)).json()) as unknown;
    expect(json).toEqual({
      links: [{ rel: 'urn:xmpp:alt-connections:websocket', href: worker.service }],
    });
    expect(await (await fetch(`${base}.well-known/host-meta`)).text()).toContain(worker.service);
    const refused = await fetch(`${base}accounts`, { method: 'POST', body: '{}' });
    expect(refused.status).toBe(403);
  });

  test.each([
    ['an element that is not closed', `<presence xmlns='jabber:client'>`, 'not-well-formed'],
    ['two elements in one frame', `${presence}${presence}`, 'not-well-formed'],
    ['a comment', `<!-- -->`, 'restricted-xml'],
    ['an unknown element', `<hello xmlns='urn:x'/>`, 'unsupported-stanza-type'],
    [
      'a stream header of TCP',
      `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'/>`,
      'unsupported-stanza-type',
    ],
  ])('a bound stream ends with the right error at %s', async (_name, frame, condition) => {
    const socket = await Socket.login(worker.service, 'romeo', 'orchard', 'wire');
    socket.send(frame);
    const error = await socket.heard('stream:error');
    expect(error).toContain(`<${condition}`);
    await socket.heard('<close');
    socket.send("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    expect(await socket.closed()).toBe(1000);
  });

  test('before authentication: a wrong domain, a stanza too early, a frame of binary data', async () => {
    const lost = await Socket.open(worker.service);
    lost.send(open.replace('localhost', 'verona.example'));
    expect(await lost.heard('stream:error')).toContain('<host-unknown');
    const early = await Socket.open(worker.service);
    early.send(open);
    early.send(chat('romeo@localhost', 'too early'));
    expect(await early.heard('stream:error')).toContain('<not-authorized');
    const binary = await Socket.open(worker.service);
    binary.send(new TextEncoder().encode(open));
    expect(await binary.closed()).toBe(1003);
    for (const socket of [lost, early]) socket.close();
  });

  test.skipIf(isQuick)('a stream goes on after its objects have slept', async () => {
    const juliet = await Socket.login(worker.service, 'juliet', 'balcony', 'asleep');
    const romeo = await Socket.login(worker.service, 'romeo', 'orchard', 'asleep');
    romeo.send(presence);
    await romeo.heard('<presence');
    const before = worker.output().split('awake again').length;
    // workerd lets an object sleep after ten seconds without an event.
    await new Promise((resolve) => setTimeout(resolve, 13_000));
    juliet.send(chat('romeo@localhost', 'Art thou awake?'));
    expect(await romeo.heard('awake?')).toMatch(/from=["']juliet@localhost\/asleep["']/);
    romeo.send(chat('juliet@localhost/asleep', 'I am'));
    await juliet.heard('I am');
    expect(worker.output().split('awake again').length).toBeGreaterThan(before);
    // The machine of a stream that was woken knows what was negotiated, and no more than that.
    juliet.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>");
    expect(await juliet.heard('stream:error')).toContain('<unsupported-stanza-type');
    romeo.send("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    await romeo.heard('<close');
    juliet.close();
  });

  test('after a restart accounts are there, and a resource that is gone loses no message', async () => {
    const data = await mkdtemp(join(tmpdir(), 'tercet-edge-test-'));
    const first = await startExample('edge', '--data', data);
    const gone = await Socket.login(first.service, 'romeo', 'orchard', 'garden');
    gone.send(presence);
    await gone.heard('<presence');
    await first.stop();
    const second = await startExample('edge', '--data', data);
    const juliet = await Socket.login(second.service, 'juliet', 'balcony', 'balcony');
    // Romeo's resource still stands in the table of his object; its stream is of another life.
    juliet.send(chat('romeo@localhost', 'Where art thou?'));
    juliet.send(chat('romeo@localhost/garden', 'Romeo?'));
    juliet.send(
      "<iq xmlns='jabber:client' type='get' id='1' to='romeo@localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
    );
    await juliet.heard('id=');
    const romeo = await Socket.login(second.service, 'romeo', 'orchard', 'garden');
    romeo.send(presence);
    await romeo.heard('Romeo?');
    expect(romeo.frames.filter((frame) => frame.includes('<message'))).toHaveLength(2);
    juliet.close();
    romeo.close();
    await second.stop();
    await rm(data, { recursive: true, force: true });
  });

  test('what a client had not acknowledged when its line was cut is there for the next one', async () => {
    const manage = async (socket: Socket): Promise<Socket> => {
      socket.send("<enable xmlns='urn:xmpp:sm:3'/>");
      await socket.heard('<enabled');
      return socket;
    };
    const juliet = await manage(await Socket.login(worker.service, 'juliet', 'balcony', 'sure'));
    // This one answers no question: as if nothing had reached it.
    const deaf = await manage(await Socket.login(worker.service, 'romeo', 'orchard', 'deaf'));
    deaf.send(presence);
    await deaf.heard('<presence');
    const bodies = Array.from({ length: 60 }, (_, index) => `line ${index}.`);
    for (const body of bodies) juliet.send(chat('romeo@localhost', body));
    juliet.send("<r xmlns='urn:xmpp:sm:3'/>");
    // Her own are acknowledged once they were given to the sockets of others, or stored.
    expect(await juliet.heard('<a ')).toContain('h="60"');
    await deaf.heard('line 59.');
    deaf.close();
    await deaf.closed();
    const next = await Socket.login(worker.service, 'romeo', 'orchard', 'next');
    next.send(presence);
    await next.heard('line 59.');
    const said = next.frames.flatMap((frame) => /<body>([^<]*)/.exec(frame)?.slice(1) ?? []);
    expect(said).toEqual(bodies);
    for (const socket of [juliet, next]) socket.close();
  });

  test(
    'a thousand messages that waited are given to a client that acknowledges',
    { timeout: 60_000 },
    async () => {
      const juliet = await Socket.login(worker.service, 'juliet', 'balcony', 'many');
      const text = 'x'.repeat(1500);
      for (let index = 0; index < 1000; index++) {
        juliet.send(chat('romeo@localhost', `${index}. ${text}`));
        // Not more at once than one stream may have on their way.
        if (index % 250 !== 249) continue;
        const id = `after-${index}`;
        juliet.send(
          `<iq xmlns='jabber:client' type='get' id='${id}' to='romeo@localhost'><q xmlns='u'/></iq>`,
        );
        await juliet.heard(id);
      }
      const romeo = await Socket.login(worker.service, 'romeo', 'orchard', 'many');
      romeo.send("<enable xmlns='urn:xmpp:sm:3'/>");
      romeo.send(presence);
      await romeo.heard('999. ');
      expect(romeo.frames.filter((frame) => frame.includes('<message'))).toHaveLength(1000);
      romeo.send(`<a xmlns='urn:xmpp:sm:3' h='1001'/>`);
      expect(romeo.frames.join('')).not.toContain('stream:error');
      for (const socket of [juliet, romeo]) socket.close();
    },
  );

  const onLinux = process.platform === 'linux';
  const name = onLinux ? '' : ' (skipped: not Linux)';
  test.skipIf(!onLinux)(
    `after a crash nobody is shown who is gone, or kept out by them${name}`,
    async () => {
      const data = await mkdtemp(join(tmpdir(), 'tercet-edge-test-'));
      const first = await startExample('edge', '--data', data);
      const [juliet, romeo] = await Promise.all([
        Socket.login(first.service, 'juliet', 'balcony', 'balcony'),
        Socket.login(first.service, 'romeo', 'orchard', 'garden'),
      ]);
      const subscription = (type: string, to: string): string =>
        `<presence xmlns='jabber:client' type='${type}' to='${to}@localhost'/>`;
      for (const socket of [juliet, romeo]) socket.send(presence);
      juliet.send(subscription('subscribe', 'romeo'));
      await romeo.heard('subscribe');
      romeo.send(subscription('subscribed', 'juliet'));
      await juliet.heard('from="romeo@localhost/garden"');
      // All 64 that an account may have.
      for (let index = 1; index < 64; index++) {
        await Socket.login(first.service, 'romeo', 'orchard', `r${index}`);
      }
      await first.kill();
      const second = await startExample('edge', '--data', data);
      const again = await Socket.login(second.service, 'juliet', 'balcony', 'balcony');
      again.send(presence);
      expect(await again.heard('from="romeo@localhost')).toContain('unavailable');
      const back = await Socket.login(second.service, 'romeo', 'orchard', 'window');
      back.send(presence);
      await again.heard('from="romeo@localhost/window"');
      for (const socket of [again, back]) socket.close();
      await second.stop();
      await rm(data, { recursive: true, force: true });
    },
  );
});
