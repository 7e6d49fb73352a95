/*
 * A gate: the object that holds sockets. Its streams outlive its sleep (tercet/workers); whom their stanzas are for
 * is decided elsewhere (connections.ts, account.ts). It stores nothing but the attachments of its sockets.
 */
import { DurableObject } from 'cloudflare:workers';
import { xml } from 'tercet';
import { HibernatingStreams, upgrade } from 'tercet/workers';
import { Connections } from './connections.js';
import type { Delivery, Env, GateCalls } from './env.js';

const extensions = [
  xml('ver', { xmlns: 'urn:xmpp:features:rosterver' }),
  xml('sub', { xmlns: 'urn:xmpp:features:pre-approval' }),
];

/** For one client: more than all messages that waited for it. */
const maxWaitingBytes = 10 * 1024 * 1024;

export class Gate extends DurableObject<Env> implements GateCalls {
  readonly #streams: HibernatingStreams;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const connections = new Connections(env, ctx.id.toString(), {
      send: (stream, stanza) => void this.#streams.send(stream, [stanza]),
      end: (stream, condition) => this.#streams.end(stream, condition),
    });
    this.#streams = new HibernatingStreams(ctx, connections, {
      domain: env.DOMAIN,
      extensions,
      // A question with each delivery: between them there is nothing to wait for.
      management: { requestCount: 1, maxUnackedCount: 5000, maxUnackedBytes: maxWaitingBytes },
      maxQueueBytes: maxWaitingBytes,
    });
    const { length } = ctx.getWebSockets();
    if (env.LOG !== '' && length > 0) console.log(`a gate is awake again, with ${length} sockets`);
  }

  override fetch(request: Request): Response {
    return upgrade(request, this.#streams);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#streams.message(socket, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#streams.closed(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#streams.closed(socket);
  }

  // What account objects call.

  deliver(deliveries: readonly Delivery[]): Promise<readonly string[]> {
    const lost = deliveries.filter(({ stream, stanzas }) => !this.#streams.send(stream, stanzas));
    return Promise.resolve(lost.map(({ stream }) => stream));
  }

  has(stream: string): Promise<boolean> {
    return Promise.resolve(this.#streams.has(stream));
  }
}
