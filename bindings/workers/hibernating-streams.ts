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
 * Under stream management (XEP-0198) an object sleeps only when all that was sent has been acknowledged: what a
 * client does not acknowledge in time goes back to the host. Nothing is stored for that, so there is no resumption.
 * Not here: SASL2.
 */
import type { Element } from '../element.js';
import type { BindAnswer, EndReason, ServerEffect } from '../protocol/effects.js';
import type { AuthAnswer, AuthQuestion } from '../protocol/sasl/mechanism.js';
import type { MechanismName } from '../protocol/sasl/negotiation.js';
import { ServerStream } from '../protocol/server-stream.js';
import type { ServerStreamOptions } from '../protocol/server-options.js';
import type { StreamCondition } from '../protocol/stream-error.js';
import type { ManagementLimits } from '../protocol/stream-management.js';
import { webSocketFraming } from '../transport/websocket.js';
import { isOver, overAttachment, readAttachment, writeAttachment } from './attachment.js';
import type { Attachment } from './attachment.js';
import { revive } from './revival.js';
import type { SocketKeeper, WorkerSocket } from './runtime.js';

/** A client's stream, as its host sees it. */
export interface EdgeStream {
  /** Names it among all streams of all objects, and cannot be guessed. */
  readonly id: string;
  /** The full JID, in canonical form; '' before it is bound. */
  readonly jid: string;
  /** The language that its stanzas inherit; '' for none. */
  readonly lang: string;
}

/** A resource that a client wants. */
export interface ResourceWish {
  readonly local: string;
  readonly domain: string;
  /** As the client wrote it; undefined: the server chooses one. */
  readonly resource: string | undefined;
}

/** What the streams of an object ask and tell. */
export interface StreamHost {
  /** As of `tercet/protocol`; a rejection is `temporary-auth-failure`. */
  authenticate(question: AuthQuestion): Promise<AuthAnswer>;
  /** A rejection is `resource-constraint`. */
  bind(wish: ResourceWish, stream: EdgeStream): Promise<BindAnswer>;
  /** A stanza of a bound stream, in order; its `from` is not to be trusted. */
  stanza(stanza: Element, stream: EdgeStream): void;
  /** When all stanzas of a stream so far are safe, and may be acknowledged; absent: at once. */
  handled?(stream: EdgeStream): Promise<void>;
  /**
   * A bound stream is over. Called once, also for one whose client went away while it was being bound. `unacked`:
   * what its client, under stream management, has not acknowledged and may not have got.
   */
  ended(stream: EdgeStream, reason: EndReason, unacked: readonly Uint8Array[]): void;
}

export interface HibernatingStreamsOptions {
  /** The domain served, in canonical form. */
  readonly domain: string;
  /** SCRAM-SHA-256, SCRAM-SHA-1 and PLAIN by default. */
  readonly mechanisms?: readonly MechanismName[];
  /** Limits of the parser before and after authentication. */
  readonly limits?: ServerStreamOptions['limits'];
  /** Features of extensions for authenticated streams. */
  readonly extensions?: readonly Element[];
  /** From the first frame to a bound resource (30,000). */
  readonly negotiationMs?: number;
  /** What may wait for a client that does not read (1,048,576), before it is cut off at the next `send`. */
  readonly maxQueueBytes?: number;
  /** Offers stream management without resumption (XEP-0198), with its limits; absent: none. */
  readonly management?: ManagementLimits;
  /** How long a client has for an acknowledgement (30,000), before it is taken for gone. */
  readonly ackMs?: number;
}

interface Live extends EdgeStream {
  readonly socket: WorkerSocket;
  readonly machine: ServerStream;
  jid: string;
  lang: string;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Set while something is not acknowledged, which keeps the object awake. */
  ackTimer: ReturnType<typeof setTimeout> | undefined;
  isOver: boolean;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();
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
  /** Those with a machine: new ones, and those that were heard of since the object woke. */
  readonly #live = new Map<WorkerSocket, Live>();

  constructor(keeper: SocketKeeper, host: StreamHost, options: HibernatingStreamsOptions) {
    this.#keeper = keeper;
    this.#host = host;
    this.#options = options;
  }

  /** Takes over a socket; `upgrade` calls it. */
  accept(socket: WorkerSocket, { isEncrypted = true } = {}): void {
    const id = crypto.randomUUID();
    this.#keeper.acceptWebSocket(socket, [id]);
    const machine = this.#makeMachine({ isEncrypted });
    const live = this.#add(socket, machine, { id, jid: '', lang: '' });
    this.#keep(live);
    this.#run(live, machine.open(Date.now()));
  }

  /** A message of a socket of this object. */
  message(socket: WorkerSocket, message: string | ArrayBuffer): void {
    const live = this.#of(socket);
    if (live === undefined) return;
    // RFC 7395, section 3.2: only text; 1003 is WebSocket's word for data of the wrong kind.
    if (typeof message !== 'string') return attempt(() => socket.close(wrongData));
    this.#run(live, live.machine.receive(encoder.encode(message), Date.now()));
    if (live.machine.management) this.#keep(live);
  }

  /** A socket of this object has been closed, or has failed. */
  closed(socket: WorkerSocket): void {
    const live = this.#of(socket);
    if (live !== undefined) this.#run(live, live.machine.disconnected(Date.now()));
    // Without it older runtimes leave the client waiting for the other half of the closing handshake.
    attempt(() => socket.close(1000));
  }

  /** Whether there is a stream of that name, in whatever state. */
  has(id: string): boolean {
    return this.#socket(id) !== undefined;
  }

  /**
   * Writes stanzas, each complete and declaring its own namespace; without stream management no machine is woken. False
   * if there is no such stream any more, or its client does not read; true says that they were given to the
   * socket, not that they have arrived.
   */
  send(id: string, stanzas: readonly Uint8Array[]): boolean {
    const socket = this.#socket(id);
    if (socket === undefined) return false;
    if ((socket.bufferedAmount ?? 0) > (this.#options.maxQueueBytes ?? 1_048_576)) {
      this.closed(socket);
      return false;
    }
    const live = this.#managed(socket);
    try {
      for (const stanza of stanzas) {
        socket.send(decoder.decode(stanza));
        live?.machine.sent(stanza);
      }
    } catch {
      return false;
    }
    if (live) this.#flush(live);
    return true;
  }

  /** Ends a stream from our side, with a stream error (RFC 6120, section 4.9) or without. */
  end(id: string, condition?: StreamCondition): void {
    const socket = this.#socket(id);
    const live = socket && this.#of(socket);
    if (live) this.#run(live, live.machine.close(condition, Date.now()));
  }

  // Which stream a socket is.

  #socket(id: string): WorkerSocket | undefined {
    return this.#keeper.getWebSockets(id).find((socket) => !isOver(readAttachment(socket)));
  }

  #of(socket: WorkerSocket): Live | undefined {
    const live = this.#live.get(socket);
    if (live) return live;
    const attachment = readAttachment(socket);
    if (attachment === undefined || isOver(attachment)) return undefined;
    if (attachment.jid === '') {
      attempt(() => socket.close(restarted));
      return undefined;
    }
    const machine = this.#makeMachine({ mechanisms: ['PLAIN'] });
    revive(machine, attachment, this.#options.management ?? {});
    return this.#add(socket, machine, attachment);
  }

  /** A stream under stream management. */
  #managed(socket: WorkerSocket): Live | undefined {
    const live = this.#live.get(socket);
    if (live) return live.machine.management && live;
    return readAttachment(socket)?.counts ? this.#of(socket) : undefined;
  }

  #add(socket: WorkerSocket, machine: ServerStream, { id, jid, lang }: Attachment): Live {
    const timers = { timer: undefined, ackTimer: undefined };
    const live: Live = { id, socket, machine, jid, lang, ...timers, isOver: false };
    this.#live.set(socket, live);
    return live;
  }

  #keep({ socket, id, jid, lang, isOver, machine: { management } }: Live): void {
    const counts = management && { handled: management.handledCount, sent: management.sentCount };
    const attachment = isOver ? overAttachment(id) : { id, jid, lang, counts };
    attempt(() => writeAttachment(socket, attachment));
  }

  // The machine.

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

  #run(live: Live, effects: readonly ServerEffect[]): void {
    for (const effect of effects) this.#perform(live, effect);
  }

  #perform(live: Live, effect: ServerEffect): void {
    const { machine, socket } = live;
    switch (effect.type) {
      case 'send':
        return attempt(() => socket.send(decoder.decode(effect.bytes)));
      case 'authCheck':
        return this.#authenticate(live, effect.token, effect.question);
      case 'identityCheck': {
        const answer: AuthAnswer = { kind: 'refused', condition: 'not-authorized' };
        return this.#run(live, machine.answerAuth(effect.token, answer, Date.now()));
      }
      case 'bind':
        return this.#bind(live, effect.token, effect);
      case 'stanza':
        return this.#pass(live, effect.stanza);
      case 'timerSet':
        return this.#schedule(live, effect.at);
      case 'ended':
        return this.#end(live, effect.reason);
      case 'close':
        this.#live.delete(socket);
        return attempt(() => socket.close(1000));
      case 'enable':
        this.#run(live, machine.answerEnable(effect.token, { kind: 'enabled' }, Date.now()));
        return this.#keep(live);
      case 'resume': {
        const condition = 'item-not-found';
        const answer = { kind: 'refused', condition } as const;
        return this.#run(live, machine.answerResume(effect.token, answer, Date.now()));
      }
      case 'ack':
        return this.#acknowledge(live, effect.h);
      case 'acked':
        clearTimeout(live.ackTimer);
        live.ackTimer = undefined;
        return this.#flush(live);
      case 'register':
      case 'upgradeTls':
        // Not offered, so never asked for.
        return;
    }
  }

  #authenticate(live: Live, token: number, question: AuthQuestion): void {
    const answer = (answer: AuthAnswer): void =>
      this.#run(live, live.machine.answerAuth(token, answer, Date.now()));
    this.#host
      .authenticate(question)
      .then(answer, () => answer({ kind: 'refused', condition: 'temporary-auth-failure' }));
  }

  #bind(live: Live, token: number, { local, domain, resource }: ResourceWish): void {
    const answer = (answer: BindAnswer): void => {
      if (answer.kind === 'bound') {
        live.jid = `${local}@${domain}/${answer.resource}`;
        live.lang = live.machine.lang;
        if (live.isOver) return this.#host.ended(live, { kind: 'disconnected' }, []);
        this.#keep(live);
      }
      this.#run(live, live.machine.answerBind(token, answer, Date.now()));
    };
    this.#host
      .bind({ local, domain, resource }, live)
      .then(answer, () => answer({ kind: 'refused', condition: 'resource-constraint' }));
  }

  #pass(live: Live, stanza: Element): void {
    try {
      this.#host.stanza(stanza, live);
    } catch {
      this.#run(live, live.machine.close('internal-server-error', Date.now()));
    }
  }

  #acknowledge(live: Live, h: number): void {
    const handled = this.#host.handled?.(live) ?? Promise.resolve();
    const acknowledge = (): void => this.#run(live, live.machine.acknowledge(h, Date.now()));
    // What is not safe is not acknowledged.
    handled.then(acknowledge, () => undefined);
  }

  /** Asks for an acknowledgement where one is due, and waits for it. */
  #flush(live: Live): void {
    const { machine } = live;
    this.#run(live, machine.flushing(Date.now()));
    this.#keep(live);
    const isAwaiting = !live.isOver && (machine.management?.unacked.length ?? 0) > 0;
    if (!isAwaiting || live.ackTimer !== undefined) return;
    live.ackTimer = setTimeout(
      () => this.#run(live, machine.close('connection-timeout', Date.now())),
      this.#options.ackMs ?? 30_000,
    );
  }

  #end(live: Live, reason: EndReason): void {
    const unacked = live.machine.management?.unacked.map(({ bytes }) => bytes) ?? [];
    clearTimeout(live.ackTimer);
    live.isOver = true;
    this.#keep(live);
    if (live.jid !== '') this.#host.ended(live, reason, unacked);
  }

  #schedule(live: Live, at: number | undefined): void {
    clearTimeout(live.timer);
    live.timer = undefined;
    if (at === undefined) return;
    const wait = Math.max(0, at - Date.now());
    // The clock of workerd stands still between events, and may stand a little before the deadline.
    live.timer = setTimeout(
      () => this.#run(live, live.machine.tick(Math.max(Date.now(), at))),
      wait,
    );
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // The socket is gone.
  }
}
