/*
 * The client's side of its stream, from the first byte to the last (RFC 6120, sections 4 to 7; RFC 7395;
 * XEP-0198; XEP-0388): header, STARTTLS, SASL, then a session, resumed or new.
 *
 * What the server may say when is the table of client-gates.ts. This file is what its actions do before a
 * session begins; client-binding.ts begins it, managed-stream.ts has it, stream-machine.ts reads and ends.
 *
 * Sans-I/O: bytes, the time and results of effects come in, effects go out (effects.ts). Finding the
 * server, checking its certificate and connecting again are the host's.
 *
 * Invariants: without TLS nothing is negotiated where TLS is required; a success that the server's
 * signature does not prove is none; nothing sent behind <proceed/> in clear is looked at.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import type { Limits } from '../limits.js';
import { NS } from '../namespaces.js';
import { ClientAuthentication } from './client-authentication.js';
import { ClientBinding } from './client-binding.js';
import type { ClientBindingOptions } from './client-binding.js';
import { clientGates, clientInput } from './client-gates.js';
import type { ClientInput } from './client-gates.js';
import type { ClientEffect } from './effects.js';
import { conditionElement, wordsOf } from './error-element.js';
import { encodeBase64 } from './sasl/base64.js';
import { orderedBindings } from './sasl/channel-binding.js';
import type { TlsFacts } from './sasl/channel-binding.js';
import type { ClientStep, ProofAnswer } from './sasl/client-mechanism.js';
import { mechanismNames } from './sasl/negotiation.js';
import type { MechanismName } from './sasl/negotiation.js';

export interface ClientStreamOptions extends ClientBindingOptions {
  /** The localpart of the account; absent with ANONYMOUS and EXTERNAL. */
  readonly username?: string;
  /** Bytes that cannot be guessed, for SCRAM nonces. */
  readonly random: (byteCount: number) => Uint8Array;
  /** STARTTLS: required (the default); taken where it is offered; never. */
  readonly tls?: 'required' | 'offered' | 'never';
  /** Acceptable mechanisms, best first. Leave out what a server that had better ones may not fall back to. */
  readonly mechanisms?: readonly MechanismName[];
  /** Whether PLAIN may be used without TLS; false by default. */
  readonly isPlainAllowedInClear?: boolean;
  /** Whether SASL2 is used where it is offered; true by default. */
  readonly hasSasl2?: boolean;
  /** Names this installation, always the same, for SASL2. */
  readonly clientId?: string;
  /** The language of what people here read. */
  readonly lang?: string;
  readonly limits?: Limits;
}

/**
 * A client's stream on the client's side: RFC 6120, sections 4 to 7, and what is around them.
 *
 *     const stream = new ClientStream({ framing: tcpFraming, domain: 'example.com', username, random });
 *     stream.open(now);              // [{ type: 'timerSet', at }, { type: 'send', bytes }]
 *     stream.receive(bytes, now);    // in the end: [{ type: 'ready', jid, isResumed: false }]
 *     stream.write(xml('presence', { xmlns: NS.client }), now);    // [{ type: 'send', bytes }]
 *
 * Times are milliseconds. Throws UsageError without a domain, for `write` before `ready`, and for `secured`
 * where TLS was not asked for; never for what the server sends.
 */
export class ClientStream extends ClientBinding {
  readonly #options: ClientStreamOptions;
  readonly #authentication: ClientAuthentication;
  #facts: TlsFacts | undefined;
  #isAuthenticated = false;

  constructor(options: ClientStreamOptions) {
    super(options, options.limits ?? {});
    const { username = '', random, hasSasl2 = true } = options;
    if (options.domain === '') throw new UsageError('a client stream needs a domain');
    this.#options = options;
    this.#facts = options.tlsFacts;
    const nonce = (): string => encodeBase64(random(18));
    this.#authentication = new ClientAuthentication({ username, nonce, hasSasl2 });
  }

  /** The mechanism that was used, '' before: a host may insist on its like the next time. */
  get mechanism(): string {
    return this.#authentication.mechanism;
  }

  /** The answer to a `proof`. */
  answerProof(token: number, answer: ProofAnswer, now: number): ClientEffect[] {
    return this.release(now, token, () => this.#step(this.#authentication.answer(answer)));
  }

  // What the server sends.

  protected opened(): void {
    this.#open();
  }

  protected restarted(facts: TlsFacts | undefined): void {
    this.#facts = facts;
    this.#open();
  }

  protected inputOf(element: Element): ClientInput {
    return clientInput(element);
  }

  protected act(input: ClientInput, element: Element | undefined): void {
    const action = clientGates[this.phase][input];
    if (action === 'finish') return this.#peerEnded(element);
    if (action === 'early') return this.fail('bad-format', 'an element before the stream header');
    if (!element) return;
    switch (action) {
      case 'meet':
        return this.#meet(element);
      case 'choose':
        return this.#choose(element);
      case 'learn':
        this.features = element;
        return;
      case 'secure':
        return this.#secure();
      case 'insecure':
        return this.giveUp('tls', 'tls-failure');
      case 'respond':
        return this.#step(this.#authentication.challenge(element));
      case 'enter':
        return this.#enter(element);
      case 'retry':
        return this.#retry(element);
      case 'goOn':
        return this.resumed(element);
      case 'startOver':
        this.lose(element);
        return this.begin();
      case 'manage':
        return this.enabled(element);
      case 'goWithout':
        return this.goWithout();
      case 'bind':
        return this.answered(element);
      case 'pass':
        return this.pass(element);
      case 'answer':
        return this.answerRequest();
      case 'note':
        return this.noteAck(element);
      case 'unauthorized':
        return this.fail('not-authorized', 'a stanza before authentication');
      case 'unsupported':
        return this.fail('unsupported-stanza-type', 'an element that was not asked for');
    }
  }

  // Actions.

  #open(): void {
    const { username, domain, lang } = this.#options;
    // Who is connecting is nobody's business in clear (RFC 6120, section 4.7.1).
    const from = this.isEncrypted && username ? `${username}@${domain}` : undefined;
    this.phase = 'opening';
    this.send(this.framing.open({ from, to: domain, version: '1.0', lang }, NS.client));
  }

  #meet(header: Element): void {
    const condition =
      this.framing.checkHeader(header, NS.client) ??
      (isFrom(header, this.#options.domain) ? undefined : 'invalid-from') ??
      (/^[1-9][0-9]*\.[0-9]+$/.test(header.attr('version') ?? '')
        ? undefined
        : 'unsupported-version');
    if (condition) return this.fail(condition, 'the stream header');
    this.phase = 'offered';
  }

  #choose(features: Element): void {
    this.features = features;
    if (this.jid !== '') return this.enable();
    if (this.#isAuthenticated) return this.begin();
    const { tls = 'required' } = this.#options;
    if (this.framing.hasStartTls && !this.isEncrypted && tls !== 'never') {
      if (features.child('starttls', NS.tls)) {
        this.phase = 'securing';
        return this.sendElement(xml('starttls', { xmlns: NS.tls }));
      }
    }
    if (tls === 'required' && !this.isEncrypted) return this.giveUp('tls', 'unsupported-feature');
    this.#authenticate(features);
  }

  #secure(): void {
    if (this.dropAhead()) return this.fail('policy-violation', 'bytes after proceed');
    this.upgrade();
  }

  #authenticate(features: Element): void {
    const { mechanisms = mechanismNames, isPlainAllowedInClear = false } = this.#options;
    const { clientId } = this.#options;
    const policy = {
      accepted: mechanisms,
      channelBindings: orderedBindings(this.#facts),
      isPlainAllowed: this.isEncrypted || isPlainAllowedInClear,
    };
    const step = this.#authentication.begin(features, policy, (offer) => ({
      clientId,
      ...this.inline(offer),
    }));
    if (!step) return this.giveUp('authentication', 'invalid-mechanism');
    this.phase = 'authenticating';
    this.#step(step);
  }

  #step(step: ClientStep): void {
    switch (step.type) {
      case 'ask':
        return this.emit({ type: 'proof', token: this.hold(), question: step.question });
      case 'respond':
        return this.sendElement(this.#authentication.write(step.data));
      case 'fail':
        return this.giveUp('authentication', 'aborted');
    }
  }

  #enter(element: Element): void {
    const success = this.#authentication.success(element);
    // A server that does not know the account either (RFC 5802, section 5).
    if (!success) return this.giveUp('authentication', 'server-not-authenticated');
    this.#isAuthenticated = true;
    if (!this.#authentication.isSasl2) {
      this.restart(this.#options.limits ?? {});
      return this.#open();
    }
    const { address = '', resumed, bound, failed } = success;
    if (resumed) return this.resumed(resumed);
    if (failed) this.lose(failed);
    if (bound) this.admitted(address, bound);
    this.phase = 'offered';
  }

  #retry(element: Element): void {
    const step = this.#authentication.retry(element);
    if (step.type !== 'over') return this.#step(step);
    this.giveUp('authentication', step.condition, step);
  }

  #peerEnded(error: Element | undefined): void {
    const named = conditionElement(error, NS.streamErrors);
    const elsewhere = error ? named?.text : this.redirection();
    if (!error && elsewhere === undefined) return this.peerClosed({ kind: 'closed' });
    const condition = named?.name ?? (error ? 'undefined-condition' : 'see-other-host');
    const isElsewhere = condition === 'see-other-host' && !!elsewhere;
    const text = wordsOf(error);
    this.peerClosed({
      kind: 'peer-error',
      condition,
      ...(text !== '' && { text }),
      ...(isElsewhere && { elsewhere }),
    });
  }

  protected announce(): void {
    // Our header is the first thing that is sent.
  }
}

/** A server may leave its name out; another one than was asked for is somebody else. */
function isFrom(header: Element, domain: string): boolean {
  const from = header.attr('from');
  if (from === undefined) return true;
  const checked = Jid.check(from);
  return checked.ok && checked.jid.toString() === domain;
}
