/**
 * The clients of the server suite, all in one process: they log in over raw sockets, then chat in pairs.
 *
 *     node drivers/server-load.mjs JSON      { port, isTls, isManaged }
 *
 * Orders are lines on stdin, each answered by a line of JSON on stdout:
 *
 *     login N      N more connections: account, PLAIN, resource, presence; two connections an account
 *     chat W       each connection sends W messages to its partner, and one more for each that it gets
 *     count        messages delivered so far, and CPU seconds of this process
 *     rest         nobody answers any more; says when nothing is under way
 *     quit
 *
 * What is sent was built before, what comes is searched for ends of messages, not parsed: the server is measured, not
 * this. With stream management each connection answers what it is asked, and asks at every tenth message itself.
 */

import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';

const { port, isTls, isManaged } = JSON.parse(process.argv[2]);

const header =
  "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' " +
  "xmlns:stream='http://etherx.jabber.org/streams'>";
const password = 'pencil-and-paper';
const body =
  'It is the east, and Juliet is the sun. Arise, fair sun, and kill the envious moon, who is already sick.'
    .padEnd(100, '.')
    .slice(0, 100);
const endOfMessage = Buffer.from('</message>');
const loginsAtOnce = 32;

/** Reads go here, one at a time; what has to be kept is copied. */
const input = Buffer.allocUnsafe(65_536);

const clients = [];
const registered = new Set();
let deliveredCount = 0;
let underWay = 0;
let isChatting = false;
let fault = '';

class Client {
  #socket;
  #text = '';
  #wanted;
  #tail = Buffer.alloc(0);
  #chunkCount = 0;
  /** Ready to be written: one message, two, and so on. */
  #batches = [];
  #handledCount = 0;
  #isChatting = false;

  constructor(index) {
    this.account = `user${index >> 1}`;
    this.resource = `r${index & 1}`;
  }

  async logIn() {
    const onread = { buffer: input, callback: (size) => this.#read(input.subarray(0, size)) };
    const place = { port, host: '127.0.0.1', noDelay: true, onread };
    this.#socket = isTls ? connectTls({ ...place, rejectUnauthorized: false }) : connect(place);
    this.#socket.on('error', (error) => this.#fail(error.message));
    this.#socket.on('close', () => this.#fail('the server closed a stream'));
    await this.#ask(header, '</stream:features>');
    if (!registered.has(this.account)) {
      registered.add(this.account);
      await this.#ask(
        `<iq type='set' id='reg'><query xmlns='jabber:iq:register'><username>${this.account}</username>` +
          `<password>${password}</password></query></iq>`,
        /<iq[^>]*type=.result/,
      );
    }
    const plain = Buffer.from(`\0${this.account}\0${password}`).toString('base64');
    await this.#ask(
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`,
      '<success',
    );
    await this.#ask(header, '</stream:features>');
    await this.#ask(
      `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>` +
        `<resource>${this.resource}</resource></bind></iq>`,
      `</jid>`,
    );
    if (isManaged) await this.#ask("<enable xmlns='urn:xmpp:sm:3'/>", '<enabled');
    // Its own presence comes back.
    await this.#ask('<presence/>', '<presence');
  }

  /** Gets ready to write to another one. */
  meet({ account, resource }) {
    this.#isChatting = true;
    const message = Buffer.from(
      `<message to='${account}@localhost/${resource}' type='chat' id='m1'><body>${body}</body></message>`,
    );
    for (let count = 0; count <= 16; count++) {
      this.#batches.push(Buffer.concat(new Array(count).fill(message)));
    }
  }

  send(count) {
    underWay += count;
    for (let rest = count; rest > 0; rest -= 16)
      this.#socket.write(this.#batches[Math.min(rest, 16)]);
  }

  #ask(text, wanted) {
    this.#text = '';
    return new Promise((resolve, reject) => {
      this.#wanted = { wanted, resolve, reject };
      this.#socket.write(text);
    });
  }

  #fail(reason) {
    if (fault === '') fault = `${this.account}/${this.resource}: ${reason}`;
    this.#wanted?.reject(new Error(fault));
    this.#wanted = undefined;
  }

  #read(bytes) {
    if (this.#isChatting) return this.#readChat(bytes);
    this.#text += bytes.latin1Slice();
    if (this.#wanted === undefined) return true;
    const { wanted, resolve, reject } = this.#wanted;
    const isThere =
      typeof wanted === 'string' ? this.#text.includes(wanted) : wanted.test(this.#text);
    const isRefused = /<failure|<stream:error|type=.error/.test(this.#text);
    if (!isThere && !isRefused) return true;
    this.#wanted = undefined;
    if (isThere) resolve();
    else reject(new Error(`refused: ${this.#text.slice(-300)}`));
    return true;
  }

  #readChat(bytes) {
    let chunk = bytes;
    if (this.#tail.length > 0) chunk = Buffer.concat([this.#tail, bytes]);
    // An end of a message has no '>' but its last byte, so nothing of one is pending behind such a byte.
    const last = chunk.lastIndexOf(0x3e);
    this.#tail = last === chunk.length - 1 ? empty : Buffer.from(chunk.subarray(last + 1));
    let count = 0;
    for (
      let at = chunk.indexOf(endOfMessage);
      at !== -1;
      at = chunk.indexOf(endOfMessage, at + 10)
    ) {
      count += 1;
    }
    // A look now and then is enough to find out that messages come back as errors.
    if ((this.#chunkCount++ & 63) === 0 && /type=.error|<stream:error/.test(chunk.latin1Slice())) {
      this.#fail('an error came back');
    }
    deliveredCount += count;
    underWay -= count;
    if (isManaged) this.#account(chunk, count);
    if (count > 0 && isChatting) this.send(count);
    return true;
  }

  #account(chunk, count) {
    const before = this.#handledCount;
    this.#handledCount += count;
    if (chunk.includes('<r ') || chunk.includes('<r/')) {
      this.#socket.write(`<a xmlns='urn:xmpp:sm:3' h='${this.#handledCount}'/>`);
    }
    if (Math.floor(before / 10) !== Math.floor(this.#handledCount / 10)) {
      this.#socket.write("<r xmlns='urn:xmpp:sm:3'/>");
    }
  }

  /** What came before the first message counts too: presence, of itself and of its other connection. */
  set handledCount(count) {
    this.#handledCount = count;
  }

  get presenceCount() {
    return this.#text.split('<presence').length - 1;
  }
}

const empty = Buffer.alloc(0);

async function logIn(count) {
  const first = clients.length;
  for (let index = first; index < first + count; index++) clients.push(new Client(index));
  let next = first;
  const work = async () => {
    while (next < first + count) {
      // Both connections of an account one after the other: the first one registers it.
      const index = next;
      next += 2;
      await clients[index].logIn();
      if (index + 1 < first + count) await clients[index + 1].logIn();
    }
  };
  await Promise.all(Array.from({ length: loginsAtOnce }, work));
  return { connections: clients.length };
}

let hasMet = false;

function chat(outstanding) {
  if (!hasMet) {
    // Partners have different accounts.
    const half = clients.length / 2;
    for (const [index, client] of clients.entries()) {
      client.handledCount = client.presenceCount;
      client.meet(clients[(index + half) % clients.length]);
    }
    hasMet = true;
  }
  isChatting = true;
  for (const client of clients) client.send(outstanding);
  return {};
}

async function rest() {
  isChatting = false;
  const deadline = performance.now() + 10_000;
  while (underWay > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return underWay === 0 ? {} : { error: `${underWay} messages were lost` };
}

function count() {
  const { user, system } = process.cpuUsage();
  return { delivered: deliveredCount, cpu: (user + system) / 1e6 };
}

const orders = { login: logIn, chat, rest, count };

for await (const line of createInterface({ input: process.stdin })) {
  const [name, number] = line.split(' ');
  if (name === 'quit') process.exit(0);
  let answer;
  try {
    answer = await orders[name](Number(number));
  } catch (error) {
    answer = { error: error.message };
  }
  if (fault !== '') answer = { error: fault };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
