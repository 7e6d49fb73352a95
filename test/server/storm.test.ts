/*
 * Random traffic of acknowledged clients (XEP-0198) over storage that lasts when it says so: cut anywhere into chunks, in the
 * middle of which connections are lost, resumed or begun anew, on the short way of messages and on the long one. What holds
 * in the end: what was acknowledged arrived, nothing twice in one session, all in order of sending within each.
 *
 * A seed is a number; the same number is the same case.
 */
import { beforeAll, expect, test } from 'vitest';
import type { MemoryAccounts } from 'tercet/server';
import { Client, Stage, makeAccounts } from './play.js';
import { SlowStorage } from './slow-storage.js';

let accounts: MemoryAccounts;

beforeAll(async () => {
  accounts = await makeAccounts('juliet', 'romeo');
});

type Random = (below: number) => number;

/** Mulberry32. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const isStanza = (name: string): boolean => ['message', 'presence', 'iq'].includes(name);
const chats = [
  '<body>x</body>',
  "<body>&lt;r/> <![CDATA[<a/></message>]]></body><x xmlns='urn:x'><a/><r/><message/></x>",
];
const blockTybalt =
  "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='tybalt@localhost'/></block></iq>";
const ask = ["<r xmlns='urn:xmpp:sm:3'/>", "<s:r xmlns:s='urn:xmpp:sm:3'/>"];

/** Somebody whose sessions are acknowledged, one after the other. */
class Person {
  client: Client | undefined;
  /** What waits to be acknowledged, and what was, of this session. */
  unacked: string[] = [];
  ackedCount = 0;
  /** Ids by session. */
  readonly heard: number[][] = [];
  #heardCount = 0;
  #name = '';

  constructor(
    readonly stage: Stage,
    readonly local: string,
    readonly settle: () => Promise<void>,
  ) {}

  async enter(): Promise<void> {
    const { unacked } = this;
    const client = await this.stage.enter(this.local, 'here');
    await this.settle();
    client.hear();
    this.client = client;
    [this.unacked, this.ackedCount, this.#heardCount] = [[], 0, 0];
    this.heard.push([]);
    client.say("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    await this.settle();
    this.#name =
      client
        .hear()
        .find(({ name }) => name === 'enabled')
        ?.attr('id') ?? '';
    this.say(this.send('<presence/>') + unacked.map((text) => this.send(text)).join(''));
  }

  /** False where the session was over. */
  async resume(): Promise<boolean> {
    const client = new Client(this.stage.server);
    await client.logIn(this.local, null);
    client.say(`<resume xmlns='urn:xmpp:sm:3' previd='${this.#name}' h='${this.#heardCount}'/>`);
    await this.settle();
    const [answer, ...others] = client.hear();
    if (answer.name === 'failed') return false;
    this.client = client;
    this.#note(answer.attr('h'));
    this.#take(others);
    this.say(
      this.unacked
        .splice(0)
        .map((text) => this.send(text))
        .join(''),
    );
    return true;
  }

  /** Counts a stanza that is going to be said. */
  send(text: string): string {
    this.unacked.push(text);
    return text;
  }

  say(text: string): void {
    this.client?.say(text);
    this.listen();
  }

  listen(): void {
    if (this.client) this.#take(this.client.hear());
  }

  acknowledge(): string {
    return `<a xmlns='urn:xmpp:sm:3' h='${this.#heardCount}'/>`;
  }

  lose(): void {
    const { client } = this;
    this.client = undefined;
    client?.connection.disconnected();
  }

  #take(elements: ReturnType<Client['hear']>): void {
    for (const { name, attrs } of elements) {
      if (name === 'a') this.#note(attrs.h);
      if (isStanza(name)) this.#heardCount += 1;
      if (name === 'message') this.heard.at(-1)?.push(Number(attrs.id));
    }
  }

  #note(h: string | undefined): void {
    this.unacked.splice(0, Number(h) - this.ackedCount);
    this.ackedCount = Number(h);
  }
}

/** What went wrong. */
async function play(seed: number): Promise<string[]> {
  const random = randomFrom(seed);
  const storage = new SlowStorage();
  const delays: (() => void)[] = [];
  const delay = (action: () => void) => delays.push(action);
  const stage = new Stage({ accounts, storage, delay, rates: false });
  const settle = async (): Promise<void> => {
    while (delays.length > 0) {
      for (const action of delays.splice(0)) action();
      storage.finish();
      await new Promise((resolve) => setImmediate(resolve));
    }
    stage.server.flush();
  };
  const [juliet, romeo] = ['juliet', 'romeo'].map((local) => new Person(stage, local, settle));
  for (const person of [juliet, romeo]) await person.enter();
  if (random(3) === 0) juliet.say(juliet.send(blockTybalt));
  const sentAgain = new Set<number>();
  let last = 0;
  for (let step = 0; step < 30; step++) {
    const person = random(3) === 0 ? romeo : juliet;
    if (random(8) === 0) person.lose();
    if (!person.client && (random(3) === 0 || !(await person.resume()))) {
      for (const text of person.unacked) sentAgain.add(Number(/id='(\d+)'/.exec(text)?.[1]));
      await person.enter();
    }
    let text = person === romeo ? romeo.acknowledge() : '';
    for (let count = person === juliet ? random(8) : 0; count > 0; count--) {
      const to = ['romeo@localhost', 'romeo@localhost/here'][random(2)];
      const chat = chats[random(chats.length)];
      text += juliet.send(`<message to='${to}' type='chat' id='${++last}'>${chat}</message>`);
      if (random(3) === 0) text += ask[random(ask.length)];
    }
    while (text !== '' && person.client) {
      const length = 1 + random([6, 60, 2000][random(3)]);
      person.say(text.slice(0, length));
      text = text.slice(length);
      if (random(40) === 0) person.lose();
    }
    if (random(2) === 0) await settle();
    for (const each of [juliet, romeo]) each.listen();
  }
  if (!juliet.client && !(await juliet.resume())) await juliet.enter();
  juliet.say(ask[0]);
  await settle();
  romeo.lose();
  await romeo.enter();
  for (const each of [juliet, romeo]) each.listen();
  const faults = stage.log.filter(({ level }) => level === 'error').map(({ event }) => event);
  if (juliet.unacked.length > 0) faults.push(`${juliet.unacked.length} are not acknowledged`);
  const heard = new Set(romeo.heard.flat());
  for (let id = 1; id <= last; id++) if (!heard.has(id)) faults.push(`${id} is lost`);
  for (const ids of romeo.heard) {
    const once = ids.filter((id) => !sentAgain.has(id));
    if (once.some((id, index) => index > 0 && id <= once[index - 1])) faults.push(once.join(' '));
  }
  return faults;
}

test.each([1, 2, 3, 4])(
  'what is acknowledged arrives, in order and once; part %i',
  async (part) => {
    for (let seed = part * 1000; seed < part * 1000 + 25; seed++) {
      expect(await play(seed), `seed ${seed}`).toEqual([]);
    }
  },
);
