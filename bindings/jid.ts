/*
 * Addresses: RFC 7622. The rules are in the core (assembly/jid/), this is how a program meets them.
 *
 * Invariants: a Jid is canonical, or says that it is not; parsing what toString gives changes
 * nothing; a canonical part is never present and empty; a Jid never changes. It holds a string and
 * the places of its separators: parts are cut when they are first asked for, and where nothing had
 * to be mapped the string is the caller's own. No result is kept from one call to the next. What an
 * engine was named for stays with it, and so does all that is made from it.
 */
import { JidOption, JidPart as CorePart, JidResult as Result } from '../assembly/abi.js';
import type { CoreExports } from './core.js';
import type { Engine } from './engine.js';
import { echo, UsageError } from './errors.js';
import {
  asciiDomain,
  borrowed,
  canonicalText,
  enforceAddress,
  enforcePart,
  jidError,
  keepCore,
  onCore,
  onCoreOf,
  unicodeVersion,
} from './jid-core.js';
import type { JidError } from './jid-error.js';
import { escapeLocal, unescapeLocal } from './jid-escape.js';

export { TercetError, UsageError } from './errors.js';
export { JidError, type JidPart, type JidRule } from './jid-error.js';

export type JidResult =
  { readonly ok: true; readonly jid: Jid } | { readonly ok: false; readonly error: JidError };

export interface JidParts {
  readonly local?: string | undefined;
  readonly domain: string;
  readonly resource?: string | undefined;
}

/** Whose memory an address goes through. */
export interface JidEngine {
  /**
   * The engine, one made by a program that imports `tercet`; by default one that all share. The Jid, and
   * what its members give, keep it.
   */
  readonly engine?: Engine | undefined;
}

/** Departures from RFC 7622 as this package reads it; none by default. */
export interface JidOptions extends JidEngine {
  /** Let `_` pass in a domainpart, where neither host names nor U-labels have it. */
  readonly allowUnderscore?: boolean | undefined;
  /**
   * Refuse also what RFC 8265 refuses when its steps are read in the order in which it lists them:
   * the characters are checked before anything is mapped, too. So 'K' (U+212A), which is a 'k' in
   * the end, is refused.
   */
  readonly strict?: 'rfc8265' | undefined;
}

/** What the constructor asks for; nobody else has it. */
const made = /* @__PURE__ */ Symbol('made');

/** The state of a Jid that parseWire could not make canonical; none of JidState. */
const wireState = 3;

/**
 * An address in canonical form: `local@domain/resource`.
 *
 *     const jid = Jid.parse('Juliet@Bücher.Example/Balcony');
 *     String(jid)        // 'juliet@bücher.example/Balcony'
 *     String(jid.bare)   // 'juliet@bücher.example'
 *     jid.toAscii()      // 'xn--bcher-kva.example'
 *
 * A Jid does not change. Comparisons by fields, such as `assert.deepEqual` and `toEqual`, find two of
 * them equal exactly if `equals` does.
 *
 * Where a function takes options, a number is passed over, so that it can be handed to `map`:
 *
 *     ['A@b', 'c@D'].map(Jid.parse).map(String)   // ['a@b', 'c@d']
 */
export class Jid {
  /**
   * A copy of the text for comparisons by fields, which see nothing private. Nothing reads it here.
   *
   * @internal
   */
  readonly address: string;
  readonly #text: string;
  /** A result of the core: a state and the places of the separators. */
  readonly #form: number;
  #local: string | undefined;
  #domain: string | undefined;
  #resource: string | undefined;

  private constructor(
    key: symbol,
    text: string,
    form: number,
    local?: string,
    domain?: string,
    resource?: string,
  ) {
    // Also for callers without types: what is a Jid has been prepared.
    if (key !== made) throw new UsageError('Jid.parse makes a Jid, and its relatives');
    this.address = text;
    this.#text = text;
    this.#form = form;
    this.#local = local;
    this.#domain = domain;
    this.#resource = resource;
    if (borrowed !== undefined) keepCore(this, borrowed);
  }

  /**
   * The canonical form of an address. Nothing is trimmed, escaped or unescaped. Throws JidError for
   * the leftmost bad part, UsageError for what is no string.
   *
   *     Jid.parse('xn--bcher-kva.example').domain   // 'bücher.example'
   *     Jid.parse('romeo@montague.lit/')   // JidError: resource: a resourcepart that is present ...
   */
  static parse(this: void, source: string, options?: JidOptions | number): Jid {
    if (namesEngine(options)) return inEngine(options, (others) => Jid.parse(source, others));
    const result = enforceAddress(checkedText(source), optionBits(options));
    if (result < 0) throw jidError(result);
    return new Jid(made, canonicalText(source, result), result);
  }

  /**
   * What the core has prepared from octets, and how many they are: `form` has its separators' places among them.
   *
   * @internal
   */
  static prepared(this: void, text: string, length: number, form: number): Jid {
    if (text.length === length) return new Jid(made, text, form);
    // Some characters take more octets than units: the separators are where they are found.
    const slash = text.indexOf('/');
    const at = (slash < 0 ? text : text.slice(0, slash)).indexOf('@');
    const places = (Math.max(at, 0) << Result.AtShift) | (Math.max(slash, 0) << Result.SlashShift);
    return new Jid(made, text, places);
  }

  /**
   * Like `parse`, with the error as a value. Never throws for a string.
   *
   *     const checked = Jid.check(input);
   *     if (checked.ok) greet(checked.jid);
   *     else complain(checked.error.message);
   */
  static check(this: void, source: string, options?: JidOptions | number): JidResult {
    if (namesEngine(options)) return inEngine(options, (others) => Jid.check(source, others));
    const bits = optionBits(options);
    // Why is found out when somebody asks for the error.
    const result = enforceAddress(checkedText(source), bits | JidOption.Verdict);
    if (result < 0) return new BadAddress(source, bits);
    return { ok: true, jid: new Jid(made, canonicalText(source, result), result) };
  }

  /**
   * An address that a server sent, which is never refused: other servers have other tables. Where
   * `parse` would throw, the parts are what stands between the separators, empty ones included,
   * `canonical` is false and `toString` gives `source` as it is.
   *
   *     const jid = Jid.parseWire('Some One@example.com/x');
   *     jid.canonical   // false
   *     jid.local       // 'Some One'
   */
  static parseWire(this: void, source: string, options?: JidEngine | number): Jid {
    if (namesEngine(options)) return inEngine(options, (others) => Jid.parseWire(source, others));
    if (options !== undefined) checkOptions(options, ['engine']);
    // Nobody asks why it is none.
    const result = enforceAddress(checkedText(source), JidOption.Verdict);
    if (result >= 0) return new Jid(made, canonicalText(source, result), result);
    // RFC 7622, section 3.2: the first '/' ends the bare part, and in it the first '@' the localpart.
    const slash = source.indexOf('/');
    const bare = slash < 0 ? source : source.slice(0, slash);
    const at = bare.indexOf('@');
    const local = at < 0 ? '' : bare.slice(0, at);
    const resource = slash < 0 ? '' : source.slice(slash + 1);
    return new Jid(made, source, wireState, local, bare.slice(at + 1), resource);
  }

  /**
   * An address from its parts; '' and undefined mean that there is none. A separator inside a part
   * is an error, not a separator. Throws JidError; its index is that in the part.
   *
   *     String(Jid.from({ local: 'Romeo', domain: 'montague.lit' }))   // 'romeo@montague.lit'
   */
  static from(this: void, parts: JidParts, options?: JidOptions | number): Jid {
    if (namesEngine(options)) return inEngine(options, (others) => Jid.from(parts, others));
    // Callers without types may pass anything.
    if (typeof parts !== 'object' || (parts as unknown) === null) {
      throw new UsageError('the parts of an address are an object');
    }
    const { local = '', domain, resource = '' } = parts;
    for (const part of [local, domain, resource]) {
      if (typeof part !== 'string') throw new UsageError('the parts of an address are strings');
    }
    const bits = optionBits(options);
    return Jid.#join(
      local === '' ? '' : partText(CorePart.Local, local, bits),
      partText(CorePart.Domain, domain, bits),
      resource === '' ? '' : partText(CorePart.Resource, resource, bits),
    );
  }

  static #join(local: string, domain: string, resource: string): Jid {
    const account = local === '' ? domain : `${local}@${domain}`;
    const at = local.length << Result.AtShift;
    if (resource === '') return new Jid(made, account, at, local, domain, '');
    const slash = account.length << Result.SlashShift;
    return new Jid(made, `${account}/${resource}`, slash | at, local, domain, resource);
  }

  /** The version of Unicode whose properties decide, such as '17.0.0'. */
  static get unicodeVersion(): string {
    return unicodeVersion();
  }

  /**
   * A text as a localpart, XEP-0106: ten characters become `\20` and the like. Throws JidError for a
   * space at its start or end, UsageError for what is no string.
   *
   *     Jid.escapeLocal("d'artagnan")   // 'd\\27artagnan'
   */
  static escapeLocal(text: string): string {
    return escapeLocal(text);
  }

  /**
   * What escapeLocal made of it, for display and gateways; compare and send the escaped form.
   *
   *     Jid.unescapeLocal('d\\27artagnan')   // "d'artagnan"
   */
  static unescapeLocal(local: string): string {
    return unescapeLocal(local);
  }

  /** '' when there is none. */
  get local(): string {
    return (this.#local ??= this.#text.slice(0, atOf(this.#form)));
  }

  get domain(): string {
    if (this.#domain !== undefined) return this.#domain;
    const at = atOf(this.#form);
    const slash = slashOf(this.#form);
    const end = slash === 0 ? this.#text.length : slash;
    return (this.#domain = this.#text.slice(at === 0 ? 0 : at + 1, end));
  }

  /** '' when there is none. */
  get resource(): string {
    if (this.#resource !== undefined) return this.#resource;
    const slash = slashOf(this.#form);
    return (this.#resource = slash === 0 ? '' : this.#text.slice(slash + 1));
  }

  /** False where parseWire took an address that is none; see there. */
  get canonical(): boolean {
    return this.#form !== wireState;
  }

  /** The address without its resource; of one that is not canonical, in the spelling that it has. */
  get bare(): Jid {
    return onCoreOf(this, () => this.#withoutResource());
  }

  #withoutResource(): Jid {
    const form = this.#form;
    if (form === wireState) {
      const slash = this.#text.indexOf('/');
      if (slash < 0) return this;
      return new Jid(made, this.#text.slice(0, slash), wireState, this.#local, this.#domain, '');
    }
    const slash = slashOf(form);
    if (slash === 0) return this;
    return new Jid(
      made,
      this.#text.slice(0, slash),
      form & bareMask,
      this.#local,
      this.#domain,
      '',
    );
  }

  /**
   * The same account with another resource; '' for none. Throws JidError for a bad one.
   *
   *     String(Jid.parse('juliet@example.com/balcony').withResource('hall'))
   *     // 'juliet@example.com/hall'
   */
  withResource(resource: string): Jid {
    if (typeof resource !== 'string') throw new UsageError('a resource is a string');
    return onCoreOf(this, () => this.#withOther(resource));
  }

  #withOther(resource: string): Jid {
    const bare = this.#withoutResource();
    if (resource === '') return bare;
    const text = partText(CorePart.Resource, resource, 0);
    const account = bare.#text;
    const form = bare.canonical ? bare.#form | (account.length << Result.SlashShift) : wireState;
    return new Jid(made, `${account}/${text}`, form, bare.#local, bare.#domain, text);
  }

  /**
   * Whether both are the same address, octet by octet; what is no Jid is another one. One that is not
   * canonical equals its own spelling only.
   */
  equals(other: Jid): boolean {
    // What has the field was made here, which a prototype alone does not show.
    return isObject(other) && #text in other && this.#text === other.#text;
  }

  /** The canonical form, good as a key of a map. */
  toString(): string {
    return this.#text;
  }

  toJSON(): string {
    return this.#text;
  }

  /**
   * The domainpart in ASCII, for DNS, TLS and HTTP: RFC 5891. Throws JidError where a label has more
   * than 63 octets or the name more than 253, and for a domainpart that is not canonical.
   *
   *     Jid.parse('juliet@bücher.example').toAscii()   // 'xn--bcher-kva.example'
   */
  toAscii(): string {
    return onCoreOf(this, () => this.#asciiDomain());
  }

  #asciiDomain(): string {
    const { domain } = this;
    if (!this.canonical) return Jid.from({ domain }).toAscii();
    const result = asciiDomain(domain);
    if (result < 0) throw jidError(result);
    return canonicalText(domain, result);
  }

  /** How Node and Deno print it. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Jid <${this.#text}>`;
  }
}

/** What `check` says of a bad address. An Error costs more than all the rest, so it is made on demand. */
class BadAddress {
  readonly ok = false;
  /** Public for comparisons by fields. */
  readonly source: string;
  readonly #options: number;
  #error: JidError | undefined;

  constructor(source: string, options: number) {
    this.source = source;
    this.#options = options;
    if (borrowed !== undefined) keepCore(this, borrowed);
  }

  get error(): JidError {
    return (this.#error ??= onCoreOf(this, () =>
      jidError(enforceAddress(this.source, this.#options)),
    ));
  }

  toJSON(): object {
    const { part, rule, code, message } = this.error;
    return { ok: false, error: { part, rule, code, message } };
  }
}

const bareMask = (Result.AtMask << Result.AtShift) | Result.State;

const atOf = (form: number) => (form >>> Result.AtShift) & Result.AtMask;
const slashOf = (form: number) => form >>> Result.SlashShift;

function partText(part: CorePart, source: string, options: number): string {
  const result = enforcePart(part, source, options);
  if (result < 0) throw jidError(result);
  return canonicalText(source, result);
}

/** Callers without types may compare with anything. */
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function checkedText(source: string): string {
  if (typeof source !== 'string') throw new UsageError('an address is a string');
  return source;
}

/** Whether there is an engine among the options, of whatever kind. */
function namesEngine<Options extends JidEngine>(
  options: Options | number | undefined,
): options is Options & { readonly engine: Engine } {
  // Callers without types may pass null.
  return typeof options === 'object' && (options as Options | null)?.engine !== undefined;
}

/** Calls `work` with the core of the engine and the other options. */
function inEngine<Options extends JidEngine & { readonly engine: Engine }, Made>(
  { engine, ...others }: Options,
  work: (others: Omit<Options, 'engine'>) => Made,
): Made {
  // Not instanceof: whoever uses addresses alone has no engines, and no use for the class.
  const core = (engine as { readonly core?: Partial<CoreExports> } | null)?.core;
  if (core?.jid_parse === undefined) {
    throw new UsageError("engine is not an Engine with addresses, which one made by 'tercet' has");
  }
  return onCore(core as CoreExports, () => work(others));
}

function optionBits(options: JidOptions | number | undefined): number {
  if (options === undefined) return 0;
  // The index that comes along in addresses.map(Jid.parse).
  if (typeof options === 'number') return 0;
  checkOptions(options, ['allowUnderscore', 'strict', 'engine']);
  const { allowUnderscore = false, strict } = options;
  if (typeof allowUnderscore !== 'boolean') {
    throw new UsageError('options.allowUnderscore is not a boolean');
  }
  if (strict !== undefined && (strict as string) !== 'rfc8265') {
    throw new UsageError("options.strict is not 'rfc8265'");
  }
  return (allowUnderscore ? JidOption.AllowUnderscore : 0) | (strict ? JidOption.Strict : 0);
}

function checkOptions(options: unknown, names: readonly string[]): void {
  if (typeof options === 'number') return;
  if (typeof options !== 'object' || options === null) {
    throw new UsageError('options is not an object');
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new UsageError(
      `the option ${echo(name)} is not known; the options are ${names.join(', ')}`,
    );
  }
}
