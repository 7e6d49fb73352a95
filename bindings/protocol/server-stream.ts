/*
 * The server's side of a client's stream, from the first byte to the last (RFC 6120, sections 4 to 7;
 * RFC 7395; XEP-0198; XEP-0388): header, STARTTLS, SASL, resource binding or resumption, then stanzas.
 *
 * What is possible when is the table of server-gates.ts. This file is what its actions do before a session
 * begins; server-binding.ts begins it, managed-stream.ts has it, stream-machine.ts reads and ends.
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
import type { ServerEffect } from './effects.js';
import { streamFeatures } from './features.js';
import type { FeatureState } from './features.js';
import { judgeHeader } from './header.js';
import { writeFailed } from './management-elements.js';
import { encodeBase64 } from './sasl/base64.js';
import type { TlsFacts } from './sasl/channel-binding.js';
import { writeSuccess } from './sasl/classic.js';
import type { AuthAnswer, SaslStep } from './sasl/mechanism.js';
import { mechanismNames } from './sasl/negotiation.js';
import { writeSuccess2 } from './sasl/sasl2.js';
import { ServerAuthentication } from './server-authentication.js';
import { ServerBinding } from './server-binding.js';
import { serverGates, serverInput } from './server-gates.js';
import type { ServerInput } from './server-gates.js';
import { limitsAfterAuth, limitsBeforeAuth } from './server-options.js';
import type { ServerStreamOptions } from './server-options.js';
import { checkStanza } from './stanza-check.js';
import { errorReply } from './stanza-error.js';
import type { ManagementLimits } from './stream-management.js';

/**
 * A client's stream on the server's side: RFC 6120, sections 4 to 7, and what is around them.
 *
 *     const stream = new ServerStream({ framing: tcpFraming, domains: ['example.com'], random });
 *     stream.open(now);              // [{ type: 'timerSet', at: now + 30000 }]
 *     stream.receive(bytes, now);    // the client's header: [{ type: 'send', bytes }, ...]
 *     stream.receive(more, now);     // its <auth/>: [{ type: 'authCheck', token, question }]
 *     stream.answerAuth(token, { kind: 'accepted', local: 'juliet' }, now);
 *
 * Times are milliseconds. Throws UsageError without a domain, for attempts that are not 2 to 5, and for
 * `secured` where TLS was not asked for; never for what the client sends.
 */
export class ServerStream extends ServerBinding {
  readonly #options: ServerStreamOptions;
  readonly #authentication: ServerAuthentication;
  /** The client's, until it is authenticated. */
  #header: Element | undefined;
  #lang = '';

  constructor(options: ServerStreamOptions) {
    const { domains, maxAuthAttempts = 5, mechanisms = mechanismNames } = options;
    const domain = domains.at(0);
    if (domain === undefined) throw new UsageError('a server stream needs a domain');
    if (maxAuthAttempts < 2 || maxAuthAttempts > 5) {
      throw new UsageError('maxAuthAttempts is 2 to 5 (RFC 6120, section 6.4.5)');
    }
    super(options, options.limits?.beforeAuth ?? limitsBeforeAuth);
    this.#options = options;
    this.domain = domain;
    this.#authentication = new ServerAuthentication({
      mechanisms,
      maxAttempts: maxAuthAttempts,
      nonce: () => encodeBase64(options.random(18)),
    });
    this.#authentication.server.secured(options.tlsFacts);
  }

  /** The language that stanzas inherit from the client's header; '' when it named none. */
  get lang(): string {
    return this.#lang;
  }

  /** The client's bare JID, once it is authenticated. */
  get account(): string | undefined {
    return this.local === undefined ? undefined : `${this.local}@${this.domain}`;
  }

  /** The answer to an `authCheck` or an `identityCheck`. A late one, after the stream has ended, is ignored. */
  answerAuth(token: number, answer: AuthAnswer, now: number): ServerEffect[] {
    return this.release(now, token, () => this.#step(this.#authentication.answer(answer)));
  }

  /** The answer to a `register`: a result or an error. */
  answerRegister(token: number, reply: Element, now: number): ServerEffect[] {
    return this.release(now, token, () => this.sendElement(reply));
  }

  // What the client sends.

  protected opened(): void {
    // The client speaks first.
  }

  protected restarted(facts: TlsFacts | undefined): void {
    this.phase = 'header';
    this.#authentication.server.secured(facts);
  }

  protected inputOf(element: Element): ServerInput {
    return serverInput(element);
  }

  protected act(input: ServerInput, element: Element | undefined): void {
    const action = serverGates[this.phase][input];
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
        return this.#step(this.#authentication.respond(element));
      case 'abort':
        return this.#step(this.#authentication.server.fail('aborted'));
      case 'register':
        return this.#register(element);
      case 'bind':
        return this.bind(element);
      case 'pass':
        return this.pass(element);
      case 'enable':
        return this.enable(element);
      case 'resume':
        return this.resume(element);
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
    if (this.local === undefined) this.#header = header;
    this.domain = verdict.domain;
    this.#lang = verdict.lang;
    this.send(this.framing.open(verdict.reply, NS.client));
    this.phase = this.local === undefined ? 'negotiating' : 'unbound';
    if (verdict.error) return this.fail(verdict.error, 'the stream header');
    this.sendElement(this.#features(this.local === undefined ? 'unauthenticated' : 'unbound'));
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

  #authenticate(element: Element): void {
    if (element.ns === NS.sasl2 && !this.#hasSasl2) {
      return this.fail('unsupported-stanza-type', 'SASL2 was not offered');
    }
    this.#step(
      this.#startTls === 'required'
        ? this.#authentication.refuse(element, 'encryption-required')
        : this.#authentication.start(element),
    );
  }

  #step(step: SaslStep): void {
    switch (step.type) {
      case 'challenge':
        this.phase = 'challenged';
        return this.sendElement(this.#authentication.writeChallenge(step.data));
      case 'check': {
        const { question } = step;
        const token = this.hold();
        return question.kind === 'anonymous' || question.kind === 'external'
          ? this.emit({ type: 'identityCheck', token, question })
          : this.emit({ type: 'authCheck', token, question });
      }
      case 'failure':
        this.phase = 'negotiating';
        this.sendElement(this.#authentication.writeFailure(step.condition));
        if (this.#authentication.server.isExhausted) {
          this.fail('policy-violation', 'too many failed attempts');
        }
        return;
      case 'success':
        if (!this.#mayActAs(step.authzid, step.local)) {
          return this.#step(this.#authentication.server.fail('invalid-authzid'));
        }
        this.local = step.local;
        return this.#succeed(step.data);
    }
  }

  /** There is room for real stanzas now (RFC 6120, sections 6.4.6 and 13.12). */
  #succeed(data: Uint8Array | undefined): void {
    const { inline } = this.#authentication;
    const header = this.#header;
    this.#header = undefined;
    if (inline) {
      this.widen(this.#limits, header);
      return this.admit(inline, (results) => [
        writeSuccess2(data, this.address, results),
        this.#features(results.some(isSession) ? 'bound' : 'unbound'),
      ]);
    }
    this.sendElement(writeSuccess(data));
    this.phase = 'header';
    this.restart(this.#limits);
  }

  #register(stanza: Element): void {
    const to = stanza.attr('to');
    const isOurs = this.#canRegister && (to === undefined || to === this.domain);
    if (!isOurs || stanza.name !== 'iq' || !stanza.child('query', 'jabber:iq:register')) {
      return this.fail('not-authorized', 'a stanza before authentication');
    }
    const reply = checkStanza(stanza, 'iq') && errorReply(stanza, 'bad-request');
    if (reply) return this.sendElement(reply);
    this.emit({ type: 'register', token: this.hold(), stanza });
  }

  #peerEnded(error: Element | undefined): void {
    const condition = error?.child()?.name ?? 'undefined-condition';
    this.peerClosed(error ? { kind: 'peer-error', condition } : { kind: 'closed' });
  }

  // Small things.

  protected announce(): void {
    if (this.phase === 'header') this.send(this.framing.open(this.#judge().reply, NS.client));
  }

  protected get managementLimits(): ManagementLimits | undefined {
    return this.#options.management;
  }

  #features(stage: FeatureState['stage']): Element {
    const { server } = this.#authentication;
    return streamFeatures({
      startTls: this.#startTls,
      mechanisms: server.offered,
      channelBindings: server.channelBindings,
      hasSasl2: this.#hasSasl2,
      hasRegistration: this.#canRegister,
      stage,
      hasManagement: this.#options.management !== undefined && this.management === undefined,
      maxStanzaBytes: this.#limits.maxStanzaBytes ?? limitsAfterAuth.maxStanzaBytes,
      extensions: this.#options.extensions ?? [],
    });
  }

  get #startTls(): FeatureState['startTls'] {
    const { tls = 'none' } = this.#options;
    if (!this.framing.hasStartTls || this.isEncrypted || tls === 'none') return 'absent';
    return tls === 'required' ? 'required' : 'optional';
  }

  get #canRegister(): boolean {
    return this.#options.hasRegistration === true && this.#startTls !== 'required';
  }

  get #hasSasl2(): boolean {
    return this.isEncrypted && (this.#options.hasSasl2 ?? false);
  }

  get #limits(): Limits {
    const { beforeAuth = limitsBeforeAuth, afterAuth = limitsAfterAuth } =
      this.#options.limits ?? {};
    return this.local === undefined ? beforeAuth : afterAuth;
  }

  #judge(header?: Element): ReturnType<typeof judgeHeader> {
    return judgeHeader(header, {
      framing: this.framing,
      contentNamespace: NS.client,
      // After authentication the account's domain is the only one that is left.
      domains: this.local === undefined ? this.#options.domains : [this.domain],
      formerDomains: this.#options.formerDomains ?? [],
      id: encodeBase64(this.#options.random(15)),
      lang: 'en',
    });
  }

  #mayActAs(authzid: string, local: string): boolean {
    if (authzid === '') return true;
    const checked = Jid.check(authzid);
    return checked.ok && checked.jid.toString() === `${local}@${this.domain}`;
  }
}

/** Whether a result of SASL2 says that the stream is bound. */
const isSession = ({ name }: Element): boolean => name === 'bound' || name === 'resumed';
