/*
 * The client's side of a stream on sockets of Node, for tests against servers: STARTTLS, or TLS from the start.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { expect } from 'vitest';
import { xml } from 'tercet';
import type { Element } from 'tercet';
import { ClientStream, computeScramProof } from 'tercet/protocol';
import type { ClientEffect, ClientStreamOptions, EndReason, TlsFacts } from 'tercet/protocol';
import { tcpFraming } from 'tercet/transport';

export interface Way {
  readonly port: number;
  readonly password: string;
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** What a client sees of the TLS connection; tls-exporter by default. */
  readonly look?: (socket: TLSSocket) => TlsFacts;
}

export const seesExporter = (socket: TLSSocket): TlsFacts => {
  const data = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
  return { channelBindings: [{ type: 'tls-exporter', data }] };
};

/** With SHA-256, which is right for certificates signed with it (RFC 5929, section 4.1). */
export const seesEndPoint = (socket: TLSSocket): TlsFacts => {
  const data = createHash('sha256').update(socket.getPeerCertificate().raw).digest();
  return { channelBindings: [{ type: 'tls-server-end-point', data }] };
};

export class SocketClient {
  readonly stream: ClientStream;
  readonly effects: ClientEffect[] = [];
  readonly #way: Way;
  #socket: Socket;

  /** In clear, for STARTTLS, unless a socket is given. */
  constructor(way: Way, options: Partial<ClientStreamOptions> = {}, socket?: TLSSocket) {
    const { look = seesExporter } = way;
    this.#way = way;
    this.stream = new ClientStream({
      framing: tcpFraming,
      domain: 'localhost',
      username: 'juliet',
      random: (count) => crypto.getRandomValues(new Uint8Array(count)),
      management: {},
      ...(socket && { isEncrypted: true, tlsFacts: look(socket) }),
      ...options,
    });
    this.#socket = socket ?? connect(way.port, '127.0.0.1');
    this.#attach();
    this.#take(this.stream.open(performance.now()));
  }

  /** Over TLS from the start (XEP-0368). */
  static async direct(way: Way, options: Partial<ClientStreamOptions> = {}): Promise<SocketClient> {
    const { port, maxVersion = 'TLSv1.3' } = way;
    const socket = connectTls({
      ...{ port, maxVersion, host: '127.0.0.1', rejectUnauthorized: false },
      ALPNProtocols: ['xmpp-client'],
    });
    await once(socket, 'secureConnect');
    return new SocketClient(way, options, socket);
  }

  get reason(): EndReason | undefined {
    return this.of('ended').at(0)?.reason;
  }

  get stanzas(): readonly Element[] {
    return this.of('stanza').map(({ stanza }) => stanza);
  }

  of<T extends ClientEffect['type']>(type: T): Extract<ClientEffect, { type: T }>[] {
    return this.effects.filter(
      (effect): effect is Extract<ClientEffect, { type: T }> => effect.type === type,
    );
  }

  /** Has a session, or none any more. */
  async arrive(): Promise<this> {
    await expect
      .poll(() => this.of('ready').length + this.of('ended').length, { timeout: 10_000 })
      .toBeGreaterThan(0);
    return this;
  }

  write(stanza: Element): void {
    this.#take(this.stream.write(stanza, performance.now()));
  }

  ping(id: string): void {
    const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });
    this.write(xml('iq', { xmlns: 'jabber:client', type: 'get', id, to: 'localhost' }, ping));
  }

  close(): void {
    this.#take(this.stream.close(undefined, performance.now()));
  }

  /** As if the network were gone. */
  cut(): void {
    this.#socket.destroy();
  }

  #attach(): void {
    const socket = this.#socket;
    socket.on('data', (bytes: Buffer) => this.#take(this.stream.receive(bytes, performance.now())));
    socket.on('close', () => this.#take(this.stream.disconnected(performance.now())));
    socket.on('error', () => socket.destroy());
  }

  #take(effects: readonly ClientEffect[]): void {
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.type === 'send') this.#socket.write(effect.bytes);
      else if (effect.type === 'upgradeTls') this.#startTls();
      else if (effect.type === 'close') this.#socket.end();
      else if (effect.type === 'proof') void this.#prove(effect);
      else if (effect.type === 'ack') {
        this.#take(this.stream.acknowledge(effect.h, performance.now()));
      }
    }
  }

  #startTls(): void {
    const { look = seesExporter, maxVersion = 'TLSv1.3' } = this.#way;
    const plain = this.#socket;
    plain.removeAllListeners();
    const socket = connectTls({ socket: plain, rejectUnauthorized: false, maxVersion });
    this.#socket = socket;
    socket.once('secureConnect', () => {
      this.#take(this.stream.secured(performance.now(), look(socket)));
    });
    this.#attach();
  }

  async #prove({ token, question }: Extract<ClientEffect, { type: 'proof' }>): Promise<void> {
    const { password } = this.#way;
    const answer =
      question.kind === 'password'
        ? ({ kind: 'password', password } as const)
        : ({ kind: 'scram', ...(await computeScramProof(question, password)) } as const);
    this.#take(this.stream.answerProof(token, answer, performance.now()));
  }
}
