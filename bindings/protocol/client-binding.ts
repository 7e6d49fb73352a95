/*
 * How an authenticated client gets its session, on the client's side (RFC 6120, section 7; XEP-0198):
 *
 *     an earlier session? ──► <resume/> ──► resumed
 *            │                    └── failed: what it handled is acknowledged, the rest is the host's
 *            └──► bind ──► session (RFC 3921, only where it is required) ──► <enable/> ──► ready
 *                  └── conflict: once more, and the server chooses the resource
 *
 * What the server does not offer is left out. `ready` is told once, when nothing is left to negotiate.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { Jid } from '../jid.js';
import type { Limits } from '../limits.js';
import { NS } from '../namespaces.js';
import type { ClientInput, ClientPhase } from './client-gates.js';
import type { ClientQuestion, EndReason } from './effects.js';
import { ManagedStream } from './managed-stream.js';
import type { ManagedStreamOptions } from './managed-stream.js';
import { conditionOf, wordsOf } from './error-element.js';
import { readCount, writeEnable, writeResume } from './management-elements.js';
import { resultReply } from './stanza-error.js';
import { StreamManagement } from './stream-management.js';
import type { ManagementLimits } from './stream-management.js';

export interface ClientBindingOptions extends ManagedStreamOptions {
  /** The domain of the account, in canonical form. */
  readonly domain: string;
  /** The resource to ask for; absent: the server chooses one. */
  readonly resource?: string;
  /**
   * Whether Bind 2 is used where it is offered, which takes `resource` for the beginning of a name (XEP-0386); true by
   * default. Without it the resource is bound after SASL2 as RFC 6120 says.
   */
  readonly hasBind2?: boolean;
  /** Stream management where the server has it, with limits of our queue; absent: none. */
  readonly management?: ManagementLimits;
  /** The earlier session to go on with, and its address. */
  readonly resume?: {
    readonly management: StreamManagement;
    readonly jid: string;
    readonly location?: string | undefined;
  };
}

type Step = Extract<EndReason, { kind: 'failed' }>['step'];

export abstract class ClientBinding extends ManagedStream<ClientQuestion, ClientInput> {
  protected phase: ClientPhase = 'opening';
  /** What the server offered last. */
  protected features: Element | undefined;
  readonly #options: ClientBindingOptions;
  #jid = '';
  #resource: string | undefined;
  #request: 'bind' | 'session' = 'bind';
  #requestCount = 0;
  #isSessionLost = false;
  #location: string | undefined;

  constructor(options: ClientBindingOptions, limits: Limits) {
    super(options, limits);
    this.#options = options;
    this.#resource = options.resource;
  }

  /** The full JID once bound, '' before. */
  get jid(): string {
    return this.#jid;
  }

  /** Where the server wants the session to be resumed, if it says: `host:port` (XEP-0198, section 5). */
  get location(): string | undefined {
    return this.#location;
  }

  // What is asked for.

  /** Authenticated, and the features for it are there. */
  protected begin(): void {
    const { resume } = this.#options;
    const isPossible = !this.#isSessionLost && this.#offers('sm', NS.streamManagement);
    if (!resume || !isPossible) return this.#askBind();
    this.phase = 'resuming';
    this.sendElement(writeResume(resume.management.id, resume.management.handledCount));
  }

  /** What to ask for together with authentication, of what can be (XEP-0388, XEP-0386). */
  protected inline(offer: Element): { bind?: Element; resume?: Element } {
    const { resource, resume, management, hasBind2 = true } = this.#options;
    const can = offer.child('inline');
    const bind = hasBind2 ? can?.child('bind', NS.bind2) : undefined;
    const enables = bind?.child('inline')?.elements('feature') ?? [];
    const canEnable = enables.some((feature) => feature.attr('var') === NS.streamManagement);
    return {
      ...(bind && {
        bind: xml(
          'bind',
          { xmlns: NS.bind2 },
          resource && xml('tag', {}, resource),
          management && canEnable && writeEnable(true),
        ),
      }),
      ...(resume &&
        can?.child('sm', NS.streamManagement) && {
          resume: writeResume(resume.management.id, resume.management.handledCount),
        }),
    };
  }

  #askBind(): void {
    if (!this.#offers('bind', NS.bind)) return this.giveUp('binding', 'unsupported-feature');
    this.#ask(
      'bind',
      xml('bind', { xmlns: NS.bind }, this.#resource && xml('resource', {}, this.#resource)),
    );
  }

  #ask(request: 'bind' | 'session', payload: Element): void {
    this.phase = 'binding';
    this.#request = request;
    this.#requestCount += 1;
    const id = this.#requestId;
    this.sendElement(xml('iq', { xmlns: NS.client, type: 'set', id }, payload));
  }

  get #requestId(): string {
    return `${this.#request}-${this.#requestCount}`;
  }

  /** What comes after a resource: the session of old, then stream management, then nothing. */
  #continue(): void {
    const session = this.features?.child('session', NS.session);
    if (this.#request === 'bind' && session && !session.child('optional')) {
      return this.#ask('session', xml('session', { xmlns: NS.session }));
    }
    this.enable();
  }

  protected enable(): void {
    const isWanted = this.#options.management && !this.management;
    if (!isWanted || !this.#offers('sm', NS.streamManagement)) return this.#ready(false);
    this.phase = 'enabling';
    this.sendElement(writeEnable(true));
  }

  // What the server answers.

  /** A stanza while the answer to our request is awaited. */
  protected answered(stanza: Element): void {
    const type = stanza.attr('type');
    const isAnswer = stanza.name === 'iq' && (type === 'result' || type === 'error');
    if (!isAnswer || stanza.attr('id') !== this.#requestId) return this.pass(stanza);
    if (this.#request === 'session') return this.#continue();
    if (type === 'error') {
      const error = stanza.child('error');
      const condition = conditionOf(error, NS.stanzas) ?? 'undefined-condition';
      if (condition !== 'conflict' || this.#resource === undefined) {
        return this.giveUp('binding', condition, { text: wordsOf(error) });
      }
      this.#resource = undefined;
      return this.#askBind();
    }
    const jid = stanza.child('bind', NS.bind)?.child('jid', NS.bind)?.text ?? '';
    if (!isFull(jid)) return this.giveUp('binding', 'bad-request');
    this.#jid = jid;
    this.#continue();
  }

  /** The earlier session is lost; what the server had of it is acknowledged all the same. */
  protected lose(failed: Element): void {
    this.#isSessionLost = true;
    const h = readCount(failed.attr('h'));
    const stanzas = h === undefined ? [] : (this.#options.resume?.management.acknowledge(h) ?? []);
    if (stanzas.length > 0) this.emit({ type: 'acked', stanzas });
  }

  protected resumed(element: Element): void {
    const { resume } = this.#options;
    const h = readCount(element.attr('h'));
    if (!resume || element.attr('previd') !== resume.management.id || h === undefined) {
      return this.fail('bad-format', 'a resumption that was not asked for');
    }
    this.#jid = resume.jid;
    this.#location = resume.location;
    this.phase = 'bound';
    this.emit({ type: 'ready', jid: resume.jid, isResumed: true });
    this.goOn(resume.management, h, []);
  }

  protected enabled(element: Element): void {
    this.#manage(element);
    this.#ready(false);
  }

  protected goWithout(): void {
    this.#ready(false);
  }

  /** SASL2 has bound as well: `address` is ours, and features follow. */
  protected admitted(address: string, bound: Element): void {
    if (!isFull(address)) return this.giveUp('binding', 'bad-request');
    this.#jid = address;
    const enabled = bound.child('enabled', NS.streamManagement);
    if (enabled) this.#manage(enabled);
  }

  #manage(enabled: Element): void {
    const canResume = ['true', '1'].includes(enabled.attr('resume') ?? '');
    this.#location = enabled.attr('location');
    this.manage(
      new StreamManagement({
        ...this.#options.management,
        id: canResume ? (enabled.attr('id') ?? '') : '',
        maxSeconds: readCount(enabled.attr('max')) ?? 0,
        scope: this.framing.scope(NS.client),
      }),
    );
  }

  #ready(isResumed: boolean): void {
    this.phase = 'bound';
    this.bound();
    this.emit({ type: 'ready', jid: this.#jid, isResumed });
  }

  // Small things.

  /** Pings are answered here (XEP-0199): a host need not know of them. */
  protected override pass(stanza: Element): void {
    const isPing = stanza.attr('type') === 'get' && stanza.child('ping', NS.ping) !== undefined;
    if (stanza.name !== 'iq' || !isPing) return super.pass(stanza);
    this.management?.receive();
    this.sendStanza(resultReply(stanza));
  }

  protected ping(id: string): Element {
    const attributes = { xmlns: NS.client, type: 'get', id, to: this.#options.domain };
    return xml('iq', attributes, xml('ping', { xmlns: NS.ping }));
  }

  /** There is no way in: says goodbye. */
  protected giveUp(
    step: Step,
    condition: string,
    { text = '', hasClassicSasl = false }: { text?: string; hasClassicSasl?: boolean } = {},
  ): void {
    const words = text !== '' && { text };
    this.end({ kind: 'failed', step, condition, ...words, hasClassicSasl });
    this.sendClose();
  }

  #offers(name: string, ns: string): boolean {
    return this.features?.child(name, ns) !== undefined;
  }
}

/** Whether an address can be that of a session. Which account it is of is the server's to say. */
function isFull(address: string): boolean {
  const { domain, resource } = Jid.parseWire(address);
  return domain !== '' && resource !== '';
}
