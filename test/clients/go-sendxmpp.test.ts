/*
 * go-sendxmpp (Debian: go-sendxmpp) against `tercet serve`, with the command lines that the server prints:
 * it starts TLS, trusting the development authority. The other side of the conversation is xmpp.js.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { xml } from '@xmpp/client';
import { run } from './program.js';
import type { Running } from './program.js';
import { canRun, serve } from './serve.js';
import type { Serving } from './serve.js';
import { Person } from './xmpp-js.js';

const isMissing = !(await canRun('go-sendxmpp', '--version'));

describe.skipIf(isMissing)(
  `go-sendxmpp${isMissing ? ' (skipped: go-sendxmpp is not installed)' : ''}`,
  () => {
    let serving: Serving;

    beforeAll(async () => {
      serving = await serve();
    });

    afterAll(async () => {
      expect(await serving.stop()).toBe(0);
    });

    const go = (user: string, password: string, ...rest: string[]): Running =>
      run(
        'go-sendxmpp',
        ['-u', `${user}@localhost`, '-p', password, '-j', `127.0.0.1:${serving.port}`, ...rest],
        { SSL_CERT_FILE: serving.authorityPath },
      );

    test('the printed command lines are these', () => {
      const line = `-u juliet@localhost -p balcony -j 127.0.0.1:${serving.port} -l`;
      expect(serving.output()).toContain(
        `SSL_CERT_FILE=${serving.authorityPath} go-sendxmpp ${line}`,
      );
    });

    test('listens, is seen, and hears what others write', async () => {
      const romeo = new Person(serving.webSocket, 'romeo', 'orchard', 'orchard');
      await romeo.start();
      await romeo.client.send(xml('presence'));
      const listening = go('juliet', 'balcony', '-l');
      try {
        await expect
          .poll(() => romeo.presences, { timeout: 10_000 })
          .toContainEqual(expect.stringMatching(/^juliet@localhost\/go-sendxmpp\.\S+ available$/));
        const attrs = { to: 'juliet@localhost', type: 'chat' };
        await romeo.client.send(xml('message', attrs, xml('body', {}, 'It is my lady')));
        await expect
          .poll(() => listening.lines(), { timeout: 10_000 })
          .toContainEqual(expect.stringContaining('romeo@localhost: It is my lady'));
        const sending = go('romeo', 'orchard', 'juliet@localhost');
        sending.write('See, how she leans\n');
        expect(await sending.ended, sending.complaints()).toBe(0);
        await expect
          .poll(() => listening.lines(), { timeout: 10_000 })
          .toContainEqual(expect.stringContaining('See, how she leans'));
      } finally {
        await listening.kill();
      }
      await expect
        .poll(() => romeo.presences, { timeout: 10_000 })
        .toContainEqual(expect.stringMatching(/unavailable$/));
      await romeo.client.stop();
    });

    test('writes to others', async () => {
      const juliet = new Person(serving.webSocket, 'juliet', 'balcony', 'balcony');
      await juliet.start();
      await juliet.client.send(xml('presence'));
      const sending = go('romeo', 'orchard', 'juliet@localhost');
      sending.write('With love\u{2019}s light wings <&>\n');
      expect(await sending.ended, sending.complaints()).toBe(0);
      await expect.poll(() => juliet.bodies).toContain('With love\u{2019}s light wings <&>');
      await juliet.client.stop();
    });

    test('is refused with a wrong password', async () => {
      const sending = go('romeo', 'balcony', 'juliet@localhost');
      sending.write('never\n');
      expect(await sending.ended).not.toBe(0);
      expect(sending.complaints()).toMatch(/auth/i);
    });

    test('does not trust the certificate unless it is told to', async () => {
      const sending = run('go-sendxmpp', [
        ...['-u', 'romeo@localhost', '-p', 'orchard'],
        ...['-j', `127.0.0.1:${serving.port}`, 'juliet@localhost'],
      ]);
      sending.write('never\n');
      expect(await sending.ended).not.toBe(0);
      expect(sending.complaints()).toMatch(/certificate/);
    });
  },
);
