/*
 * The server's side of a client's stream, from the first byte to the last (RFC 6120, sections 4 to 7;
 * RFC 7395): header, STARTTLS, SASL, resource binding, then stanzas, errors and the closing handshake.
 *
 * Sans-I/O: bytes, the time and results of effects come in, effects go out (effects.ts). The machine
 * knows nothing about other streams and nothing about a bound stanza but that it is one.
 *
 * Invariants: a stream error is the last thing sent but for the closing tag. Nothing that arrived
 * before TLS is looked at after it. `ended` is given once, before or together with `close`, and `close`
 * is the last effect. While an effect with a token is open, input is kept and not read.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import type { Engine } from '../engine.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import { StreamParser } from '../stream-parser.js';
import type { Limits } from '../limits.js';
import { bindResult, isBindRequest, requestedResource } from './bind.js';
import type { BindAnswer, EndReason, StreamEffect } from './effects.js';
import { streamFeatures } from './features.js';
import type { Framing } from './framing.js';
import { judgeHeader } from './header.js';
import { encodeBase64 } from './sasl/base64.js';
import { readAuth, readData, writeChallenge, writeFailure, writeSuccess } from './sasl/classic.js';
import type { AuthAnswer, SaslStep } from './sasl/mechanism.js';
import { mechanismNames, SaslServer } from './sasl/negotiation.js';
import type { MechanismName } from './sasl/negotiation.js';
import { checkStanza, stanzaKind } from './stanza-check.js';
import { errorReply } from './stanza-error.js';
import { streamError } from './stream-error.js';
import type { StreamCondition } from './stream-error.js';

/**
 * header        the client's stream header is expected: first, after TLS, after SASL
 * negotiating   features are out; STARTTLS or SASL may come
 * securing      <proceed/> is out, TLS is the host's                  (input is not allowed)
 * checking      an `authCheck` is open                                (input waits)
 * challenged    a SASL challenge is out
 * unbound       authenticated, features are out; a bind request may come
 * binding       a `bind` is open                                      (input waits)
 * bound         stanzas pass
 * closing       our closing tag is out, the client's is awaited
 * closed        nothing comes and nothing goes
 */
type Phase =
  | 'header'
  | 'negotiating'
  | 'securing'
  | 'checking'
  | 'challenged'
  | 'unbound'
  | 'binding'
  | 'bound'
  | 'closing'
  | 'closed';

/** The phases in which input is read. */
type ReadingPhase = Exclude<Phase, 'securing' | 'checking' | 'binding' | 'closed'>;

type Input =
  'header' | 'starttls' | 'auth' | 'response' | 'abort' | 'stanza' | 'error' | 'other' | 'close';

type Action =
  /** Reply to a header and offer features. */
  | 'greet'
  /** Start TLS, unless there is none here. */
  | 'secure'
  /** Start a SASL attempt, go on with it, give it up. */
  | 'authenticate'
  | 'respond'
  | 'abort'
  /** Bind, or say that nothing else is possible before. */
  | 'bind'
  | 'pass'
  /** End the stream: the stanza comes before its time (RFC 6120, section 4.9.3.12) ... */
  | 'unauthorized'
  /** ... the element is none that was negotiated (section 4.9.3.24) ... */
  | 'unsupported'
  /** ... there is no stream yet. */
  | 'early'
  | 'finish'
  | 'ignore';

/** Rows are phases, columns kinds of input; one look tells what is possible when. */
const table: Record<ReadingPhase, Record<Input, Action>> = {
  header: {
    header: 'greet',
    starttls: 'early',
    auth: 'early',
    response: 'early',
    abort: 'early',
    stanza: 'early',
    error: 'early',
    other: 'early',
    close: 'early',
  },
  negotiating: {
    header: 'unsupported',
    starttls: 'secure',
    auth: 'authenticate',
    response: 'respond',
    abort: 'abort',
    stanza: 'unauthorized',
    error: 'finish',
    other: 'unsupported',
    close: 'finish',
  },
  challenged: {
    header: 'unsupported',
    starttls: 'unsupported',
    // A second <auth/> ends the attempt that is under way as a failure of its own.
    auth: 'abort',
    response: 'respond',
    abort: 'abort',
    stanza: 'unauthorized',
    error: 'finish',
    other: 'unsupported',
    close: 'finish',
  },
  unbound: {
    header: 'unsupported',
    starttls: 'unsupported',
    auth: 'unsupported',
    response: 'unsupported',
    abort: 'unsupported',
    stanza: 'bind',
    error: 'finish',
    other: 'unsupported',
    close: 'finish',
  },
  bound: {
    header: 'unsupported',
    starttls: 'unsupported',
    auth: 'unsupported',
    response: 'unsupported',
    abort: 'unsupported',
    stanza: 'pass',
    error: 'finish',
    other: 'unsupported',
    close: 'finish',
  },
  closing: {
    header: 'ignore',
    starttls: 'ignore',
    auth: 'ignore',
    response: 'ignore',
    abort: 'ignore',
    stanza: 'ignore',
    error: 'ignore',
    other: 'ignore',
    close: 'finish',
  },
};

export interface ServerStreamOptions {
  readonly framing: Framing;
  /** Domains served here, in canonical form; the first is the default. */
  readonly domains: readonly string[];
  /** Bytes that cannot be guessed, for stream ids and SCRAM nonces. */
  readonly random: (byteCount: number) => Uint8Array;
  /**
   * STARTTLS: none; offered; required before anything else. Without meaning where the transport is
   * encrypted already.
   */
  readonly tls?: 'none' | 'offered' | 'required';
  /** Whether the transport is encrypted from its start: direct TLS, `wss:`. */
  readonly isEncrypted?: boolean;
  readonly mechanisms?: readonly MechanismName[];
  readonly limits?: {
    readonly beforeAuth?: Limits;
    readonly afterAuth?: Limits;
  };
  /** SASL attempts a connection, 2 to 5. */
  readonly maxAuthAttempts?: number;
  /** From the first byte to a bound resource. */
  readonly negotiationMs?: number;
  /** From our closing tag to the client's. */
  readonly closeMs?: number;
  /** Features of extensions for authenticated streams. */
  readonly extensions?: readonly Element[];
  readonly engine?: Engine;
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

/** What a client may send ahead while the host answers a check. */
const maxBacklogBytes = 65_536;

/** Space, tab, line feed, carriage return. */
const whiteSpace: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

export class ServerStream {
  readonly #options: ServerStreamOptions;
  readonly #framing: Framing;
  readonly #sasl: SaslServer;
  #parser: StreamParser;
  #phase: Phase = 'header';
  #effects: StreamEffect[] = [];
  #now = 0;
  #deadline: number | undefined;
  #backlog: Uint8Array[] = [];
  #backlogLength = 0;
  #token = 0;
  #isEncrypted: boolean;
  /** After SASL, before the first byte of the next header. */
  #isBetweenStreams = false;
  #isEnded = false;
  #local: string | undefined;
  #domain: string;
  #lang = '';
  #bindRequest: Element | undefined;

  constructor(options: ServerStreamOptions) {
    const { framing, domains, maxAuthAttempts = 5, mechanisms = mechanismNames } = options;
    const domain = domains.at(0);
    if (domain === undefined) throw new UsageError('a server stream needs a domain');
    if (maxAuthAttempts < 2 || maxAuthAttempts > 5) {
      throw new UsageError('maxAuthAttempts is 2 to 5 (RFC 6120, section 6.4.5)');
    }
    this.#options = options;
    this.#framing = framing;
    this.#domain = domain;
    this.#isEncrypted = options.isEncrypted ?? false;
    this.#sasl = new SaslServer({
      mechanisms,
      maxAttempts: maxAuthAttempts,
      nonce: () => encodeBase64(options.random(18)),
    });
    this.#parser = this.#makeParser(options.limits?.beforeAuth ?? limitsBeforeAuth);
  }

  // What the host may ask.

  get isBound(): boolean {
    return this.#phase === 'bound';
  }

  get isEncrypted(): boolean {
    return this.#isEncrypted;
  }

  /** The language that stanzas inherit from the client's header; '' when it named none. */
  get lang(): string {
    return this.#lang;
  }

  // What the host tells.

  /** The transport is there. */
  open(now: number): StreamEffect[] {
    return this.#perform(now, () => this.#setTimer(now + (this.#options.negotiationMs ?? 30_000)));
  }

  receive(chunk: Uint8Array, now: number): StreamEffect[] {
    return this.#perform(now, () => {
      if (this.#phase === 'closed') return;
      if (this.#phase === 'securing') {
        // In clear after <starttls/>: somebody on the way may have put it there (RFC 6120, 5.4.3.3).
        this.#end({ kind: 'error', condition: 'policy-violation', detail: 'bytes before TLS' });
        this.#finish();
        return;
      }
      this.#backlog.push(chunk);
      this.#backlogLength += chunk.length;
      this.#read();
    });
  }

  /** TLS holds: the answer to `upgradeTls`. */
  secured(now: number): StreamEffect[] {
    return this.#perform(now, () => {
      if (this.#phase === 'closed') return;
      if (this.#phase !== 'securing') throw new UsageError('no TLS upgrade is under way');
      this.#isEncrypted = true;
      this.#parser.restart();
      this.#phase = 'header';
    });
  }

  /** The answer to an `authCheck`. A late one, after the stream has ended, is ignored. */
  answerAuth(token: number, answer: AuthAnswer, now: number): StreamEffect[] {
    return this.#perform(now, () => {
      if (this.#phase !== 'checking' || token !== this.#token) return;
      this.#step(this.#sasl.answer(answer));
      this.#read();
    });
  }

  /** The answer to a `bind`. */
  answerBind(token: number, answer: BindAnswer, now: number): StreamEffect[] {
    return this.#perform(now, () => {
      const request = this.#bindRequest;
      if (this.#phase !== 'binding' || token !== this.#token || !request) return;
      this.#bindRequest = undefined;
      if (answer.kind === 'bound') {
        this.#phase = 'bound';
        this.#sendElement(
          bindResult(request, `${this.#local ?? ''}@${this.#domain}/${answer.resource}`),
        );
        this.#setTimer(undefined);
      } else {
        this.#phase = 'unbound';
        this.#sendElement(errorReply(request, answer.condition));
      }
      this.#read();
    });
  }

  /** The time of the last `timerSet` has come. */
  tick(now: number): StreamEffect[] {
    return this.#perform(now, () => {
      if (this.#deadline === undefined || now < this.#deadline) return;
      // In the middle of a TLS handshake nothing can be said either.
      if (this.#phase === 'securing') this.#end({ kind: 'disconnected' });
      if (this.#phase === 'closing' || this.#phase === 'securing') this.#finish();
      else this.#fail('connection-timeout', 'negotiation took too long');
    });
  }

  /** Ends the stream from our side, with an error or without. */
  close(condition: StreamCondition | undefined, now: number): StreamEffect[] {
    return this.#perform(now, () => {
      if (this.#phase === 'closing' || this.#phase === 'closed') return;
      if (this.#phase === 'securing') {
        // Nothing can be said in the middle of a TLS handshake.
        this.#end(
          condition ? { kind: 'error', condition, detail: 'by the server' } : { kind: 'closed' },
        );
        this.#finish();
        return;
      }
      if (condition) {
        this.#fail(condition, 'by the server');
        return;
      }
      this.#end({ kind: 'closed' });
      this.#sendClose();
    });
  }

  /** The transport is gone. */
  disconnected(now: number): StreamEffect[] {
    return this.#perform(now, () => {
      if (this.#phase === 'closed') return;
      this.#end({ kind: 'disconnected' });
      this.#finish();
    });
  }

  // Input.

  /** Feeds what has arrived, piece by piece until the stream is bound, until an effect must be awaited. */
  #read(): void {
    for (;;) {
      if (!isReading(this.#phase)) break;
      const chunk = this.#backlog.shift();
      if (!chunk) return;
      if (this.#isBetweenStreams) {
        // White space after <auth/> belongs to the stream that ended with it, not before an XML declaration.
        const start = chunk.findIndex((byte) => !whiteSpace.has(byte));
        this.#backlogLength -= start < 0 ? chunk.length : start;
        if (start >= 0) this.#backlog.unshift(chunk.subarray(start));
        this.#isBetweenStreams = start < 0;
        continue;
      }
      const end = this.#phase === 'bound' ? chunk.length : this.#framing.pieceEnd(chunk, 0);
      this.#backlogLength -= end;
      if (end < chunk.length) this.#backlog.unshift(chunk.subarray(end));
      for (const event of this.#parser.feed(chunk.subarray(0, end))) {
        if (event.type === 'error') {
          this.#fail(event.error.condition, event.error.code);
          this.#finish();
        } else if (event.type === 'open') this.#act('header', event.header);
        else if (event.type === 'close') this.#act('close', undefined);
        else this.#act(this.#classify(event.stanza), event.stanza);
      }
    }
    if (this.#backlogLength > maxBacklogBytes) {
      this.#fail('policy-violation', 'too much sent ahead');
    }
  }

  #classify(element: Element): Input {
    if (stanzaKind(element, NS.client)) return 'stanza';
    const { ns, name } = element;
    if (ns === NS.tls && name === 'starttls') return 'starttls';
    if (ns === NS.sasl && (name === 'auth' || name === 'response' || name === 'abort')) return name;
    return ns === NS.streams && name === 'error' ? 'error' : 'other';
  }

  #act(input: Input, element: Element | undefined): void {
    if (!isReading(this.#phase)) return;
    const action = table[this.#phase][input];
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
        if (element) this.#effects.push({ type: 'stanza', stanza: element });
        return;
      case 'unauthorized':
        return this.#fail('not-authorized', 'a stanza before authentication');
      case 'unsupported':
        return this.#fail('unsupported-stanza-type', 'an element that was not negotiated');
      case 'early':
        return this.#fail('bad-format', 'an element before the stream header');
      case 'finish':
        return this.#peerClosed(input, element);
      case 'ignore':
        return;
    }
  }

  // Actions.

  #greet(header: Element | undefined): void {
    const verdict = this.#judge(header);
    this.#domain = verdict.domain;
    this.#lang = verdict.lang;
    this.#send(this.#framing.open(verdict.reply, NS.client));
    this.#phase = this.#local === undefined ? 'negotiating' : 'unbound';
    if (verdict.error) return this.#fail(verdict.error, 'the stream header');
    this.#sendElement(
      streamFeatures({
        startTls: this.#startTls,
        mechanisms: this.#options.mechanisms ?? mechanismNames,
        isAuthenticated: this.#local !== undefined,
        maxStanzaBytes: this.#limits.maxStanzaBytes ?? limitsAfterAuth.maxStanzaBytes,
        extensions: this.#options.extensions ?? [],
      }),
    );
  }

  #secure(): void {
    if (this.#startTls === 'absent') {
      this.#sendElement(xml('failure', { xmlns: NS.tls }));
      this.#end({ kind: 'error', condition: 'policy-violation', detail: 'TLS is not available' });
      return this.#sendClose();
    }
    // White space is no command; Go's clients send a line feed (section 5.3.3 forbids it).
    const isCommand = this.#backlog.some((chunk) => chunk.some((byte) => !whiteSpace.has(byte)));
    this.#backlog = [];
    this.#backlogLength = 0;
    if (isCommand) return this.#fail('policy-violation', 'bytes after starttls');
    this.#sendElement(xml('proceed', { xmlns: NS.tls }));
    this.#phase = 'securing';
    this.#effects.push({ type: 'upgradeTls' });
  }

  #authenticate(auth: Element | undefined): void {
    if (!auth) return;
    if (this.#startTls === 'required') return this.#step(this.#sasl.fail('encryption-required'));
    const request = readAuth(auth);
    this.#step(
      typeof request === 'string'
        ? this.#sasl.fail(request)
        : this.#sasl.start(request.mechanism, request.initial),
    );
  }

  #respond(response: Element | undefined): void {
    const data = response && readData(response);
    this.#step(data ? this.#sasl.respond(data) : this.#sasl.fail('incorrect-encoding'));
  }

  #step(step: SaslStep): void {
    switch (step.type) {
      case 'challenge':
        this.#phase = 'challenged';
        return this.#sendElement(writeChallenge(step.data));
      case 'check':
        this.#phase = 'checking';
        this.#token += 1;
        this.#effects.push({ type: 'authCheck', token: this.#token, question: step.question });
        return;
      case 'failure':
        this.#phase = 'negotiating';
        this.#sendElement(writeFailure(step.condition));
        if (this.#sasl.isExhausted) this.#fail('policy-violation', 'too many failed attempts');
        return;
      case 'success':
        if (!this.#mayActAs(step.authzid, step.local)) {
          return this.#step(this.#sasl.fail('invalid-authzid'));
        }
        this.#local = step.local;
        this.#sendElement(writeSuccess(step.data));
        // The parser starts afresh, with room for real stanzas (RFC 6120, sections 6.4.6 and 13.12).
        this.#parser.close();
        this.#parser = this.#makeParser(this.#limits);
        this.#phase = 'header';
        this.#isBetweenStreams = true;
    }
  }

  #bind(stanza: Element | undefined): void {
    const kind = stanza && stanzaKind(stanza, NS.client);
    if (!stanza || !kind) return;
    // To anybody else nothing may be sent yet (RFC 6120, section 7.1).
    if (kind !== 'iq' || !this.#isOwnAddress(stanza.attr('to'))) {
      return this.#fail('not-authorized', 'a stanza before binding');
    }
    const condition = checkStanza(stanza, kind);
    if (condition) return this.#sendElement(errorReply(stanza, condition));
    if (!isBindRequest(stanza)) return this.#sendElement(errorReply(stanza, 'not-authorized'));
    this.#bindRequest = stanza;
    this.#phase = 'binding';
    this.#token += 1;
    this.#effects.push({
      type: 'bind',
      token: this.#token,
      local: this.#local ?? '',
      domain: this.#domain,
      resource: requestedResource(stanza),
    });
  }

  #peerClosed(input: Input, element: Element | undefined): void {
    if (this.#phase !== 'closing') {
      this.#end(
        input === 'error'
          ? { kind: 'peer-error', condition: element?.child()?.name ?? 'undefined-condition' }
          : { kind: 'closed' },
      );
      this.#send(this.#framing.close());
    }
    this.#finish();
  }

  // The end.

  /** A stream error: a header if there was none, the error, the closing tag (RFC 6120, section 4.9.1). */
  #fail(condition: StreamCondition, detail: string): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    if (this.#phase === 'header') {
      this.#send(this.#framing.open(this.#judge(undefined).reply, NS.client));
    }
    this.#sendElement(streamError(condition));
    this.#end({ kind: 'error', condition, detail });
    this.#sendClose();
  }

  #end(reason: EndReason): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#effects.push({ type: 'ended', reason });
  }

  #sendClose(): void {
    this.#send(this.#framing.close());
    this.#phase = 'closing';
    this.#setTimer(this.#now + (this.#options.closeMs ?? 2000));
  }

  #finish(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#backlog = [];
    this.#backlogLength = 0;
    this.#parser.close();
    this.#setTimer(undefined);
    this.#effects.push({ type: 'close' });
  }

  // Small things.

  get #startTls(): 'absent' | 'optional' | 'required' {
    const { tls = 'none' } = this.#options;
    if (!this.#framing.hasStartTls || this.#isEncrypted || tls === 'none') return 'absent';
    return tls === 'required' ? 'required' : 'optional';
  }

  get #limits(): Limits {
    const { beforeAuth = limitsBeforeAuth, afterAuth = limitsAfterAuth } =
      this.#options.limits ?? {};
    return this.#local === undefined ? beforeAuth : afterAuth;
  }

  #makeParser(limits: Limits): StreamParser {
    const { framing, engine } = this.#options;
    return new StreamParser({ framing: framing.name, limits, ...(engine && { engine }) });
  }

  #judge(header: Element | undefined): ReturnType<typeof judgeHeader> {
    return judgeHeader(header, {
      framing: this.#framing,
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

  #perform(now: number, change: () => void): StreamEffect[] {
    this.#now = now;
    change();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #send(bytes: Uint8Array): void {
    this.#effects.push({ type: 'send', bytes });
  }

  #sendElement(element: Element | undefined): void {
    if (element) this.#send(element.toBytes(this.#framing.scope(NS.client)));
  }

  #setTimer(at: number | undefined): void {
    this.#deadline = at;
    this.#effects.push({ type: 'timerSet', at });
  }
}

function isReading(phase: Phase): phase is ReadingPhase {
  return phase !== 'securing' && phase !== 'checking' && phase !== 'binding' && phase !== 'closed';
}
