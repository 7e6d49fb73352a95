/*
 * A gate: the object that holds sockets. Its streams outlive its sleep, and its sessions their sockets (tercet/workers);
 * whom their stanzas are for is decided elsewhere (outgoing.ts, account.ts). It stores the attachments of its sockets, and
 * of sessions that can be resumed what their clients have not acknowledged.
 */
import { DurableObject } from 'cloudflare:workers';
import { xml } from 'tercet';
import { HibernatingStreams, upgrade } from 'tercet/workers';
import type { KeptSession } from 'tercet/workers';
import { Connections } from './connections.js';
import type { Delivery, Env, GateCalls, StreamState } from './env.js';

const extensions = [
  xml('ver', { xmlns: 'urn:xmpp:features:rosterver' }),
  xml('sub', { xmlns: 'urn:xmpp:features:pre-approval' }),
];

/** For one client: more than all messages that waited for it. */
const maxWaitingBytes = 10 * 1024 * 1024;
/** How long a client may be away, and still go on with its session. */
const maxSeconds = 300;

export class Gate extends DurableObject<Env> implements GateCalls {
  readonly #streams: HibernatingStreams;
  readonly #connections: Connections;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#connections = new Connections(env, ctx.id.toString(), {
      send: (stream, stanza) => void this.#streams.send(stream, [stanza]),
      end: (stream, condition) => this.#streams.end(stream, condition),
    });
    this.#streams = new HibernatingStreams(ctx, this.#connections, {
      domain: env.DOMAIN,
      extensions,
      // A question with each delivery: between them there is nothing to wait for.
      management: { requestCount: 1, maxUnackedCount: 5000, maxUnackedBytes: maxWaitingBytes },
      resumption: { storage: ctx.storage, maxSeconds },
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

  override alarm(): Promise<void> {
    return this.#streams.alarm();
  }

  // What account objects call.

  deliver(deliveries: readonly Delivery[]): Promise<readonly string[]> {
    const lost = deliveries.filter(({ stream, stanzas }) => !this.#streams.send(stream, stanzas));
    return Promise.resolve(lost.map(({ stream }) => stream));
  }

  state(stream: string): Promise<StreamState> {
    const rest = this.#streams.has(stream) ? 'waiting' : 'gone';
    return Promise.resolve(this.#streams.isOpen(stream) ? 'open' : rest);
  }

  interrupt(stream: string): Promise<boolean> {
    return this.#streams.interrupt(stream);
  }

  handOver(stream: string): Promise<KeptSession | undefined> {
    return Promise.resolve(this.#streams.handOver(stream));
  }

  takeOver(stream: string, session: KeptSession): Promise<void> {
    this.#streams.takeOver(stream, session);
    return Promise.resolve();
  }

  forget(stream: string): Promise<void> {
    this.#connections.forget(stream);
    this.#streams.forget(stream);
    return Promise.resolve();
  }

  giveUp(stream: string): Promise<void> {
    return this.#streams.giveUp(stream);
  }
}
