/*
 * SIGKILL in the middle of traffic: what was acknowledged under stream management (XEP-0198) arrives, and a
 * client that knows the ids of what it has got gets nothing twice.
 *
 * Juliet sends numbered messages as fast as she is acknowledged, Romeo listens; the server is killed at a
 * random moment, started again on the same folder, and Romeo comes back. Then Juliet sends again what nobody
 * acknowledged, as any client does, and all must be there.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StreamParser } from 'tercet';
import type { Element } from 'tercet';
import { commandLine } from '../clients/serve.js';
import { tcpHeader } from '../protocol/host.js';

const folder = mkdtempSync(join(tmpdir(), 'tercet-'));
let child: ChildProcess | undefined;
let port = 0;

beforeAll(async () => {
  for (const name of ['juliet', 'romeo']) {
    const user = spawn(process.execPath, [commandLine, 'user', 'add', name, '--data', folder]);
    user.stdin.end(`${name}\n`);
    const [code] = (await once(user, 'exit')) as [number | null];
    expect(code).toBe(0);
  }
});

afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const ports = ['--port', '0', '--tls-port', '0', '--http-port', '0'];
  child = spawn(process.execPath, [
    commandLine,
    ...['serve', '--data', folder, '--log', 'warn', ...ports],
  ]);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  await expect.poll(() => output, { timeout: 20_000 }).toContain('Ctrl-C');
  port = Number(/XMPP +127\.0\.0\.1:(\d+)/.exec(output)?.[1]);
}

async function kill(): Promise<void> {
  const ended = child && once(child, 'exit');
  child?.kill('SIGKILL');
  await ended;
}

/** Somebody at a socket, who hears stanzas. */
class Person {
  readonly #socket: Socket;
  #parser = new StreamParser();
  readonly heard: Element[] = [];
  onStanza: (stanza: Element) => void = () => undefined;
  isGone = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      for (const event of this.#parser.feed(bytes)) {
        if (event.type !== 'stanza') continue;
        this.heard.push(event.stanza);
        this.onStanza(event.stanza);
        if (event.stanza.name === 'success') this.#parser.restart();
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => (this.isGone = true));
  }

  say(text: string): void {
    if (!this.isGone) this.#socket.write(text);
  }

  async hears(name: string): Promise<void> {
    await expect
      .poll(() => this.heard.some((stanza) => stanza.name === name), { timeout: 10_000 })
      .toBe(true);
  }

  end(): void {
    this.#socket.destroy();
  }

  static async enter(name: string, isManaged: boolean): Promise<Person> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const person = new Person(socket);
    const auth = Buffer.from(`\0${name}\0${name}`).toString('base64');
    person.say(
      `${tcpHeader}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${auth}</auth>`,
    );
    await person.hears('success');
    person.say(
      `${tcpHeader}<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`,
    );
    await person.hears('iq');
    if (isManaged) {
      person.say("<enable xmlns='urn:xmpp:sm:3'/>");
      await person.hears('enabled');
    }
    return person;
  }
}

/** Sends messages with ascending ids, a few ahead of what is acknowledged, until the connection ends. */
class Sender {
  #sentCount = 0;
  #ackedCount = 0;
  readonly #first: number;

  constructor(
    readonly person: Person,
    first: number,
  ) {
    this.#first = first;
    person.onStanza = (stanza) => {
      if (stanza.name !== 'a') return;
      this.#ackedCount = Number(stanza.attr('h'));
      this.send(40 - (this.#sentCount - this.#ackedCount));
    };
  }

  send(count: number): void {
    // Fewer than an account may have waiting.
    for (let each = 0; each < count && this.#sentCount < 800; each++) {
      this.person.say(messageOf(this.#first + this.#sentCount));
      this.#sentCount += 1;
      if (this.#sentCount % 5 === 0) this.person.say("<r xmlns='urn:xmpp:sm:3'/>");
    }
  }

  get acked(): number[] {
    return range(this.#first, this.#ackedCount);
  }

  get sent(): number[] {
    return range(this.#first, this.#sentCount);
  }
}

const messageOf = (id: number): string =>
  `<message to='romeo@localhost' type='chat' id='${id}'><body>Number ${id}</body></message>`;

const range = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_each, index) => first + index);

/** Remembers the messages that Romeo gets, and acknowledges them now and then where that is spoken. */
function collect(romeo: Person, ids: Set<number>, isManaged: boolean): void {
  let count = 0;
  romeo.onStanza = (stanza) => {
    if (stanza.name === 'message' || stanza.name === 'presence' || stanza.name === 'iq') count += 1;
    if (stanza.name === 'message') ids.add(Number(stanza.attr('id')));
    if (isManaged && (stanza.name === 'r' || count % 7 === 0)) {
      romeo.say(`<a xmlns='urn:xmpp:sm:3' h='${count}'/>`);
    }
  };
  romeo.say('<presence/>');
}

/** Messages go the short way as bytes, or the long one as elements where Juliet blocks somebody (bindings/server). */
const situations = [
  ['acknowledges what he gets', { isThere: true, isManaged: true, isLong: false }],
  ['does not speak stream management', { isThere: true, isManaged: false, isLong: false }],
  ['is away', { isThere: false, isManaged: false, isLong: false }],
  ['acknowledges it, and Juliet blocks somebody', { isThere: true, isManaged: true, isLong: true }],
] as const;

/** From here on, since it is stored. */
async function blockNurse(): Promise<void> {
  const juliet = await Person.enter('juliet', false);
  juliet.say(
    "<iq type='set' id='block'><block xmlns='urn:xmpp:blocking'><item jid='nurse@localhost'/></block></iq>",
  );
  const isResult = (stanza: Element) => stanza.attr('id') === 'block';
  await expect.poll(() => juliet.heard.some(isResult), { timeout: 10_000 }).toBe(true);
  juliet.end();
}

let first = 1;

test.each(situations)(
  'nothing that was acknowledged is lost when Romeo %s',
  async (_title, { isThere, isManaged, isLong }) => {
    const got = new Set<number>();
    await start();
    let romeo: Person | undefined;
    if (isThere) {
      romeo = await Person.enter('romeo', isManaged);
      collect(romeo, got, isManaged);
    }
    if (isLong) await blockNurse();
    const sender = new Sender(await Person.enter('juliet', true), first);
    sender.send(40);
    await expect.poll(() => sender.acked.length, { timeout: 10_000 }).toBeGreaterThan(100);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
    await kill();
    await expect.poll(() => sender.person.isGone).toBe(true);
    romeo?.end();
    const { acked, sent } = sender;

    await start();
    romeo = await Person.enter('romeo', isManaged);
    const before = new Set(got);
    collect(romeo, got, isManaged);
    await expect.poll(() => acked.filter((id) => !got.has(id)), { timeout: 10_000 }).toEqual([]);
    // What waited is not handed over again where it had been acknowledged in time or never sent.
    expect([...got].every((id) => sent.includes(id) || before.has(id))).toBe(true);

    const juliet = await Person.enter('juliet', true);
    for (const id of sent.slice(acked.length)) juliet.say(messageOf(id));
    await expect.poll(() => sent.filter((id) => !got.has(id)), { timeout: 10_000 }).toEqual([]);
    juliet.end();
    romeo.end();
    first += sent.length;
    await kill();
  },
  60_000,
);
