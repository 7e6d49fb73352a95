/*
 * Clients' streams whose object may sleep between two stanzas: the runtime keeps the sockets, and what a stream
 * needs in order to go on stands in the attachment of its socket.
 *
 *     negotiating ── bound ──────────────────────► over
 *      awake: the      asleep, woken by a frame,
 *      deadline is     by `send` or by the end
 *      a timer
 *
 * One that is bound has little to remember (attachment.ts); a stream that is woken gets a new machine in that state
 * (revival.ts). A stream that is interrupted during negotiation, which a sleeping object never is, is closed with 1012
 * and begins anew.
 *
 * Under stream management (XEP-0198) an object sleeps only when all that was sent has been acknowledged: a client that
 * does not do so in time is taken for gone. What it has not acknowledged goes back to the host, at once or, with
 * resumption, when it has not come back (resumption.ts).
 * Not here: SASL2.
 */
import { ServerStream } from '../protocol/server-stream.js';
import type { ServerStreamOptions } from '../protocol/server-options.js';
import type { StreamCondition } from '../protocol/stream-error.js';
import { StreamManagement } from '../protocol/stream-management.js';
import { webSocketFraming } from '../transport/websocket.js';
import { isOver, readAttachment } from './attachment.js';
import type { Attachment } from './attachment.js';
import { LiveStream } from './live-stream.js';
import { Resumption } from './resumption.js';
import { revive } from './revival.js';
import type { SocketKeeper, WorkerSocket } from './runtime.js';
import type { KeptSession } from './session-store.js';
import type { HibernatingStreamsOptions, StreamHost } from './stream-host.js';

const decoder = new TextDecoder();
const restarted = 1012;
const wrongData = 1003;

/**
 * The streams of one Durable Object.
 *
 *     export class Gate extends DurableObject {
 *       #streams = new HibernatingStreams(this.ctx, host, { domain: 'example.com' });
 *       fetch(request) { return upgrade(request, this.#streams); }
 *       webSocketMessage(socket, message) { this.#streams.message(socket, message); }
 *       webSocketClose(socket) { this.#streams.closed(socket); }
 *       webSocketError(socket) { this.#streams.closed(socket); }
 *     }
 */
export class HibernatingStreams {
  readonly #keeper: SocketKeeper;
  readonly #host: StreamHost;
  readonly #options: HibernatingStreamsOptions;
  /** New ones, and those that were heard of since the object woke. */
  readonly #live = new Map<WorkerSocket, LiveStream>();
  readonly #sessions: Resumption | undefined;

  constructor(keeper: SocketKeeper, host: StreamHost, options: HibernatingStreamsOptions) {
    this.#keeper = keeper;
    this.#host = host;
    this.#options = options;
    const { resumption, management = {} } = options;
    if (resumption && host.resume) {
      this.#sessions = new Resumption(resumption, management, (...end) => host.ended(...end));
      this.#sessions.check((id) => this.isOpen(id));
    }
  }

  /** Takes over a socket; `upgrade` calls it. */
  accept(socket: WorkerSocket, { isEncrypted = true } = {}): void {
    const id = crypto.randomUUID();
    this.#keeper.acceptWebSocket(socket, [id]);
    this.#add(socket, this.#makeMachine({ isEncrypted }), { id, jid: '', lang: '' }).open();
  }

  /** A message of a socket of this object. */
  message(socket: WorkerSocket, message: string | ArrayBuffer): void {
    const live = this.#of(socket);
    if (live === undefined) return;
    // RFC 7395, section 3.2: only text; 1003 is WebSocket's word for data of the wrong kind.
    if (typeof message === 'string') live.receive(message);
    else close(socket, wrongData);
  }

  /** A socket of this object has been closed, or has failed. */
  closed(socket: WorkerSocket): void {
    this.#of(socket)?.disconnected();
    this.#live.delete(socket);
    // Without it older runtimes leave the client waiting for the other half of the closing handshake.
    close(socket, 1000);
  }

  /** Whether there is a stream of that name, in whatever state, or a session that waits for its client. */
  has(id: string): boolean {
    return this.isOpen(id) || (this.#sessions?.has(id) ?? false);
  }

  /** Whether a socket carries a stream of that name. */
  isOpen(id: string): boolean {
    return this.#socket(id) !== undefined;
  }

  /**
   * Writes stanzas, each complete and declaring its own namespace; without stream management no machine is woken. False
   * if there is no such stream any more, or its client does not read; true says that they were given to the
   * socket, or to the store of a session that can be resumed, not that they have arrived.
   */
  send(id: string, stanzas: readonly Uint8Array[]): boolean {
    const socket = this.#socket(id);
    const sessions = this.#sessions;
    // Nothing is for a stream that negotiates, but for the session that it is about to go on with.
    if (socket === undefined || readAttachment(socket)?.jid === '') {
      return sessions?.keep(id, stanzas) ?? false;
    }
    if ((socket.bufferedAmount ?? 0) > (this.#options.maxQueueBytes ?? 1_048_576)) {
      this.closed(socket);
      return sessions?.keep(id, stanzas) ?? false;
    }
    const live = this.#managed(socket);
    const kept = live && sessions?.has(id) === true ? sessions : undefined;
    kept?.sent(id, stanzas);
    try {
      for (const stanza of stanzas) {
        socket.send(decoder.decode(stanza));
        live?.sent(stanza);
      }
    } catch {
      // It is there for the client's next socket, if that is kept.
      return kept !== undefined;
    }
    live?.flush();
    return true;
  }

  /** Ends a stream from our side, with a stream error (RFC 6120, section 4.9) or without. */
  end(id: string, condition?: StreamCondition): void {
    const socket = this.#socket(id);
    if (socket) this.#of(socket)?.close(condition);
  }

  // Sessions that can be resumed (XEP-0198, section 5).

  /** To be called by the object's own `alarm`: sessions end whose clients were not back in time. */
  async alarm(): Promise<void> {
    await this.#sessions?.alarm((id) => this.isOpen(id));
  }

  /** A session ends, whose client is away; resolves when the host knows. */
  async giveUp(id: string): Promise<void> {
    await this.#sessions?.end(id);
  }

  /**
   * The client of a session has come elsewhere: a socket that still carries it ends with `conflict`. Resolves once all
   * that it sent is safe; false if there is no such session.
   */
  async interrupt(id: string): Promise<boolean> {
    const sessions = this.#sessions;
    if (!sessions?.has(id)) return false;
    const socket = this.#socket(id);
    if (socket) this.#of(socket)?.replace();
    sessions.wait(id);
    await sessions.settled(id);
    return sessions.has(id);
  }

  /** All of a session that waits; it is here until it is forgotten. */
  handOver(id: string): KeptSession | undefined {
    return this.#sessions?.handOver(id);
  }

  /** A session for the stream of this name, which is about to go on with it: what is sent meanwhile waits. */
  takeOver(id: string, session: KeptSession): void {
    this.#sessions?.takeOver(id, session);
  }

  /** A session has gone elsewhere: nothing of it is told to the host. */
  forget(id: string): void {
    this.#sessions?.forget(id);
  }

  #socket(id: string): WorkerSocket | undefined {
    return this.#keeper.getWebSockets(id).find((socket) => !isOver(readAttachment(socket)));
  }

  /** The stream of a socket, awake. */
  #of(socket: WorkerSocket): LiveStream | undefined {
    const live = this.#live.get(socket);
    if (live) return live;
    const attachment = readAttachment(socket);
    if (attachment === undefined || isOver(attachment)) return undefined;
    if (attachment.jid === '') {
      close(socket, restarted);
      return undefined;
    }
    const machine = this.#makeMachine({ mechanisms: ['PLAIN'] });
    revive(machine, attachment, this.#management(attachment));
    return this.#add(socket, machine, attachment);
  }

  #management({ id, counts }: Attachment): StreamManagement | undefined {
    if (!counts) return undefined;
    const { handled: handledCount, sent: sentCount } = counts;
    return (
      this.#sessions?.management(id, handledCount) ??
      new StreamManagement({ ...this.#options.management, handledCount, sentCount })
    );
  }

  /** The same for a stream under stream management; others go on sleeping. */
  #managed(socket: WorkerSocket): LiveStream | undefined {
    const live = this.#live.get(socket);
    if (live) return live.isManaged ? live : undefined;
    return readAttachment(socket)?.counts ? this.#of(socket) : undefined;
  }

  #add(socket: WorkerSocket, machine: ServerStream, attachment: Attachment): LiveStream {
    const { ackMs = 30_000 } = this.#options;
    const surroundings = { socket, machine, host: this.#host, sessions: this.#sessions, ackMs };
    const live = new LiveStream(attachment, surroundings);
    this.#live.set(socket, live);
    return live;
  }

  #makeMachine(more: Partial<ServerStreamOptions>): ServerStream {
    const { domain, limits, extensions, negotiationMs, management } = this.#options;
    const { mechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'] } = this.#options;
    return new ServerStream({
      framing: webSocketFraming,
      domains: [domain],
      random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
      mechanisms,
      ...(limits && { limits }),
      ...(extensions && { extensions }),
      ...(management && { management }),
      ...(negotiationMs !== undefined && { negotiationMs }),
      ...more,
    });
  }
}

function close(socket: WorkerSocket, code: number): void {
  try {
    socket.close(code);
  } catch {
    // It is gone.
  }
}
