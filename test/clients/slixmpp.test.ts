/*
 * slixmpp (Debian: python3-slixmpp) against `tercet serve`: with STARTTLS, its certificate verified, and in
 * clear. The other side of the conversation is xmpp.js.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { xml } from '@xmpp/client';
import { run } from './program.js';
import type { Running } from './program.js';
import { canRun, serve } from './serve.js';
import type { Serving } from './serve.js';
import { Person } from './xmpp-js.js';

const script = join(import.meta.dirname, 'slixmpp-client.py');

/** Debian's package belongs to Debian's Python, which need not be the first in the path. */
const pythons = ['/usr/bin/python3', 'python3'];
const able = await Promise.all(pythons.map((python) => canRun(python, '-c', 'import slixmpp')));
const python = pythons.find((_python, index) => able[index]) ?? '';
const isMissing = python === '';

type Event = Readonly<Record<string, unknown>> & { readonly event: string };

const events = (running: Running): Event[] =>
  running.lines().map((line) => JSON.parse(line) as Event);

describe.skipIf(isMissing)(
  `slixmpp${isMissing ? ' (skipped: python3-slixmpp is not installed)' : ''}`,
  () => {
    let serving: Serving;

    beforeAll(async () => {
      serving = await serve();
    });

    afterAll(async () => {
      expect(await serving.stop()).toBe(0);
    });

    const romeo = (password: string, isEncrypted: boolean): Running =>
      run(python, [
        ...[script, 'romeo@localhost/orchard', password, '127.0.0.1', String(serving.port)],
        ...(isEncrypted ? [serving.authorityPath] : []),
      ]);

    test.each([
      ['with STARTTLS', true],
      ['in clear', false],
    ])('%s: logs in, reads its roster, sees, is seen, answers', async (_name, isEncrypted) => {
      const juliet = new Person(serving.webSocket, 'juliet', 'balcony', 'balcony');
      await juliet.start();
      await juliet.client.send(xml('presence'));
      const running = romeo('orchard', isEncrypted);
      try {
        await expect
          .poll(() => events(running), { timeout: 10_000 })
          .toContainEqual({
            event: 'session_start',
            jid: 'romeo@localhost/orchard',
            encrypted: isEncrypted,
            contacts: ['juliet@localhost'],
            identity: ['tercet'],
          });
        await expect.poll(() => juliet.presences).toContain('romeo@localhost/orchard available');
        await expect
          .poll(() => events(running))
          .toContainEqual({
            event: 'presence',
            from: 'juliet@localhost/balcony',
            type: 'available',
          });
        for (const body of ['Romeo? \u{1f339} <&>', 'Good night']) {
          const attrs = { to: 'romeo@localhost', type: 'chat' };
          await juliet.client.send(xml('message', attrs, xml('body', {}, body)));
        }
        // What a client of an earlier test left unacknowledged comes again, as it should.
        const bodies = (): unknown[] => [...new Set(juliet.bodies)];
        await expect.poll(bodies).toEqual(['(Romeo? \u{1f339} <&>)', '(Good night)']);
        expect(events(running)).toContainEqual({
          event: 'message',
          from: 'juliet@localhost/balcony',
          body: 'Good night',
        });
        expect(await running.ended).toBe(0);
        await expect.poll(() => juliet.presences).toContain('romeo@localhost/orchard unavailable');
      } finally {
        await running.kill();
        await juliet.client.stop();
      }
    });

    test('is refused with a wrong password', async () => {
      const running = romeo('balcony', true);
      await expect
        .poll(() => events(running).map(({ event }) => event), { timeout: 10_000 })
        .toContain('failed_auth');
      await running.ended;
      expect(events(running).map(({ event }) => event)).not.toContain('session_start');
    });
  },
);
