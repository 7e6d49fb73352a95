/*
 * A server and its clients in memory: transports are arrays, time stands still until a test moves it.
 * Clients are people of the play; each reads what it is sent as stanzas.
 */
import { StreamParser } from 'tercet';
import type { Element } from 'tercet';
import { MemoryAccounts, createServer } from 'tercet/server';
import type { Connection, LogFields, Server, ServerOptions, Transport } from 'tercet/server';
import { webSocketFraming } from 'tercet/transport';
import { tcpHeader, webSocketHeader } from '../protocol/host.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Accounts whose password is their name; one hash is enough for a play, and few iterations. */
export async function makeAccounts(...locals: string[]): Promise<MemoryAccounts> {
  const accounts = new MemoryAccounts({ iterationCount: 4096 });
  for (const local of locals) await accounts.set(local, 'localhost', local);
  return accounts;
}

export interface LogInOptions {
  readonly password?: string;
  /** Attributes for the stream header. */
  readonly header?: string;
}

export class Client {
  readonly connection: Connection;
  /** What each write brought, as text. */
  readonly writes: string[][] = [];
  isClosed = false;
  isDestroyed = false;
  /** Bytes that the transport says are waiting. */
  waiting = 0;
  /** Whether the server reads what it is sent. */
  isRead = true;
  readonly #server: Server;
  readonly #framing: 'stream' | 'websocket';
  #parser: StreamParser;
  #stanzas: Element[] = [];

  /** `canWait`: its transport can stop reading. */
  constructor(server: Server, framing: 'stream' | 'websocket' = 'stream', canWait = true) {
    this.#server = server;
    this.#framing = framing;
    this.#parser = new StreamParser({ framing });
    const transport: Transport = {
      write: (units) => {
        this.writes.push(units.map((unit) => new TextDecoder().decode(unit)));
        for (const unit of units) this.#read(unit);
        return this.waiting;
      },
      startTls: () => {
        throw new Error('there is no TLS in memory');
      },
      close: () => (this.isClosed = true),
      destroy: () => (this.isDestroyed = true),
      ...(canWait && {
        pause: () => (this.isRead = false),
        resume: () => (this.isRead = true),
      }),
    };
    this.connection = server.connect(
      transport,
      framing === 'websocket' ? { framing: webSocketFraming } : {},
    );
  }

  /** What was sent so far, as text. */
  get text(): string {
    return this.writes.flat().join('');
  }

  get jid(): string {
    return this.connection.session?.jid ?? '';
  }

  /** Sends text as one chunk and lets the server write. */
  say(text: string): void {
    this.connection.receive(encode(text));
    this.#server.flush();
  }

  /** The stanzas that came since the last look. */
  hear(): Element[] {
    this.#server.flush();
    const stanzas = this.#stanzas;
    this.#stanzas = [];
    return stanzas;
  }

  /** Logs in and binds a resource; `null` binds none. */
  async logIn(local: string, resource?: string | null, options: LogInOptions = {}): Promise<void> {
    const { header: attributes = '', password = local } = options;
    const plain = this.#framing === 'stream' ? tcpHeader : webSocketHeader;
    const header = plain.replace(' to=', ` ${attributes} to=`);
    const auth = btoa(`\0${local}\0${password}`);
    this.say(header);
    this.say(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${auth}</auth>`);
    while (!this.#stanzas.some(({ name }) => name === 'success' || name === 'failure')) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      this.#server.flush();
    }
    this.#parser.restart();
    this.say(header);
    if (resource === null) {
      this.hear();
      return;
    }
    this.say(
      "<iq xmlns='jabber:client' id='bind' type='set'>" +
        "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" +
        (resource === undefined ? '' : `<resource>${resource}</resource>`) +
        '</bind></iq>',
    );
    this.hear();
  }

  #read(bytes: Uint8Array): void {
    for (const event of this.#parser.feed(bytes)) {
      if (event.type === 'stanza') this.#stanzas.push(event.stanza);
      if (event.type === 'error') throw event.error;
    }
  }
}

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
}

/** A server, its clock and what it logs. */
export class Stage {
  readonly server: Server;
  readonly log: LogLine[] = [];
  now = 0;

  constructor(options: Omit<ServerOptions, 'domain'>) {
    this.server = createServer({
      domain: 'localhost',
      now: () => this.now,
      log: (level, event, fields) => this.log.push({ level, event, fields }),
      // Nothing is written until a test looks.
      defer: () => undefined,
      ...options,
    });
  }

  async enter(local: string, resource?: string, framing?: 'stream' | 'websocket'): Promise<Client> {
    const client = new Client(this.server, framing);
    await client.logIn(local, resource);
    return client;
  }

  wait(ms: number): void {
    this.now += ms;
    this.server.tick();
    this.server.flush();
  }
}
