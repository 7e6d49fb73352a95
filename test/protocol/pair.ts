/*
 * A client and a server stream that hear each other, without sockets: what one sends the other receives,
 * whole or cut into pieces. The account is juliet@localhost with the password `balcony`.
 */
import {
  ClientStream,
  ServerStream,
  computeScramProof,
  deriveScramKeys,
  verifyPassword,
  verifyScramProof,
} from 'tercet/protocol';
import type {
  AuthAnswer,
  AuthQuestion,
  BindAnswer,
  ClientStreamOptions,
  IdentityQuestion,
  ProofAnswer,
  ProofQuestion,
  ClientEffect,
  ScramHash,
  ServerEffect,
  ServerStreamOptions,
  StreamEffect,
  StreamManagement,
  TlsFacts,
} from 'tercet/protocol';
import { tcpFraming } from 'tercet/transport';

/** Those of a kind, of one role's effects. */
const ofType = <E extends StreamEffect, T extends E['type']>(
  effects: readonly E[],
  type: T,
): Extract<E, { type: T }>[] =>
  effects.filter((effect): effect is Extract<E, { type: T }> => effect.type === type);

export interface PairOptions {
  readonly client?: Partial<ClientStreamOptions>;
  readonly server?: Partial<ServerStreamOptions>;
  readonly password?: string;
  /** Bytes a piece on the way; absent: as they were sent. */
  readonly pieceLength?: number;
  /** What a man in the middle makes of what the server says. */
  readonly tamper?: (text: string) => string;
  readonly clientTls?: TlsFacts;
  readonly serverTls?: TlsFacts;
}

const salt = new TextEncoder().encode('0123456789abcdef');
const keysOf = (hash: ScramHash) => deriveScramKeys(hash, 'balcony', salt, 4096);
const sha1 = keysOf('SHA-1');
const sha256 = keysOf('SHA-256');

export class Pair {
  readonly client: ClientStream;
  readonly server: ServerStream;
  readonly atClient: ClientEffect[] = [];
  readonly atServer: ServerEffect[] = [];
  bind: BindAnswer[] = [];
  now = 0;
  readonly #options: PairOptions;
  #pending: (() => Promise<void> | void)[] = [];
  #isCut = false;
  #sessionCount = 0;

  constructor(options: PairOptions = {}) {
    this.#options = options;
    let counter = 0;
    const random = (count: number) => new Uint8Array(count).fill(++counter);
    this.client = new ClientStream({
      framing: tcpFraming,
      domain: 'localhost',
      username: 'juliet',
      resource: 'balcony',
      random,
      ...options.client,
    });
    this.server = new ServerStream({
      framing: tcpFraming,
      domains: ['localhost'],
      random,
      tls: 'required',
      management: {},
      hasSasl2: true,
      ...options.server,
    });
  }

  /** Connects and goes on until nobody has anything to say. */
  async start(): Promise<this> {
    this.takeServer(this.server.open(this.now));
    this.takeClient(this.client.open(this.now));
    return this.settle();
  }

  /** Goes on for so many steps, or to the end. */
  async settle(stepCount = Infinity): Promise<this> {
    for (let step = 0; step < stepCount; step++) {
      const next = this.#pending.shift();
      if (!next) break;
      await next();
    }
    return this;
  }

  /** The transport breaks: what is on the way is lost. */
  cut(): this {
    this.#isCut = true;
    this.takeClient(this.client.disconnected(this.now));
    this.takeServer(this.server.disconnected(this.now));
    return this;
  }

  of<T extends ClientEffect['type']>(type: T): Extract<ClientEffect, { type: T }>[] {
    return ofType(this.atClient, type);
  }

  ofServer<T extends ServerEffect['type']>(type: T): Extract<ServerEffect, { type: T }>[] {
    return ofType(this.atServer, type);
  }

  /** What the client sent. */
  get said(): string {
    return textOf(this.of('send'));
  }

  /** What the server sent. */
  get heard(): string {
    return textOf(this.ofServer('send'));
  }

  takeClient(effects: readonly ClientEffect[]): this {
    for (const effect of effects) {
      this.atClient.push(effect);
      this.#later(() => this.#serveClient(effect));
    }
    return this;
  }

  takeServer(effects: readonly ServerEffect[]): this {
    for (const effect of effects) {
      this.atServer.push(effect);
      this.#later(() => this.#serveServer(effect));
    }
    return this;
  }

  #later(action: () => Promise<void> | void): void {
    this.#pending.push(action);
  }

  async #serveClient(effect: ClientEffect): Promise<void> {
    const { client, now } = this;
    switch (effect.type) {
      case 'send':
        this.#carry(effect.bytes, (piece) => {
          this.takeServer(this.server.receive(piece, this.now));
        });
        return;
      case 'upgradeTls':
        // The server was told before: both have the same session now.
        this.takeServer(this.server.secured(now, this.#options.serverTls));
        this.takeClient(client.secured(now, this.#options.clientTls));
        return;
      case 'proof': {
        const answer = await this.#prove(effect.question);
        this.takeClient(client.answerProof(effect.token, answer, now));
        return;
      }
      case 'ack':
        this.takeClient(client.acknowledge(effect.h, now));
        return;
      case 'stanza':
      case 'acked':
      case 'ready':
      case 'timerSet':
      case 'ended':
      case 'close':
        return;
    }
  }

  async #serveServer(effect: ServerEffect): Promise<void> {
    const { server, now } = this;
    switch (effect.type) {
      case 'send': {
        const { tamper } = this.#options;
        const bytes = tamper
          ? new TextEncoder().encode(tamper(new TextDecoder().decode(effect.bytes)))
          : effect.bytes;
        this.#carry(bytes, (piece) => {
          this.takeClient(this.client.receive(piece, this.now));
        });
        return;
      }
      case 'authCheck':
      case 'identityCheck': {
        const answer = await check(effect.question);
        this.takeServer(server.answerAuth(effect.token, answer, now));
        return;
      }
      case 'bind': {
        const resource = effect.resource ?? `${effect.tag ?? 'x'}.${effect.clientId ?? 'y'}`;
        const answer = this.bind.shift() ?? { kind: 'bound', resource };
        this.takeServer(server.answerBind(effect.token, answer, now));
        return;
      }
      case 'enable': {
        const id = `session-${++this.#sessionCount}`;
        const answer = { kind: 'enabled', id, maxSeconds: 300 } as const;
        this.takeServer(server.answerEnable(effect.token, answer, now));
        return;
      }
      case 'resume': {
        const management = sessions.get(effect.id);
        const answer = management
          ? ({ kind: 'resumed', management, resource: 'balcony' } as const)
          : ({ kind: 'refused', condition: 'item-not-found' } as const);
        this.takeServer(server.answerResume(effect.token, answer, now));
        return;
      }
      case 'ack':
        this.takeServer(server.acknowledge(effect.h, now));
        return;
      case 'register':
      case 'upgradeTls':
      case 'stanza':
      case 'acked':
      case 'timerSet':
      case 'ended':
      case 'close':
        return;
    }
  }

  #carry(bytes: Uint8Array, receive: (piece: Uint8Array) => void): void {
    if (this.#isCut) return;
    // A message transport has no pieces.
    const isWhole = this.#options.client?.framing?.name === 'websocket';
    const length = isWhole ? bytes.length : (this.#options.pieceLength ?? bytes.length);
    for (let start = 0; start < bytes.length; start += length) {
      receive(bytes.slice(start, start + length));
    }
  }

  async #prove(question: ProofQuestion): Promise<ProofAnswer> {
    const { password = 'balcony' } = this.#options;
    if (question.kind === 'password') return { kind: 'password', password };
    return { kind: 'scram', ...(await computeScramProof(question, password)) };
  }
}

/** Sessions that servers keep, by the name for resumption. */
export const sessions = new Map<string, StreamManagement>();

const textOf = (sends: readonly { readonly bytes: Uint8Array }[]): string =>
  sends.map(({ bytes }) => new TextDecoder().decode(bytes)).join('');

async function check(question: AuthQuestion | IdentityQuestion): Promise<AuthAnswer> {
  const refused = { kind: 'refused', condition: 'not-authorized' } as const;
  switch (question.kind) {
    case 'anonymous':
      return { kind: 'accepted', local: 'guest' };
    case 'external':
      return { kind: 'accepted', local: 'juliet' };
    case 'plain':
      return (await verifyPassword('SHA-256', await sha256, question.password))
        ? { kind: 'accepted', local: question.username }
        : refused;
    case 'scram-salt':
      return { kind: 'salt', salt, iterationCount: 4096 };
    case 'scram-proof': {
      const { hash, authMessage, proof, username } = question;
      const keys = await (hash === 'SHA-1' ? sha1 : sha256);
      const serverSignature = await verifyScramProof(hash, keys, authMessage, proof);
      return serverSignature ? { kind: 'accepted', local: username, serverSignature } : refused;
    }
  }
}
