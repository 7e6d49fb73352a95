/*
 * A server that starts again on what another one has stored: sessions that cannot go on, and the folder that
 * only one server may have.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryStorage, StoredAccounts } from 'tercet/server';
import { commandLine } from '../clients/serve.js';
import { Client, Stage } from './play.js';

describe('a session, after a restart', () => {
  let storage: MemoryStorage;

  beforeAll(async () => {
    storage = new MemoryStorage();
    const accounts = new StoredAccounts(storage, { iterationCount: 4096 });
    for (const name of ['juliet', 'romeo']) await accounts.set(name, 'localhost', name);
  });

  /** Juliet with a session that she could resume and `count` stanzas handled in it; its name. */
  async function leave(stage: Stage, count: number): Promise<string> {
    const juliet = await stage.enter('juliet');
    juliet.say("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    for (let index = 0; index < count; index++) {
      juliet.say(`<iq type='get' id='${index}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    }
    return juliet.hear().at(0)?.attr('id') ?? '';
  }

  async function comeBack(stage: Stage, id: string, local = 'juliet') {
    const client = new Client(stage.server);
    await client.logIn(local, null);
    client.say(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/>`);
    const failed = client.hear().at(0);
    expect(failed?.name).toBe('failed');
    expect(failed?.child('item-not-found')).toBeDefined();
    return { client, h: failed?.attr('h') };
  }

  test('is refused with what was handled, and another is begun on the same stream', async () => {
    const before = new Stage({ storage });
    const id = await leave(before, 3);
    before.server.stop();
    const { client, h } = await comeBack(new Stage({ storage }), id);
    expect(h).toBe('3');
    client.say("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    client.say("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    expect(client.hear().map(({ name }) => name)).toEqual(['iq', 'enabled']);
  });

  test('is refused without a number where the server had no time to write it', async () => {
    const before = new Stage({ storage });
    const id = await leave(before, 3);
    expect((await comeBack(new Stage({ storage }), id)).h).toBeUndefined();
  });

  test('tells nobody else anything', async () => {
    const before = new Stage({ storage });
    const id = await leave(before, 3);
    before.server.stop();
    expect((await comeBack(new Stage({ storage }), id, 'romeo')).h).toBeUndefined();
  });

  test('is remembered for a day, and the last sixteen of an account', async () => {
    let now = 0;
    const date = (): number => now;
    const before = new Stage({ storage, date });
    const ids: string[] = [];
    for (let count = 0; count < 20; count++) {
      now += 1000;
      ids.push(await leave(before, 1));
      before.server.sessions.available('juliet@localhost');
      for (const session of before.server.sessions.of('juliet@localhost')) {
        session.connection.close();
      }
    }
    expect(storage.count('session', 'juliet@localhost')).toBe(16);
    const after = new Stage({ storage, date });
    expect((await comeBack(after, ids[0])).h).toBeUndefined();
    expect((await comeBack(after, ids[19])).h).toBe('1');
    now += 86_400_001;
    expect((await comeBack(after, ids[19])).h).toBeUndefined();
  });
});

describe('a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tercet-'));
  const children: ChildProcess[] = [];

  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function start() {
    const ports = ['--port', '0', '--tls-port', '0', '--http-port', '0'];
    const child = spawn(process.execPath, [commandLine, 'serve', '--data', folder, ...ports]);
    children.push(child);
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    return {
      child,
      complaint: () => complaint,
      serves: () => expect.poll(() => output, { timeout: 20_000 }).toContain('Ctrl-C'),
      ends: async (signal?: 'SIGTERM' | 'SIGKILL') => {
        const ended = once(child, 'exit') as Promise<[number | null]>;
        if (signal) child.kill(signal);
        return (await ended)[0];
      },
    };
  }

  test('belongs to one server, which is named; and to the next one when that has ended', async () => {
    const first = start();
    await first.serves();
    const second = start();
    expect(await second.ends()).toBe(1);
    expect(second.complaint()).toContain(`in use by a server, process ${first.child.pid ?? 0};`);
    expect(second.complaint()).not.toContain('    at ');
    await first.ends('SIGKILL');
    const third = start();
    await third.serves();
    expect(await third.ends('SIGTERM')).toBe(0);
    expect(existsSync(join(folder, 'server.pid'))).toBe(false);
  });
});
