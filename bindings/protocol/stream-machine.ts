/*
 * What both sides of a stream have in common (RFC 6120, sections 4.3 to 4.6 and 4.9): bytes become events
 * one at a time, TLS starts with nothing of what was there before, and the end comes once.
 *
 *     open ──► securing ──► open ──► closing ──► closed
 *      │           │                    ▲            ▲
 *      │           └────────────────────┼────────────┤   nothing can be said in a TLS handshake
 *      └───── an error, `close` ────────┘            │
 *      └───── the peer closed, the transport is gone ┘
 *
 * Invariants: a stream error is the last thing sent but for the closing tag. Nothing that arrived before
 * TLS is looked at after it. `ended` is given once, before or together with `close`, and `close` is the
 * last effect. While the stream is held, input is kept and not read.
 */
import type { Element } from '../element.js';
import type { Engine } from '../engine.js';
import { UsageError } from '../errors.js';
import type { Limits } from '../limits.js';
import { NS } from '../namespaces.js';
import type { StreamEvent } from '../stream-parser.js';
import { Deadlines } from './deadlines.js';
import type { Deadline } from './deadlines.js';
import type { Closing, CommonEffect, EndReason } from './effects.js';
import type { Framing } from './framing.js';
import type { TlsFacts } from './sasl/channel-binding.js';
import { streamError } from './stream-error.js';
import type { StreamCondition } from './stream-error.js';
import { StreamInput } from './stream-input.js';

export interface StreamMachineOptions {
  readonly framing: Framing;
  /** Whether the transport is encrypted from its start: direct TLS (XEP-0368), `wss:`. */
  readonly isEncrypted?: boolean;
  /** What the host knows of that TLS; what STARTTLS brings comes with `secured`. */
  readonly tlsFacts?: TlsFacts;
  /** From the first byte to a bound resource (30,000). */
  readonly negotiationMs?: number;
  /** From our closing tag to the peer's (2,000). */
  readonly closeMs?: number;
  readonly engine?: Engine;
}

/** What a peer may send ahead while the host answers a question. */
const maxBacklogBytes = 65_536;

/** `Question`: what a role asks its host; `Input`: the kinds of input that its table has columns for. */
export abstract class StreamMachine<Question, Input extends string> {
  protected readonly framing: Framing;
  protected now = 0;
  /** Whether what follows an element must be known to the byte: until negotiation is over. */
  protected isStepwise = true;
  readonly #settings: StreamMachineOptions;
  readonly #deadlines = new Deadlines();
  readonly #input: StreamInput;
  #state: 'open' | 'securing' | 'closing' | 'closed' = 'open';
  #effects: (CommonEffect | Question)[] = [];
  #announced: number | undefined;
  #token = 0;
  #isHeld = false;
  #isEncrypted: boolean;
  #isEnded = false;
  /** Of the peer, until somebody takes it. */
  #header: Element | undefined;

  constructor(options: StreamMachineOptions, limits: Limits) {
    this.#settings = options;
    this.framing = options.framing;
    this.#isEncrypted = options.isEncrypted ?? false;
    this.#input = new StreamInput(options.framing, limits, options.engine);
  }

  // What a role adds.

  protected abstract opened(): void;
  /** Which column of the role's table an element of the peer's is. */
  protected abstract inputOf(element: Element): Input;
  /**
   * What the role's table says of one input; `close` alone may have no element. Not called for parse errors, nor
   * once our side is closing.
   */
  protected abstract act(input: Input | 'header' | 'close', element: Element | undefined): void;
  protected abstract due(deadline: Exclude<Deadline, 'closing'>): void;
  /** TLS holds, and nothing is left of the stream before it. */
  protected abstract restarted(facts: TlsFacts | undefined): void;
  /** Sends the header of our direction where none was sent, since an error needs a stream. */
  protected abstract announce(): void;
  protected abstract isResumable(reason: EndReason): boolean;

  get isEncrypted(): boolean {
    return this.#isEncrypted;
  }

  /**
   * Where the core keeps the peer's stream, and the header that it began with: for a host that reads chunks
   * of stanzas there itself (`tercet/router`). The header is given once.
   *
   * @internal
   */
  takeOver(): { readonly place: StreamInput['place']; readonly header: Element | undefined } {
    const header = this.#header;
    this.#header = undefined;
    return { place: this.#input.place, header };
  }

  /** Whether anything can be sent: nobody has closed, and no TLS handshake is under way. */
  protected get isOpen(): boolean {
    return this.#state === 'open';
  }

  // What the host tells.

  /** The transport is there. */
  open(now: number): (CommonEffect | Question)[] {
    return this.perform(now, () => {
      this.setDeadline('negotiation', now + (this.#settings.negotiationMs ?? 30_000));
      this.opened();
    });
  }

  receive(chunk: Uint8Array, now: number): (CommonEffect | Question)[] {
    return this.perform(now, () => {
      if (this.#state === 'closed') return;
      if (this.#state === 'securing') {
        // In clear after <starttls/> or <proceed/>: somebody on the way may have put it there (5.4.3.3).
        this.end({ kind: 'error', condition: 'policy-violation', detail: 'bytes before TLS' });
        this.#finish();
        return;
      }
      this.#input.push(chunk);
      this.#read();
    });
  }

  /** TLS holds: the answer to `upgradeTls`. */
  secured(now: number, facts?: TlsFacts): (CommonEffect | Question)[] {
    return this.perform(now, () => {
      if (this.#state === 'closed') return;
      if (this.#state !== 'securing') throw new UsageError('no TLS upgrade is under way');
      this.#state = 'open';
      this.#isEncrypted = true;
      this.#input.forget();
      this.restarted(facts);
    });
  }

  /** The time of the last `timerSet` has come. Before that time, as timers may be, it is asked for again. */
  tick(now: number): (CommonEffect | Question)[] {
    return this.perform(now, () => {
      this.#announced = undefined;
      for (;;) {
        const deadline = this.#deadlines.take(now);
        if (!deadline) break;
        if (deadline === 'closing') this.#finish();
        else if (this.#state === 'securing') {
          this.end({ kind: 'disconnected' });
          this.#finish();
        } else this.due(deadline);
      }
      this.#announceDeadline();
    });
  }

  /** Ends the stream from our side, with an error or without. */
  close(closing: StreamCondition | Closing | undefined, now: number): (CommonEffect | Question)[] {
    const how: Closing = typeof closing === 'object' ? closing : { condition: closing };
    const isRedirected = how.elsewhere !== undefined && this.framing.canRedirect;
    const condition = how.condition ?? (how.elsewhere === undefined ? undefined : 'see-other-host');
    return this.perform(now, () => {
      if (this.#state === 'closing' || this.#state === 'closed') return;
      if (this.#state === 'securing') {
        this.end(condition ? { kind: 'error', condition, detail: 'by us' } : { kind: 'closed' });
        this.#finish();
      } else if (condition && !isRedirected) {
        this.fail(condition, 'by us', how);
      } else {
        this.announce();
        this.end(condition ? { kind: 'error', condition, detail: 'by us' } : { kind: 'closed' });
        this.sendClose(how.elsewhere);
      }
    });
  }

  /** The transport is gone. */
  disconnected(now: number): (CommonEffect | Question)[] {
    return this.perform(now, () => {
      if (this.#state === 'closed') return;
      this.end({ kind: 'disconnected' });
      this.#finish();
    });
  }

  // Input.

  /** Reads no further until the host has answered; the token for its answer. */
  protected hold(): number {
    this.#isHeld = true;
    this.#token += 1;
    return this.#token;
  }

  /** Whether this answers the question that is open; a late or wrong one is ignored. */
  protected isAwaited(token: number): boolean {
    return this.#state === 'open' && this.#isHeld && token === this.#token;
  }

  /** An answer has come: makes the change, then reads on unless there is another question. */
  protected release(now: number, token: number, change: () => void): (CommonEffect | Question)[] {
    return this.perform(now, () => {
      if (!this.isAwaited(token)) return;
      this.#isHeld = false;
      change();
      this.#read();
    });
  }

  /** Drops what was sent ahead; whether there was anything but white space. */
  protected dropAhead(): boolean {
    return this.#input.drop();
  }

  /** TLS starts after what was sent. */
  protected upgrade(): void {
    this.#state = 'securing';
    this.emit({ type: 'upgradeTls' });
  }

  /** Expects a new header, read with these limits (RFC 6120, section 4.3.3). */
  protected restart(limits: Limits): void {
    this.#input.restart(limits);
  }

  /** Goes on in the same stream, which began with this header, with other limits. */
  protected widen(limits: Limits, header: Element | undefined): void {
    this.#input.widen(limits, header);
  }

  /** Where the peer's closing, which was just read, says to go. */
  protected redirection(): string | undefined {
    return this.#input.redirection;
  }

  /** Takes what has arrived, an event at a time, until an answer must be awaited. */
  #read(): void {
    while (this.#isReading) {
      const event = this.#input.next(this.isStepwise);
      if (!event) return;
      this.#act(event);
    }
    if (this.#input.backlogLength > maxBacklogBytes) {
      this.fail('policy-violation', 'too much sent ahead');
    }
  }

  get #isReading(): boolean {
    return this.#state === 'closing' || (this.#state === 'open' && !this.#isHeld);
  }

  #act(event: StreamEvent): void {
    if (event.type === 'open') this.#header = event.header;
    if (event.type === 'error') {
      this.fail(event.error.condition, event.error.code);
      this.#finish();
    } else if (this.#state !== 'closing') this.#take(event);
    else if (event.type === 'close') this.#finish();
  }

  #take(event: Exclude<StreamEvent, { type: 'error' }>): void {
    switch (event.type) {
      case 'open':
        return this.act('header', event.header);
      case 'close':
        return this.act('close', undefined);
      case 'stanza':
        return this.act(this.inputOf(event.stanza), event.stanza);
    }
  }

  // The end.

  /** A stream error: a header if there was none, the error, the closing tag (RFC 6120, section 4.9.1). */
  protected fail(condition: StreamCondition, detail: string, how: Closing = {}): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.announce();
    const { text, elsewhere: host, application } = how;
    this.sendElement(streamError(condition, { text, host, application }));
    this.end({ kind: 'error', condition, detail });
    this.sendClose();
  }

  protected end(reason: EndReason): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.emit({ type: 'ended', reason, isResumable: this.isResumable(reason) });
  }

  /** Our closing tag; then the peer has a little time for its own. */
  protected sendClose(elsewhere?: string): void {
    this.send(this.framing.close(elsewhere));
    this.#state = 'closing';
    this.#deadlines.clear();
    this.setDeadline('closing', this.now + (this.#settings.closeMs ?? 2000));
  }

  /** The peer has ended its direction, with an error or without: so do we. */
  protected peerClosed(reason: EndReason): void {
    this.end(reason);
    this.send(this.framing.close());
    this.#finish();
  }

  #finish(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#input.close();
    this.#deadlines.clear();
    this.#announceDeadline();
    this.emit({ type: 'close' });
  }

  // Output.

  protected perform(now: number, change: () => void): (CommonEffect | Question)[] {
    this.now = now;
    change();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  protected emit(effect: CommonEffect | Question): void {
    this.#effects.push(effect);
  }

  protected send(bytes: Uint8Array): void {
    this.emit({ type: 'send', bytes });
  }

  protected sendElement(element: Element): void {
    this.send(element.toBytes(this.framing.scope(NS.client)));
  }

  protected setDeadline(kind: Deadline, at: number | undefined): void {
    this.#deadlines.set(kind, at);
    this.#announceDeadline();
  }

  protected isDeadlineSet(kind: Deadline): boolean {
    return this.#deadlines.isSet(kind);
  }

  #announceDeadline(): void {
    const { next } = this.#deadlines;
    if (next === this.#announced) return;
    this.#announced = next;
    this.emit({ type: 'timerSet', at: next });
  }
}
