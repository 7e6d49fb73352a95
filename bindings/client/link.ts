/*
 * One stream over one wire: carries out what the machine asks (protocol/effects.ts) and tells the client
 * what comes of it, in order. A link is used once: connecting again takes a new one.
 *
 *     opening ──► ready ──► ended          `ended` alone where there was no way in
 *
 * Effects are queued: what a listener writes while one is carried out goes out after those before it.
 */
import type { Element } from '../element.js';
import { Jid } from '../jid.js';
import { ClientStream } from '../protocol/client-stream.js';
import type { ClientStreamOptions } from '../protocol/client-stream.js';
import type { ClientEffect, EndReason } from '../protocol/effects.js';
import type { ProofAnswer, ProofQuestion } from '../protocol/sasl/client-mechanism.js';
import { computeScramProof } from '../protocol/sasl/scram-keys.js';
import type { Sent, StreamManagement } from '../protocol/stream-management.js';
import { withDeadline } from './deadline.js';
import { Mask } from './mask.js';
import type { Trace } from './trace.js';
import type { Endpoint, Transport, Wire, WireEvents } from './transport.js';

/** How a link has ended. */
export interface LinkEnd {
  readonly reason: EndReason;
  /** Whether the session may go on over another link. */
  readonly isResumable: boolean;
  /** Whether the server closed its side too, and so has handled all that was sent. */
  readonly isAnswered: boolean;
  /** What the wire said. */
  readonly cause: Error | undefined;
}

export interface LinkListener {
  ready(link: Link, jid: string, isResumed: boolean): void;
  stanza(stanza: Element): void;
  acked(stanzas: readonly Sent[]): void;
  drained(): void;
  /** Nothing can be written any more; `ended` follows. */
  ending(link: Link, isResumable: boolean): void;
  ended(end: LinkEnd): void;
}

export interface LinkOptions {
  readonly transport: Transport;
  readonly endpoint: Endpoint;
  readonly stream: Omit<ClientStreamOptions, 'framing' | 'random' | 'isEncrypted' | 'tlsFacts'>;
  readonly password: () => Promise<string | undefined>;
  readonly trace: Trace | undefined;
  readonly connectMs: number;
}

/** So much may wait for the wire while it is read. A stanza has room in it. */
const maxBufferedBytes = 1_048_576;

export class Link {
  readonly uri: string;
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  readonly #masks = { in: new Mask(), out: new Mask() };
  readonly #queue: ClientEffect[] = [];
  #stream: ClientStream | undefined;
  #wire: Wire | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isTaking = false;
  #isReady = false;
  #isEnding = false;
  /** Somebody here does not want to read. */
  #isPaused = false;
  /** The server does not take what is written. */
  #isFull = false;
  /** What waited for the wire when that was looked at last. */
  #fullBytes = 0;
  /** Because of either the wire is not read. */
  #isStopped = false;
  #isAnswered = false;
  #end: Omit<LinkEnd, 'isAnswered'> | undefined;
  #isOver = false;
  #cause: Error | undefined;

  constructor(options: LinkOptions, listener: LinkListener) {
    this.uri = options.endpoint.uri;
    this.#options = options;
    this.#listener = listener;
  }

  /** Opens the wire and begins the stream; rejects when there is no wire. */
  async open(signal: AbortSignal): Promise<void> {
    const { transport, endpoint, stream, connectMs } = this.#options;
    const events: WireEvents = {
      receive: (bytes) => this.#receive(bytes),
      drained: () => {
        this.#isFull = false;
        this.#checkFlow();
        this.#listener.drained();
      },
      disconnected: (error) => this.#disconnected(error),
    };
    const wire = await withDeadline(signal, connectMs, async (opening) => {
      const opened = await transport.open(endpoint, events, opening);
      // Nobody waits for it any more.
      if (opening.aborted) opened.destroy();
      return opened;
    });
    this.#wire = wire;
    const { isEncrypted, tlsFacts } = wire;
    this.#stream = new ClientStream({
      ...stream,
      framing: transport.framing,
      random: (count) => crypto.getRandomValues(new Uint8Array(count)),
      isEncrypted,
      ...(tlsFacts && { tlsFacts }),
    });
    this.#take(this.#stream.open(now()));
  }

  get mechanism(): string {
    return this.#stream?.mechanism ?? '';
  }

  /** Whether stanzas can be written: there is a session, and neither side has ended the stream. */
  get isWritable(): boolean {
    return this.#isReady && !this.#isEnding;
  }

  /** The account of the session, once stream management is enabled. */
  get management(): StreamManagement | undefined {
    return this.#stream?.management;
  }

  /** Where the server wants the session to go on, if it says. */
  get location(): string | undefined {
    return this.#stream?.location;
  }

  /** Bytes that wait for the wire. */
  get bufferedBytes(): number {
    return this.#wire?.bufferedBytes ?? 0;
  }

  /** Sends a stanza; `tag` comes back when it is acknowledged. Throws UsageError for what is no XML. */
  write(stanza: Element, tag: number): void {
    if (this.#stream) this.#take(this.#stream.write(stanza, now(), tag));
  }

  /** Reads no further until told, where the wire can do that. */
  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused;
    this.#checkFlow();
  }

  /** Ends the stream because of what it costs here; its session may go on. */
  giveUp(): void {
    if (this.#stream) this.#take(this.#stream.close('resource-constraint', now()));
  }

  /** Ends the stream: says what was handled, so that nothing of it comes again, and goodbye. */
  close(): void {
    const stream = this.#stream;
    this.isPaused = false;
    if (!stream) return;
    if (stream.management) {
      this.#take(stream.acknowledge(stream.management.handledCount, now()));
    }
    this.#take(stream.close(undefined, now()));
  }

  /** Ends it without a word. */
  destroy(cause?: Error): void {
    this.#disconnected(cause);
  }

  #receive(bytes: Uint8Array): void {
    if (!this.#stream || this.#isOver) return;
    this.#show('in', bytes);
    const effects = this.#stream.receive(bytes, now());
    // The machine closes the wire while it reads: the server's side is closed too.
    if (effects.at(-1)?.type === 'close') this.#isAnswered = true;
    this.#take(effects);
    this.#checkFlow();
  }

  /**
   * Reads on or not: not while we are held back, nor while the server does not take what we write, since what
   * it says would only be answered with more. A wire that cannot be stopped is given up in the end.
   */
  #checkFlow(): void {
    const wire = this.#wire;
    if (!wire || this.#isOver) return;
    if (wire.bufferedBytes > maxBufferedBytes) this.#isFull = true;
    if (!wire.pause) {
      if (wire.bufferedBytes > 4 * maxBufferedBytes) this.giveUp();
      return;
    }
    const isStopped = this.#isPaused || this.#isFull;
    if (isStopped === this.#isStopped) return;
    this.#isStopped = isStopped;
    if (isStopped) {
      this.#fullBytes = wire.bufferedBytes;
      wire.pause();
    } else wire.resume?.();
  }

  #disconnected(cause: Error | undefined): void {
    if (this.#isOver) return;
    this.#cause ??= cause;
    if (this.#stream) this.#take(this.#stream.disconnected(now()));
  }

  #take(effects: readonly ClientEffect[]): void {
    for (const effect of effects) {
      this.#queue.push(effect);
      // Known before it is told, so that no listener on the way there writes in vain.
      if (effect.type === 'ended') this.#isEnding = true;
    }
    if (this.#isTaking) return;
    this.#isTaking = true;
    try {
      // Ends: what is added meanwhile comes from the machine, which is finite.
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#perform(next);
    } finally {
      this.#isTaking = false;
    }
  }

  #perform(effect: ClientEffect): void {
    switch (effect.type) {
      case 'send':
        this.#show('out', effect.bytes);
        return this.#wire?.write(effect.bytes);
      case 'upgradeTls':
        return void this.#startTls();
      case 'proof':
        return void this.#prove(effect.token, effect.question);
      case 'ready':
        this.#isReady = true;
        return this.#listener.ready(this, effect.jid, effect.isResumed);
      case 'stanza':
        return this.#listener.stanza(effect.stanza);
      case 'ack':
        return this.#take(this.#stream?.acknowledge(effect.h, now()) ?? []);
      case 'acked':
        return this.#listener.acked(effect.stanzas);
      case 'timerSet':
        return this.#setTimer(effect.at);
      case 'ended': {
        const { reason, isResumable } = effect;
        this.#end = { reason, isResumable, cause: this.#cause };
        return this.#listener.ending(this, isResumable);
      }
      case 'close':
        return this.#finish();
    }
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const { reason = { kind: 'closed' }, isResumable = false, cause } = this.#end ?? {};
    if (reason.kind === 'disconnected') this.#wire?.destroy();
    else this.#wire?.close();
    this.#listener.ended({ reason, isResumable, cause, isAnswered: this.#isAnswered });
  }

  async #startTls(): Promise<void> {
    try {
      const facts = await this.#wire?.startTls?.();
      if (this.#stream && !this.#isOver) this.#take(this.#stream.secured(now(), facts));
    } catch (error) {
      this.#disconnected(error as Error);
    }
  }

  async #prove(token: number, question: ProofQuestion): Promise<void> {
    const answer = await this.#proof(question);
    if (this.#stream && !this.#isOver) this.#take(this.#stream.answerProof(token, answer, now()));
  }

  async #proof(question: ProofQuestion): Promise<ProofAnswer> {
    try {
      const given = await this.#options.password();
      if (given === undefined) return { kind: 'refused' };
      const password = prepared(given);
      if (question.kind === 'password') return { kind: 'password', password };
      return { kind: 'scram', ...(await computeScramProof(question, password)) };
    } catch (error) {
      this.#cause ??= error as Error;
      return { kind: 'refused' };
    }
  }

  #setTimer(at: number | undefined): void {
    clearTimeout(this.#timer);
    if (at === undefined) return;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, Math.ceil(at - now())));
  }

  #tick(): void {
    const stream = this.#stream;
    if (!stream || this.#isOver) return;
    // We do not listen: the server's silence is ours, as long as it takes what we say.
    const bytes = this.bufferedBytes;
    if (this.#isStopped && (!this.#isFull || bytes < this.#fullBytes)) stream.received(0, now());
    this.#fullBytes = bytes;
    this.#take(stream.tick(now()));
  }

  #show(direction: 'in' | 'out', bytes: Uint8Array): void {
    const { trace } = this.#options;
    if (!trace) return;
    const text = this.#masks[direction].push(bytes);
    if (text !== '') trace({ direction, text });
  }
}

const now = (): number => performance.now();

/** RFC 8265, section 4.2: a password is an OpaqueString, as a resource is. What is none stays as it is. */
function prepared(password: string): string {
  const result = Jid.check(`a/${password}`);
  return result.ok ? result.jid.resource : password;
}
