/*
 * The server's side of a client's stream, from the first byte to the last (RFC 6120, sections 4 to 7;
 * RFC 7395; XEP-0198): header, STARTTLS, SASL, resource binding or resumption, then stanzas.
 *
 * What is possible when is the table of server-gates.ts; what comes after binding is managed-stream.ts;
 * input, TLS and the end are stream-machine.ts. This file is what the actions of the table do.
 *
 * Sans-I/O: bytes, the time and results of effects come in, effects go out (effects.ts). The machine
 * knows nothing about other streams and nothing about a bound stanza but that it is one.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import type { Limits } from '../limits.js';
import { NS } from '../namespaces.js';
import type { StreamEvent } from '../stream-parser.js';
import { bindResult, isBindRequest, requestedResource } from './bind.js';
import type { BindAnswer, EnableAnswer, ResumeAnswer, StreamEffect } from './effects.js';
import { streamFeatures } from './features.js';
import { judgeHeader } from './header.js';
import { ManagedStream } from './managed-stream.js';
import type { ManagedStreamOptions } from './managed-stream.js';
import {
  readEnable,
  readResume,
  writeEnabled,
  writeFailed,
  writeResumed,
} from './management-elements.js';
import { encodeBase64 } from './sasl/base64.js';
import { readAuth, readData, writeChallenge, writeFailure, writeSuccess } from './sasl/classic.js';
import type { AuthAnswer, SaslStep } from './sasl/mechanism.js';
import { mechanismNames, SaslServer } from './sasl/negotiation.js';
import type { MechanismName } from './sasl/negotiation.js';
import { serverGates, serverInput } from './server-gates.js';
import type { ServerInput, ServerPhase } from './server-gates.js';
import { checkStanza, stanzaKind } from './stanza-check.js';
import { errorReply } from './stanza-error.js';
import { StreamManagement } from './stream-management.js';
import type { ManagementLimits } from './stream-management.js';

export interface ServerStreamOptions extends ManagedStreamOptions {
  /** Domains served here, in canonical form; the first is the default. */
  readonly domains: readonly string[];
  /** Bytes that cannot be guessed, for stream ids and SCRAM nonces. */
  readonly random: (byteCount: number) => Uint8Array;
  /**
   * STARTTLS: none; offered; required before anything else. Without meaning where the transport is
   * encrypted already.
   */
  readonly tls?: 'none' | 'offered' | 'required';
  readonly mechanisms?: readonly MechanismName[];
  readonly limits?: {
    readonly beforeAuth?: Limits;
    readonly afterAuth?: Limits;
  };
  /** SASL attempts a connection, 2 to 5. */
  readonly maxAuthAttempts?: number;
  /** Stream management, with its limits; absent: none. */
  readonly management?: ManagementLimits;
  /** Features of extensions for authenticated streams. */
  readonly extensions?: readonly Element[];
}

/** RFC 6120 wants at least 10,000 bytes a stanza; before authentication nobody needs more. */
export const limitsBeforeAuth = {
  maxStanzaBytes: 10_000,
  maxDepth: 32,
  maxAttributes: 32,
  maxChildren: 256,
  maxNameBytes: 256,
  maxNamespaces: 32,
} as const satisfies Limits;

export const limitsAfterAuth = {
  maxStanzaBytes: 262_144,
  maxDepth: 256,
  maxAttributes: 256,
  maxChildren: 65_536,
  maxNameBytes: 1024,
  maxNamespaces: 256,
} as const satisfies Limits;

export class ServerStream extends ManagedStream {
  readonly #options: ServerStreamOptions;
  readonly #sasl: SaslServer;
  #phase: ServerPhase = 'header';
  #local: string | undefined;
  #domain: string;
  #resource = '';
  #lang = '';
  /** The request that the host was asked about. */
  #request: Element | undefined;

  constructor(options: ServerStreamOptions) {
    const { domains, maxAuthAttempts = 5, mechanisms = mechanismNames } = options;
    const domain = domains.at(0);
    if (domain === undefined) throw new UsageError('a server stream needs a domain');
    if (maxAuthAttempts < 2 || maxAuthAttempts > 5) {
      throw new UsageError('maxAuthAttempts is 2 to 5 (RFC 6120, section 6.4.5)');
    }
    super(options, options.limits?.beforeAuth ?? limitsBeforeAuth);
    this.#options = options;
    this.#domain = domain;
    this.#sasl = new SaslServer({
      mechanisms,
      maxAttempts: maxAuthAttempts,
      nonce: () => encodeBase64(options.random(18)),
    });
  }

  /** The language that stanzas inherit from the client's header; '' when it named none. */
  get lang(): string {
    return this.#lang;
  }

  // What the host answers.

  /** The answer to an `authCheck`. A late one, after the stream has ended, is ignored. */
  answerAuth(token: number, answer: AuthAnswer, now: number): StreamEffect[] {
    return this.release(now, token, () => this.#step(this.#sasl.answer(answer)));
  }

  /** The answer to a `bind`. */
  answerBind(token: number, answer: BindAnswer, now: number): StreamEffect[] {
    return this.release(now, token, () => {
      const request = this.#takeRequest();
      if (answer.kind === 'refused') {
        const reply = errorReply(request, answer.condition);
        if (reply) this.sendElement(reply);
        return;
      }
      this.#resource = answer.resource;
      this.#phase = 'bound';
      this.sendElement(bindResult(request, this.#address));
      this.bound();
    });
  }

  /** The answer to an `enable`. */
  answerEnable(token: number, answer: EnableAnswer, now: number): StreamEffect[] {
    return this.release(now, token, () => {
      this.#takeRequest();
      if (answer.kind === 'refused') return this.sendElement(writeFailed(answer.condition));
      const { id = '', maxSeconds = 0, location } = answer;
      const scope = this.framing.scope(NS.client);
      this.manage(new StreamManagement({ ...this.#options.management, id, maxSeconds, scope }));
      this.sendElement(writeEnabled(id, answer.maxSeconds, location));
    });
  }

  /** The answer to a `resume`. */
  answerResume(token: number, answer: ResumeAnswer, now: number): StreamEffect[] {
    return this.release(now, token, () => {
      const wanted = readResume(this.#takeRequest());
      if (answer.kind === 'refused') {
        return this.sendElement(writeFailed(answer.condition, answer.h));
      }
      const { management } = answer;
      this.#phase = 'bound';
      const resumed = writeResumed(management.id, management.handledCount);
      this.goOn(management, wanted?.h ?? 0, resumed);
    });
  }

  // What the client sends.

  protected opened(): void {
    // The client speaks first.
  }

  protected restarted(): void {
    this.#phase = 'header';
  }

  protected take(event: Exclude<StreamEvent, { type: 'error' }>): void {
    switch (event.type) {
      case 'open':
        return this.#act('header', event.header);
      case 'close':
        return this.#act('close', undefined);
      case 'stanza':
        return this.#act(serverInput(event.stanza), event.stanza);
    }
  }

  #act(input: 'close', element: undefined): void;
  #act(input: ServerInput, element: Element): void;
  #act(input: ServerInput, element: Element | undefined): void {
    const action = serverGates[this.#phase][input];
    if (action === 'finish') return this.#peerEnded(element);
    if (action === 'early') return this.fail('bad-format', 'an element before the stream header');
    if (!element) return;
    switch (action) {
      case 'greet':
        return this.#greet(element);
      case 'secure':
        return this.#secure();
      case 'authenticate':
        return this.#authenticate(element);
      case 'respond':
        return this.#respond(element);
      case 'abort':
        return this.#step(this.#sasl.fail('aborted'));
      case 'bind':
        return this.#bind(element);
      case 'pass':
        return this.pass(element);
      case 'enable':
        return this.#enable(element);
      case 'resume':
        return this.#resume(element);
      case 'answer':
        return this.answerRequest();
      case 'note':
        return this.noteAck(element);
      case 'misplaced':
        return this.sendElement(writeFailed('unexpected-request'));
      case 'unauthorized':
        return this.fail('not-authorized', 'a stanza before authentication');
      case 'unsupported':
        return this.fail('unsupported-stanza-type', 'an element that was not negotiated');
    }
  }

  // Actions.

  #greet(header: Element): void {
    const verdict = this.#judge(header);
    this.#domain = verdict.domain;
    this.#lang = verdict.lang;
    this.send(this.framing.open(verdict.reply, NS.client));
    this.#phase = this.#local === undefined ? 'negotiating' : 'unbound';
    if (verdict.error) return this.fail(verdict.error, 'the stream header');
    this.sendElement(
      streamFeatures({
        startTls: this.#startTls,
        mechanisms: this.#options.mechanisms ?? mechanismNames,
        isAuthenticated: this.#local !== undefined,
        hasManagement: this.#options.management !== undefined,
        maxStanzaBytes: this.#limits.maxStanzaBytes ?? limitsAfterAuth.maxStanzaBytes,
        extensions: this.#options.extensions ?? [],
      }),
    );
  }

  #secure(): void {
    if (this.#startTls === 'absent') {
      this.sendElement(xml('failure', { xmlns: NS.tls }));
      this.end({ kind: 'error', condition: 'policy-violation', detail: 'TLS is not available' });
      return this.sendClose();
    }
    // White space is no command; Go's clients send a line feed (section 5.3.3 forbids it).
    if (this.dropAhead()) return this.fail('policy-violation', 'bytes after starttls');
    this.sendElement(xml('proceed', { xmlns: NS.tls }));
    this.upgrade();
  }

  #authenticate(auth: Element): void {
    if (this.#startTls === 'required') return this.#step(this.#sasl.fail('encryption-required'));
    const request = readAuth(auth);
    this.#step(
      typeof request === 'string'
        ? this.#sasl.fail(request)
        : this.#sasl.start(request.mechanism, request.initial),
    );
  }

  #respond(response: Element): void {
    const data = readData(response);
    this.#step(data ? this.#sasl.respond(data) : this.#sasl.fail('incorrect-encoding'));
  }

  #step(step: SaslStep): void {
    switch (step.type) {
      case 'challenge':
        this.#phase = 'challenged';
        return this.sendElement(writeChallenge(step.data));
      case 'check':
        return this.emit({ type: 'authCheck', token: this.hold(), question: step.question });
      case 'failure':
        this.#phase = 'negotiating';
        this.sendElement(writeFailure(step.condition));
        if (this.#sasl.isExhausted) this.fail('policy-violation', 'too many failed attempts');
        return;
      case 'success':
        if (!this.#mayActAs(step.authzid, step.local)) {
          return this.#step(this.#sasl.fail('invalid-authzid'));
        }
        this.#local = step.local;
        this.sendElement(writeSuccess(step.data));
        // The parser starts afresh, with room for real stanzas (RFC 6120, sections 6.4.6 and 13.12).
        this.#phase = 'header';
        this.restart(this.#limits);
    }
  }

  #bind(stanza: Element): void {
    const kind = stanzaKind(stanza, NS.client);
    // To anybody else nothing may be sent yet (RFC 6120, section 7.1).
    if (kind !== 'iq' || !this.#isOwnAddress(stanza.attr('to'))) {
      return this.fail('not-authorized', 'a stanza before binding');
    }
    const condition =
      checkStanza(stanza, kind) ?? (isBindRequest(stanza) ? undefined : 'not-authorized');
    if (condition) {
      const reply = errorReply(stanza, condition);
      if (reply) this.sendElement(reply);
      return;
    }
    this.emit({
      type: 'bind',
      token: this.#ask(stanza),
      local: this.#local ?? '',
      domain: this.#domain,
      resource: requestedResource(stanza),
    });
  }

  #enable(element: Element): void {
    if (this.management) return this.fail('policy-violation', 'stream management enabled twice');
    if (!this.#options.management) return this.sendElement(writeFailed('feature-not-implemented'));
    this.emit({ type: 'enable', token: this.#ask(element), ...readEnable(element) });
  }

  #resume(element: Element): void {
    const wanted = readResume(element);
    if (!this.#options.management) return this.sendElement(writeFailed('feature-not-implemented'));
    if (!wanted) return this.sendElement(writeFailed('bad-request'));
    const { id, h } = wanted;
    const token = this.#ask(element);
    this.emit({ type: 'resume', token, local: this.#local ?? '', domain: this.#domain, id, h });
  }

  #peerEnded(error: Element | undefined): void {
    const condition = error?.child()?.name ?? 'undefined-condition';
    this.peerClosed(error ? { kind: 'peer-error', condition } : { kind: 'closed' });
  }

  // Small things.

  protected announce(): void {
    if (this.#phase === 'header') this.send(this.framing.open(this.#judge().reply, NS.client));
  }

  protected ping(id: string): Element {
    const to = this.#resource === '' ? undefined : this.#address;
    return xml(
      'iq',
      { xmlns: NS.client, type: 'get', id, from: this.#domain, to },
      xml('ping', { xmlns: NS.ping }),
    );
  }

  #ask(request: Element): number {
    this.#request = request;
    return this.hold();
  }

  #takeRequest(): Element {
    const request = this.#request;
    this.#request = undefined;
    if (!request) throw new UsageError('an answer to a question that was not asked');
    return request;
  }

  get #address(): string {
    return `${this.#local ?? ''}@${this.#domain}/${this.#resource}`;
  }

  get #startTls(): 'absent' | 'optional' | 'required' {
    const { tls = 'none' } = this.#options;
    if (!this.framing.hasStartTls || this.isEncrypted || tls === 'none') return 'absent';
    return tls === 'required' ? 'required' : 'optional';
  }

  get #limits(): Limits {
    const { beforeAuth = limitsBeforeAuth, afterAuth = limitsAfterAuth } =
      this.#options.limits ?? {};
    return this.#local === undefined ? beforeAuth : afterAuth;
  }

  #judge(header?: Element): ReturnType<typeof judgeHeader> {
    return judgeHeader(header, {
      framing: this.framing,
      contentNamespace: NS.client,
      // After authentication the account's domain is the only one that is left.
      domains: this.#local === undefined ? this.#options.domains : [this.#domain],
      id: encodeBase64(this.#options.random(15)),
      lang: 'en',
    });
  }

  #mayActAs(authzid: string, local: string): boolean {
    if (authzid === '') return true;
    const checked = Jid.check(authzid);
    return checked.ok && checked.jid.toString() === `${local}@${this.#domain}`;
  }

  #isOwnAddress(to: string | undefined): boolean {
    if (to === undefined) return true;
    const checked = Jid.check(to);
    if (!checked.ok) return false;
    const address = checked.jid.toString();
    return address === this.#domain || address === `${this.#local ?? ''}@${this.#domain}`;
  }
}
