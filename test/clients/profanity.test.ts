/*
 * profanity (Debian: profanity or profanity-light, and tmux) against `tercet serve`, as somebody at a terminal uses
 * it: with STARTTLS, as juliet, in one session after the other. The others are xmpp.js.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { xml } from '@xmpp/client';
import { run } from './program.js';
import { canRun, commandLine, serve } from './serve.js';
import type { Serving } from './serve.js';
import { Terminal } from './terminal.js';
import { Person } from './xmpp-js.js';

const programs = { profanity: ['--version'], tmux: ['-V'] };
const missing: string[] = [];
for (const [program, words] of Object.entries(programs)) {
  if (!(await canRun(program, ...words))) missing.push(program);
}
const reason = missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')} is not installed)`;

const patience = { timeout: 10_000, interval: 100 };

describe.skipIf(missing.length > 0)(`profanity${reason}`, () => {
  const home = mkdtempSync(join(tmpdir(), 'tercet-'));
  let serving: Serving;
  let terminal: Terminal;
  let romeo: Person;
  let nurse: Person;

  const shows = (pattern: RegExp): Promise<void> =>
    expect.poll(() => terminal.screen(), patience).toMatch(pattern);

  /** Starts the program and logs in. */
  async function logIn(): Promise<void> {
    terminal = await Terminal.open([
      ...['env', `HOME=${home}`, `XDG_CONFIG_HOME=${home}/config`, `XDG_DATA_HOME=${home}/data`],
      'profanity',
    ]);
    await shows(/Type '\/help'/);
    const server = `server 127.0.0.1 port ${serving.port} tls trust`;
    await terminal.type(`/connect juliet@localhost/balcony ${server}`);
    await shows(/Enter password/);
    await terminal.type('balcony');
    await shows(/juliet@localhost\/balcony logged in successfully/);
  }

  async function quit(): Promise<void> {
    await terminal.type('/quit');
    await shows(/ENDED/);
    await terminal.close();
  }

  const chat = (body: string) =>
    xml('message', { to: 'juliet@localhost', type: 'chat' }, xml('body', {}, body));

  const presence = (type: string) => xml('presence', { to: 'juliet@localhost', type });

  beforeAll(async () => {
    serving = await serve();
    romeo = new Person(serving.webSocket, 'romeo', 'orchard', 'orchard');
    await romeo.start();
    const data = dirname(serving.authorityPath);
    const adding = run(process.execPath, [commandLine, 'user', 'add', 'nurse', '--data', data]);
    adding.write('angelica\n');
    expect(await adding.ended, adding.complaints()).toBe(0);
    nurse = new Person(serving.webSocket, 'nurse', 'angelica', 'chamber');
    await nurse.start();
    for (const person of [romeo, nurse]) await person.client.send(xml('presence'));
  });

  afterAll(async () => {
    await Terminal.closeAll();
    for (const person of [romeo, nurse]) await person.client.stop();
    expect(await serving.stop()).toBe(0);
    rmSync(home, { recursive: true, force: true });
  });

  test('logs in over TLS, sees its contact and is seen', async () => {
    await logIn();
    await shows(/\[TLS\]/);
    // The panel of contacts has it under its heading.
    await shows(/Online \(\d+\)[^]*romeo@localhost[^]*Away \(/);
    await expect
      .poll(() => romeo.presences, patience)
      .toContain('juliet@localhost/balcony available');
  });

  test('tells that it is away', async () => {
    await terminal.type('/status set away "at supper"');
    await expect
      .poll(() => romeo.heard.map((stanza) => stanza.getChildText('status')), patience)
      .toContain('at supper');
    await terminal.type('/status set online');
  });

  test('chats', async () => {
    await terminal.type('/msg romeo@localhost Deny thy father <&> refuse thy name');
    await expect
      .poll(() => romeo.bodies, patience)
      .toContain('Deny thy father <&> refuse thy name');
    await romeo.client.send(chat('Shall I hear more, or shall I speak at this?'));
    await shows(/Shall I hear more, or shall I speak at this\?/);
  });

  test('adds somebody to its roster, and the subscription goes both ways', async () => {
    await terminal.type('/win 1');
    await terminal.type('/roster add nurse@localhost Angelica');
    await shows(/Roster item added: nurse@localhost .Angelica/);
    await terminal.type('/sub request nurse@localhost');
    await expect.poll(() => nurse.presences, patience).toContain('juliet@localhost subscribe');
    await nurse.client.send(presence('subscribed'));
    await shows(/Angelica \(chamber\) is online/);
    await nurse.client.send(presence('subscribe'));
    await shows(/Received authorization request from nurse@localhost/);
    await terminal.type('/sub allow nurse@localhost');
    await shows(/Accepted subscription for nurse@localhost/);
    await expect
      .poll(() => nurse.presences, patience)
      .toContain('juliet@localhost/balcony available');
  });

  test('is told what it missed, and still has its roster', async () => {
    await quit();
    await expect
      .poll(() => romeo.presences, patience)
      .toContain('juliet@localhost/balcony unavailable');
    await romeo.client.send(chat('Parting is such sweet sorrow'));
    await logIn();
    await shows(/Online \(\d+\)[^]*Angelica[^]*Away \(/);
    await terminal.type('/msg romeo@localhost');
    await shows(/Parting is such sweet sorrow/);
    await quit();
  });

  test('is refused with a wrong password', async () => {
    terminal = await Terminal.open(['env', `XDG_CONFIG_HOME=${home}/config`, 'profanity']);
    await shows(/Type '\/help'/);
    const server = `server 127.0.0.1 port ${serving.port} tls trust`;
    await terminal.type(`/connect romeo@localhost ${server}`);
    await shows(/Enter password/);
    await terminal.type('balcony');
    await shows(/Login failed/);
    await terminal.type('/quit');
    await shows(/ENDED/);
  });
});
