/*
 * Authentication on the client's side: SASL2 (XEP-0388) where it is offered and wanted, else RFC 6120,
 * section 6; in each the best mechanism that both have (sasl/choice.ts).
 *
 *     begin ──► [ask the host] ──► <authenticate/> or <auth/> ──► challenge ──► ... ──► success
 *                                       └── the mechanism is refused: the next of the same strength
 *
 * Of the same strength: after a -PLUS mechanism comes none without it, after SCRAM no PLAIN. Whoever
 * stands between could refuse the better one to get at the worse. A wrong password ends it at once.
 */
import type { Element } from '../element.js';
import { NS } from '../namespaces.js';
import { wordsOf } from './error-element.js';
import { chooseMechanisms } from './sasl/choice.js';
import type { MechanismChoice, MechanismPolicy } from './sasl/choice.js';
import { classicSasl, readSuccess } from './sasl/classic.js';
import { clientMechanism } from './sasl/client-mechanism.js';
import type { ClientMechanism, ClientStep, ProofAnswer } from './sasl/client-mechanism.js';
import type { AuthRequest, SaslDialect } from './sasl/dialect.js';
import { readSuccess2, sasl2 } from './sasl/sasl2.js';
import type { Success2 } from './sasl/sasl2.js';

export interface ClientAuthenticationOptions {
  readonly username: string;
  readonly nonce: () => string;
  readonly hasSasl2: boolean;
}

/** What to put beside the mechanism, given the <authentication/> of SASL2. */
type Inline = (offer: Element) => Partial<AuthRequest>;

const strength = (name: string): string =>
  name.endsWith('-PLUS') ? 'bound' : name.startsWith('SCRAM') ? 'SCRAM' : name;

/** Conditions that are about the mechanism and not about the account. */
const aboutMechanism: ReadonlySet<string> = new Set(['invalid-mechanism', 'mechanism-too-weak']);

/** Conditions that are about the account, and so would be the same without SASL2. */
const aboutAccount: ReadonlySet<string> = new Set([
  'account-disabled',
  'credentials-expired',
  'invalid-authzid',
  'not-authorized',
]);

export class ClientAuthentication {
  readonly #options: ClientAuthenticationOptions;
  #dialect: SaslDialect = classicSasl;
  #choices: readonly MechanismChoice[] = [];
  #mechanism: ClientMechanism | undefined;
  #inline: Partial<AuthRequest> = {};
  #name = '';
  #hasStarted = false;
  #hasClassic = false;

  constructor(options: ClientAuthenticationOptions) {
    this.#options = options;
  }

  /** The name of the mechanism in use, for a host that wants to hold on to it. */
  get mechanism(): string {
    return this.#name;
  }

  get isSasl2(): boolean {
    return this.#dialect === sasl2;
  }

  /** Chooses of these features; undefined: there is nothing that may be used. */
  begin(features: Element, policy: MechanismPolicy, inline: Inline): ClientStep | undefined {
    const classic = features.child('mechanisms', NS.sasl);
    const offer2 = this.#options.hasSasl2 ? features.child('authentication', NS.sasl2) : undefined;
    const bindings = features
      .child('sasl-channel-binding', 'urn:xmpp:sasl-cb:0')
      ?.elements('channel-binding')
      .map((binding) => binding.attr('type') ?? '');
    const choicesOf = (list: Element | undefined): readonly MechanismChoice[] => {
      const mechanisms = list?.elements('mechanism').map(({ text }) => text) ?? [];
      return chooseMechanisms({ mechanisms, channelBindings: bindings }, policy);
    };
    const choices2 = choicesOf(offer2);
    const choices = choicesOf(classic);
    this.#hasClassic = choices.length > 0;
    if (offer2 && choices2.length > 0) {
      this.#dialect = sasl2;
      this.#inline = inline(offer2);
      this.#choices = choices2;
    } else this.#choices = choices;
    return this.#next();
  }

  /** The element that a response goes out in. */
  write(data: Uint8Array): Element {
    if (this.#hasStarted) return this.#dialect.writeResponse(data);
    this.#hasStarted = true;
    return this.#dialect.writeAuth({ mechanism: this.#name, initial: data, ...this.#inline });
  }

  challenge(element: Element): ClientStep {
    const data = element.ns === this.#dialect.ns ? this.#dialect.readData(element) : undefined;
    return (data && this.#mechanism?.challenge(data)) ?? { type: 'fail' };
  }

  answer(answer: ProofAnswer): ClientStep {
    return this.#mechanism?.answer(answer) ?? { type: 'fail' };
  }

  /** A success that may be believed, with what SASL2 tells; undefined for one that may not. */
  success(element: Element): Partial<Success2> | undefined {
    if (element.ns !== this.#dialect.ns) return undefined;
    const success = this.isSasl2 ? readSuccess2(element) : { data: readSuccess(element) };
    if (success.data === null || !this.#mechanism?.succeeds(success.data)) return undefined;
    return success;
  }

  /** After a failure: the next mechanism, or why there is none. */
  retry(element: Element):
    | ClientStep
    | {
        readonly type: 'over';
        readonly condition: string;
        readonly text: string;
        readonly hasClassicSasl: boolean;
      } {
    const condition = this.#dialect.readFailure(element);
    const step = aboutMechanism.has(condition) ? this.#next(strength(this.#name)) : undefined;
    const hasClassicSasl = this.isSasl2 && this.#hasClassic && !aboutAccount.has(condition);
    return step ?? { type: 'over', condition, text: wordsOf(element), hasClassicSasl };
  }

  #next(strengthWanted?: string): ClientStep | undefined {
    const choice = this.#choices.find(
      ({ name }) => strengthWanted === undefined || strength(name) === strengthWanted,
    );
    if (!choice) return undefined;
    this.#choices = this.#choices.slice(this.#choices.indexOf(choice) + 1);
    this.#name = choice.name;
    this.#hasStarted = false;
    const { username, nonce } = this.#options;
    this.#mechanism = clientMechanism(choice.name, {
      username,
      nonce: nonce(),
      binding: choice.binding,
    });
    return this.#mechanism.start();
  }
}
