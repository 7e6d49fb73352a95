/*
 * Clients of different make who do not know each other yet, against `tercet serve`: they ask and grant both
 * ways, see each other, and write while the other is away or the server is. xmpp.js is on one side, slixmpp
 * (Debian: python3-slixmpp) or another xmpp.js on the other.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { xml } from '@xmpp/client';
import { run } from './program.js';
import { canRun, commandLine, serve } from './serve.js';
import type { Serving } from './serve.js';
import { Person } from './xmpp-js.js';

const folder = mkdtempSync(join(tmpdir(), 'tercet-'));
let serving: Serving;

beforeAll(async () => {
  // Accounts of its own: those of the demonstration are contacts already.
  for (const name of ['mercutio', 'tybalt', 'benvolio']) {
    const user = spawn(process.execPath, [commandLine, 'user', 'add', name, '--data', folder]);
    user.stdin.end(`${name}\n`);
    expect(await once(user, 'exit')).toEqual([0, null]);
  }
  serving = await serve('--data', folder);
});

afterAll(async () => {
  expect(await serving.stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

const rosterOf = async (person: Person): Promise<string[]> => {
  const query = await person.client.iqCaller.get(xml('query', 'jabber:iq:roster'));
  const items = (query?.toString() ?? '').match(/<item [^>]*>/g) ?? [];
  return items.map((item) =>
    ['jid', 'subscription']
      .map((name) => new RegExp(`${name}="([^"]*)"`).exec(item)?.[1])
      .join(' '),
  );
};

const presence = (type: string, to: string) => xml('presence', { type, to });
const chat = (to: string, body: string) =>
  xml('message', { to, type: 'chat' }, xml('body', {}, body));

test('xmpp.js asks, grants, sees, and finds what was written while it was away', async () => {
  const mercutio = new Person(serving.webSocket, 'mercutio', 'mercutio', 'street');
  const benvolio = new Person(serving.webSocket, 'benvolio', 'benvolio', 'street');
  await mercutio.start();
  await benvolio.start();
  expect(await rosterOf(mercutio)).toEqual([]);
  await rosterOf(benvolio);
  await mercutio.client.send(xml('presence'));
  await benvolio.client.send(xml('presence'));

  await mercutio.client.send(presence('subscribe', 'benvolio@localhost'));
  await expect.poll(() => benvolio.presences).toContain('mercutio@localhost subscribe');
  await benvolio.client.send(presence('subscribed', 'mercutio@localhost'));
  await benvolio.client.send(presence('subscribe', 'mercutio@localhost'));
  await expect.poll(() => mercutio.presences).toContain('benvolio@localhost subscribe');
  await mercutio.client.send(presence('subscribed', 'benvolio@localhost'));
  await expect.poll(() => mercutio.presences).toContain('benvolio@localhost/street available');
  await expect.poll(() => benvolio.presences).toContain('mercutio@localhost/street available');
  expect(await rosterOf(mercutio)).toEqual(['benvolio@localhost both']);

  await benvolio.client.stop();
  await expect.poll(() => mercutio.presences).toContain('benvolio@localhost/street unavailable');
  await mercutio.client.send(chat('benvolio@localhost', 'A plague'));
  await mercutio.client.send(chat('benvolio@localhost', 'on both your houses'));
  await mercutio.client.iqCaller.get(xml('ping', 'urn:xmpp:ping'));
  const again = new Person(serving.webSocket, 'benvolio', 'benvolio', 'street');
  await again.start();
  await again.client.send(xml('presence'));
  await expect.poll(() => again.bodies).toEqual(['A plague', 'on both your houses']);
  expect(again.heard.find(({ name }) => name === 'message')?.getChild('delay')).toBeDefined();
  await again.client.stop();
  await mercutio.client.stop();
});

test('what was stored is there after a restart', async () => {
  const mercutio = new Person(serving.webSocket, 'mercutio', 'mercutio');
  await mercutio.start();
  await mercutio.client.send(chat('tybalt@localhost', 'Good king of cats'));
  await mercutio.client.iqCaller.get(xml('ping', 'urn:xmpp:ping'));
  await mercutio.client.stop();
  expect(await serving.stop()).toBe(0);
  serving = await serve('--data', folder);
  const tybalt = new Person(serving.webSocket, 'tybalt', 'tybalt');
  await tybalt.start();
  await tybalt.client.send(xml('presence'));
  await expect.poll(() => tybalt.bodies).toEqual(['Good king of cats']);
  const again = new Person(serving.webSocket, 'mercutio', 'mercutio');
  await again.start();
  expect(await rosterOf(again)).toEqual(['benvolio@localhost both']);
  await again.client.stop();
  await tybalt.client.stop();
});

const pythons = ['/usr/bin/python3', 'python3'];
const able = await Promise.all(pythons.map((python) => canRun(python, '-c', 'import slixmpp')));
const python = pythons.find((_python, index) => able[index]) ?? '';
const isMissing = python === '';

describe.skipIf(isMissing)(
  `slixmpp${isMissing ? ' (skipped: python3-slixmpp is not installed)' : ''}`,
  () => {
    test('grants what it is asked for, and asks back', async () => {
      const mercutio = new Person(serving.webSocket, 'mercutio', 'mercutio', 'street');
      await mercutio.start();
      await rosterOf(mercutio);
      await mercutio.client.send(xml('presence'));
      const script = join(import.meta.dirname, 'slixmpp-client.py');
      const running = run(python, [
        ...[script, 'tybalt@localhost/street', 'tybalt', '127.0.0.1', String(serving.port)],
      ]);
      try {
        await expect
          .poll(() => running.lines().join('\n'), { timeout: 10_000 })
          .toContain('session_start');
        // slixmpp answers a request with subscribed, and with a request of its own.
        await mercutio.client.send(presence('subscribe', 'tybalt@localhost'));
        await expect
          .poll(() => mercutio.presences, { timeout: 10_000 })
          .toEqual(
            expect.arrayContaining([
              'tybalt@localhost subscribed',
              'tybalt@localhost subscribe',
              'tybalt@localhost/street available',
            ]),
          );
        await mercutio.client.send(presence('subscribed', 'tybalt@localhost'));
        await expect
          .poll(() => running.lines().join('\n'), { timeout: 10_000 })
          .toContain('mercutio@localhost/street');
        expect(await rosterOf(mercutio)).toContain('tybalt@localhost both');
      } finally {
        await running.kill();
        await mercutio.client.stop();
      }
    });
  },
);
