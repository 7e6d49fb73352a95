/*
 * How an authenticated client gets its session, on the server's side: a resource is bound (RFC 6120,
 * section 7), stream management is enabled, or an earlier session goes on (XEP-0198). With SASL2 all of it
 * may be asked for together with authentication:
 *
 *     resume ──► resumed: bound, nothing else is done
 *        └─────► refused ──► bind (XEP-0386) ──► enable ──► success with all results
 *                              └── refused: success without <bound/>; it may bind as others do
 *
 * Which resource is given, and whether a session is there, is the host's to say: conflicts and limits
 * concern all streams of an account. The account is known here, and nothing of how it was proved.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import { bindResult, isBindRequest, requestedResource } from './bind.js';
import type {
  BindAnswer,
  EnableAnswer,
  ResumeAnswer,
  ServerEffect,
  ServerQuestion,
} from './effects.js';
import { ManagedStream } from './managed-stream.js';
import {
  readEnable,
  readResume,
  writeEnabled,
  writeFailed,
  writeResumed,
} from './management-elements.js';
import type { AuthRequest } from './sasl/dialect.js';
import type { ServerInput, ServerPhase } from './server-gates.js';
import { checkStanza, stanzaKind } from './stanza-check.js';
import { errorReply } from './stanza-error.js';
import { StreamManagement } from './stream-management.js';
import type { ManagementLimits } from './stream-management.js';

type Then<T> = (answer: T) => void;

/** The elements to send when a client of SASL2 is in, given the results of what it asked for. */
type Welcome = (results: readonly Element[]) => readonly Element[];

export abstract class ServerBinding extends ManagedStream<ServerQuestion, ServerInput> {
  protected phase: ServerPhase = 'header';
  /** The account, once authenticated. */
  protected local: string | undefined;
  protected domain = '';
  protected abstract readonly managementLimits: ManagementLimits | undefined;
  #resource = '';
  #afterBind: Then<BindAnswer> | undefined;
  #afterEnable: Then<EnableAnswer> | undefined;
  #afterResume: Then<ResumeAnswer> | undefined;

  // What the host answers.

  /** The answer to a `bind`. */
  answerBind(token: number, answer: BindAnswer, now: number): ServerEffect[] {
    return this.release(now, token, () => {
      const then = asked(this.#afterBind);
      this.#afterBind = undefined;
      then(answer);
    });
  }

  /** The answer to an `enable`. */
  answerEnable(token: number, answer: EnableAnswer, now: number): ServerEffect[] {
    return this.release(now, token, () => {
      const then = asked(this.#afterEnable);
      this.#afterEnable = undefined;
      then(answer);
    });
  }

  /** The answer to a `resume`. */
  answerResume(token: number, answer: ResumeAnswer, now: number): ServerEffect[] {
    return this.release(now, token, () => {
      const then = asked(this.#afterResume);
      this.#afterResume = undefined;
      then(answer);
    });
  }

  // What a client asks for by itself.

  protected bind(stanza: Element): void {
    const kind = stanzaKind(stanza, NS.client);
    // To anybody else nothing may be sent yet (RFC 6120, section 7.1).
    if (kind !== 'iq' || !this.#isOwnAddress(stanza.attr('to'))) {
      return this.fail('not-authorized', 'a stanza before binding');
    }
    const condition =
      checkStanza(stanza, kind) ?? (isBindRequest(stanza) ? undefined : 'not-authorized');
    if (condition) return this.#reply(errorReply(stanza, condition));
    this.#askBind({ resource: requestedResource(stanza) }, (answer) => {
      if (answer.kind === 'refused') return this.#reply(errorReply(stanza, answer.condition));
      this.#resource = answer.resource;
      this.phase = 'bound';
      this.sendElement(bindResult(stanza, this.address));
      this.bound();
    });
  }

  protected enable(element: Element): void {
    if (this.management) return this.fail('policy-violation', 'stream management enabled twice');
    this.#askEnable(element, (result) => this.sendElement(result));
  }

  protected resume(element: Element): void {
    this.#askResume(
      element,
      (resumed) => [resumed],
      (failed) => this.sendElement(failed),
    );
  }

  // What a client of SASL2 asks for while it authenticates.

  protected admit({ bind, resume, clientId }: AuthRequest, welcome: Welcome): void {
    const bindNext = (results: readonly Element[]): void =>
      bind
        ? this.#admitBind(bind, clientId, results, welcome)
        : this.#enter('unbound', welcome(results));
    if (!resume) return bindNext([]);
    this.#askResume(
      resume,
      (resumed) => welcome([resumed]),
      (failed) => bindNext([failed]),
    );
  }

  #admitBind(
    bind: Element,
    clientId: string | undefined,
    results: readonly Element[],
    welcome: Welcome,
  ): void {
    const tag = bind.child('tag', NS.bind2)?.text;
    const requests = bind
      .elements()
      .filter(({ ns }) => ns !== NS.bind2 && ns !== NS.streamManagement);
    this.#askBind({ resource: undefined, tag, clientId, requests }, (answer) => {
      if (answer.kind === 'refused') return this.#enter('unbound', welcome(results));
      this.#resource = answer.resource;
      const enter = (inside: readonly Element[]): void =>
        this.#enter('bound', welcome([...results, xml('bound', { xmlns: NS.bind2 }, ...inside)]));
      const enable = bind.child('enable', NS.streamManagement);
      if (enable) this.#askEnable(enable, (result) => enter([result]));
      else enter([]);
    });
  }

  #enter(phase: 'bound' | 'unbound', welcome: readonly Element[]): void {
    this.phase = phase;
    for (const element of welcome) this.sendElement(element);
    if (phase === 'bound') this.bound();
  }

  // What the host is asked.

  #askBind(
    wanted: Pick<
      Extract<ServerEffect, { type: 'bind' }>,
      'resource' | 'tag' | 'clientId' | 'requests'
    >,
    then: Then<BindAnswer>,
  ): void {
    this.#afterBind = then;
    const token = this.hold();
    this.emit({ type: 'bind', token, local: this.local ?? '', domain: this.domain, ...wanted });
  }

  #askEnable(element: Element, then: Then<Element>): void {
    if (!this.managementLimits) return then(writeFailed('feature-not-implemented'));
    this.#afterEnable = (answer) => {
      if (answer.kind === 'refused') return then(writeFailed(answer.condition));
      const { id = '', maxSeconds = 0, location } = answer;
      const scope = this.framing.scope(NS.client);
      this.manage(new StreamManagement({ ...this.managementLimits, id, maxSeconds, scope }));
      then(writeEnabled(id, answer.maxSeconds, location));
    };
    this.emit({ type: 'enable', token: this.hold(), ...readEnable(element) });
  }

  #askResume(
    element: Element,
    welcome: (resumed: Element) => readonly Element[],
    refuse: Then<Element>,
  ): void {
    const wanted = readResume(element);
    if (!this.managementLimits) return refuse(writeFailed('feature-not-implemented'));
    if (!wanted) return refuse(writeFailed('bad-request'));
    const { id, h } = wanted;
    this.#afterResume = (answer) => {
      if (answer.kind === 'refused') return refuse(writeFailed(answer.condition, answer.h));
      const { management, resource = '' } = answer;
      this.#resource = resource;
      this.phase = 'bound';
      this.goOn(management, h, welcome(writeResumed(id, management.handledCount)));
    };
    const token = this.hold();
    this.emit({ type: 'resume', token, local: this.local ?? '', domain: this.domain, id, h });
  }

  // Small things.

  /** The bare address before binding, the full one after. */
  protected get address(): string {
    const bare = `${this.local ?? ''}@${this.domain}`;
    return this.#resource === '' ? bare : `${bare}/${this.#resource}`;
  }

  protected ping(id: string): Element {
    const attributes = { xmlns: NS.client, type: 'get', id, from: this.domain, to: this.address };
    return xml('iq', attributes, xml('ping', { xmlns: NS.ping }));
  }

  #reply(reply: Element | undefined): void {
    if (reply) this.sendElement(reply);
  }

  #isOwnAddress(to: string | undefined): boolean {
    if (to === undefined) return true;
    const checked = Jid.check(to);
    if (!checked.ok) return false;
    const address = checked.jid.toString();
    return address === this.domain || address === this.address;
  }
}

function asked<T>(then: Then<T> | undefined): Then<T> {
  if (!then) throw new UsageError('an answer to a question that was not asked');
  return then;
}
