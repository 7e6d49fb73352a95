/*
 * A bound stream on either side: stanzas are counted and acknowledged (XEP-0198), a silent peer is asked
 * for a sign of life and given up (RFC 6120, section 4.6).
 *
 *     the peer sends    stanza      handled count + 1
 *                       <r/>        effect `ack`; the host says when all is safe; <a h='handled'/>
 *                       <a h=''/>   effect `acked` with what leaves the queue
 *                       nothing     after a while <r/>, a ping (XEP-0199) or white space; then
 *                                   `connection-timeout`
 *     we send           stanza      kept until acknowledged; after some of them, or a moment, <r/>
 *
 * Any byte is a sign of life. One question is open at a time. White space asks nothing: it only keeps the
 * way open, and the transport notices where nobody takes it.
 */
import type { Element } from '../element.js';
import { UsageError } from '../errors.js';
import type { Limits } from '../limits.js';
import { NS } from '../namespaces.js';
import type { Deadline } from './deadlines.js';
import type { CommonEffect, EndReason } from './effects.js';
import { readCount, writeAck, writeCountTooHigh, writeRequest } from './management-elements.js';
import type { StreamCondition } from './stream-error.js';
import type { StreamManagement } from './stream-management.js';
import { StreamMachine } from './stream-machine.js';
import type { StreamMachineOptions } from './stream-machine.js';

export interface LivenessOptions {
  /** Silence after which the peer is asked. */
  readonly pingMs: number;
  /** How long it has for an answer. */
  readonly timeoutMs: number;
  /** What it is asked with; white space is never answered, and never sent over WebSocket. */
  readonly probe?: 'ping' | 'white-space';
}

export interface ManagedStreamOptions extends StreamMachineOptions {
  /** Absent: a bound stream may be silent for ever. */
  readonly liveness?: LivenessOptions;
}

/** Ends after which a session may go on: the peer did nothing wrong and did not say goodbye. */
const resumableErrors: ReadonlySet<StreamCondition> = new Set([
  'connection-timeout',
  'reset',
  'resource-constraint',
  'see-other-host',
  'system-shutdown',
]);

const nothing: never[] = [];
const space = new Uint8Array([0x20]);

export abstract class ManagedStream<Question, Input extends string> extends StreamMachine<
  Question,
  Input
> {
  readonly #liveness: LivenessOptions | undefined;
  #management: StreamManagement | undefined;
  #isBound = false;
  #isOverfull = false;
  #receivedAt = 0;
  #isProbed = false;
  #pingId = '';
  #pingCount = 0;

  constructor(options: ManagedStreamOptions, limits: Limits) {
    super(options, limits);
    this.#liveness = options.liveness;
  }

  get isBound(): boolean {
    return this.#isBound;
  }

  /** The account of the session, once stream management is enabled; it outlives the stream. */
  get management(): StreamManagement | undefined {
    return this.#management;
  }

  /** A ping to the peer, in the names of this stream. */
  protected abstract ping(id: string): Element;

  // What the host tells.

  override receive(chunk: Uint8Array, now: number): (CommonEffect | Question)[] {
    this.#receivedAt = now;
    this.#isProbed = false;
    return super.receive(chunk, now);
  }

  /**
   * The bytes of a stanza go to the peer, by the host: they are counted and kept until acknowledged. `tag`
   * comes back with them.
   */
  sent(bytes: Uint8Array, tag = 0): void {
    if (this.#management && !this.#management.push(bytes, tag)) this.#isOverfull = true;
  }

  /** What was queued is about to be written: asks for an acknowledgement where one is due. */
  flushing(now: number): (CommonEffect | Question)[] {
    if (!this.#isBound || !this.isOpen || !this.#management) return nothing;
    const { request } = this.#management;
    const isDue = request === 'now' || (request === 'later' && !this.isDeadlineSet('request'));
    return isDue || this.#isOverfull ? this.perform(now, () => this.#ask(request)) : nothing;
  }

  /**
   * Sends a stanza, for hosts that do not write bytes themselves. After the end it is kept for the stream
   * that resumes the session; throws UsageError before binding, and where there is no such session.
   */
  write(stanza: Element, now: number, tag = 0): (CommonEffect | Question)[] {
    return this.perform(now, () => {
      if (!this.#isBound) throw new UsageError('nothing can be sent before the stream is bound');
      if (!this.isOpen) {
        if (!this.#management?.id) throw new UsageError('nothing can be sent after the end');
        return this.sent(stanza.toBytes(this.framing.scope(NS.client)), tag);
      }
      this.sendStanza(stanza, tag);
      if (this.#management) this.#ask(this.#management.request);
    });
  }

  /** The host has read stanzas itself and taken them over. */
  received(count: number, now: number): void {
    this.#receivedAt = now;
    this.#isProbed = false;
    this.#management?.receive(count);
  }

  /** The host has read an element itself that is no stanza. */
  took(element: Element, now: number): (CommonEffect | Question)[] {
    if (!this.isOpen) return nothing;
    return this.perform(now, () => this.act(this.inputOf(element), element));
  }

  /**
   * The answer to `ack`: everything up to `h` is safe. The machine may be ahead of its host: where the end
   * came in the same chunk, this still belongs before it, and the host puts it there.
   */
  acknowledge(h: number, now: number): (CommonEffect | Question)[] {
    if (!this.#isBound || !this.#management) return [];
    return this.perform(now, () => this.sendElement(writeAck(h)));
  }

  /** Takes the session away, for another stream to go on with: this one can only be closed. */
  detach(): StreamManagement | undefined {
    const management = this.#management;
    this.#management = undefined;
    return management;
  }

  // What a role does.

  protected bound(): void {
    this.#isBound = true;
    this.isStepwise = false;
    this.setDeadline('negotiation', undefined);
    if (this.#liveness) this.setDeadline('liveness', this.now + this.#liveness.pingMs);
  }

  protected manage(management: StreamManagement): void {
    this.#management = management;
  }

  /**
   * Goes on with an earlier session whose peer has handled `h`: says so where there is something to say,
   * then sends again what the peer lacks.
   */
  protected goOn(management: StreamManagement, h: number, welcome: readonly Element[]): void {
    this.#management = management;
    this.bound();
    const acked = management.acknowledge(h);
    if (!acked) return this.#failCount(management, h);
    management.resumed(this.framing.scope(NS.client));
    for (const element of welcome) this.sendElement(element);
    if (acked.length > 0) this.emit({ type: 'acked', stanzas: acked });
    for (const { bytes } of management.unacked) this.send(bytes);
    this.#ask(management.request);
  }

  /** A stanza has come: it counts, and is passed on unless it is the answer to our own ping. */
  protected pass(stanza: Element): void {
    this.#management?.receive();
    if (this.#pingId !== '' && isAnswer(stanza, this.#pingId)) this.#pingId = '';
    else this.emit({ type: 'stanza', stanza });
  }

  /** <r/> has come. */
  protected answerRequest(): void {
    if (this.#management) this.emit({ type: 'ack', h: this.#management.handledCount });
    else this.fail('unsupported-stanza-type', 'stream management is not enabled');
  }

  /** <a/> has come. */
  protected noteAck(element: Element): void {
    const management = this.#management;
    const h = readCount(element.attr('h'));
    if (!management) this.fail('unsupported-stanza-type', 'stream management is not enabled');
    else if (h === undefined) this.fail('bad-format', 'an acknowledgement without a count');
    else {
      const stanzas = management.acknowledge(h);
      if (!stanzas) this.#failCount(management, h);
      else if (stanzas.length > 0) this.emit({ type: 'acked', stanzas });
    }
  }

  /** A stanza of the machine's own, counted like any other. */
  protected sendStanza(stanza: Element, tag = 0): void {
    const bytes = stanza.toBytes(this.framing.scope(NS.client));
    this.sent(bytes, tag);
    this.send(bytes);
  }

  protected due(deadline: Exclude<Deadline, 'closing'>): void {
    if (deadline === 'negotiation') this.fail('connection-timeout', 'negotiation took too long');
    else if (deadline === 'request')
      this.#ask(this.#management?.request === 'none' ? 'none' : 'now');
    else this.#checkLiveness();
  }

  protected override isResumable(reason: EndReason): boolean {
    if (!this.#management?.id || this.#isOverfull) return false;
    if (reason.kind === 'error') return resumableErrors.has(reason.condition);
    return reason.kind === 'disconnected';
  }

  #ask(request: StreamManagement['request']): void {
    if (this.#isOverfull) {
      this.fail('policy-violation', 'too many stanzas without acknowledgement');
    } else if (request === 'now') {
      this.setDeadline('request', undefined);
      this.#management?.requested();
      this.sendElement(writeRequest());
    } else if (request === 'later' && !this.isDeadlineSet('request')) {
      this.setDeadline('request', this.now + (this.#management?.requestMs ?? 0));
    }
  }

  #checkLiveness(): void {
    const liveness = this.#liveness;
    if (!liveness) return;
    const { pingMs, timeoutMs } = liveness;
    if (this.#isProbed) return this.fail('connection-timeout', 'no sign of life');
    const silentUntil = this.#receivedAt + pingMs;
    if (silentUntil > this.now) return this.setDeadline('liveness', silentUntil);
    this.#isProbed = this.#probe(liveness.probe);
    this.setDeadline('liveness', this.now + (this.#isProbed ? timeoutMs : pingMs));
  }

  /** Whether an answer is to be expected. */
  #probe(probe: LivenessOptions['probe']): boolean {
    if (this.#management) {
      this.#management.requested();
      this.sendElement(writeRequest());
      return true;
    }
    if (probe === 'white-space' && this.framing.name === 'stream') {
      this.send(space);
      return false;
    }
    this.#pingCount += 1;
    this.#pingId = `ping-${this.#pingCount}`;
    this.sendStanza(this.ping(this.#pingId));
    return true;
  }

  #failCount(management: StreamManagement, h: number): void {
    const application = writeCountTooHigh(h, management.sentCount);
    this.fail('undefined-condition', 'more acknowledged than sent', { application });
  }
}

const isAnswer = (stanza: Element, id: string): boolean =>
  stanza.name === 'iq' &&
  stanza.attr('id') === id &&
  (stanza.attr('type') === 'result' || stanza.attr('type') === 'error');
