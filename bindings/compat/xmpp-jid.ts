/*
 * The face of @xmpp/jid over this package's addresses (RFC 7622; XEP-0106, JID escaping).
 *
 * Stricter than the original: each part is prepared, so what RFC 7622 refuses throws a JidError (a
 * TercetError, as everything thrown here), and two spellings of one address are equal. A localpart
 * that holds characters which need it is escaped, as the original does.
 */
import '../wasm/jid.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';

export { JidError, type JidPart, type JidRule } from '../jid-error.js';

// A sequence of XEP-0106, and what may not stand outside of one.
const sequence = /\\(?:20|22|26|27|2f|3a|3c|3e|40|5c)/g;
const special = /[ "&'/:<>@\\]/;

/** Whether a text holds characters that a localpart cannot hold, outside of escape sequences. */
export function detectEscape(local: string | null | undefined): boolean {
  if (!local) return false;
  return special.test(local) && special.test(local.replaceAll(sequence, ''));
}

/** Each of the ten characters of XEP-0106 as a sequence; white space around the text is dropped. */
export function escapeLocal(local: string): string;
export function escapeLocal(local: null): null;
export function escapeLocal(local: string | null): string | null {
  if (local === null) return null;
  return local
    .trim()
    .replaceAll(/[ "&'/:<>@\\]/g, (character) => `\\${character.charCodeAt(0).toString(16)}`);
}

/** The characters that sequences stand for, each sequence read once. */
export function unescapeLocal(local: string): string;
export function unescapeLocal(local: null): null;
export function unescapeLocal(local: string | null): string | null {
  return local === null ? null : Jid.unescapeLocal(local);
}

/** An address whose parts can be set. */
export class JID {
  /** Canonical parts; '' where there is none. @internal */
  declare _domain: string;
  /** @internal */
  declare _local: string;
  /** @internal */
  declare _resource: string;

  /** Throws JidError for a part that is none, TypeError without a domain. */
  constructor(local: string | null | undefined, domain: string, resource?: string | null) {
    if (typeof domain !== 'string' || domain === '') throw new TypeError('Invalid domain.');
    this.setDomain(domain);
    this.setLocal(typeof local === 'string' ? local : '');
    this.setResource(typeof resource === 'string' ? resource : '');
  }

  get local(): string {
    return this._local;
  }

  set local(local: string) {
    this.setLocal(local);
  }

  get domain(): string {
    return this._domain;
  }

  set domain(domain: string) {
    this.setDomain(domain);
  }

  get resource(): string {
    return this._resource;
  }

  set resource(resource: string) {
    this.setResource(resource);
  }

  [Symbol.toPrimitive](hint: string): string | number {
    return hint === 'number' ? Number.NaN : this.toString();
  }

  /** The address; with `unescape`, its localpart for people to read. */
  toString(unescape?: boolean): string {
    const account = this._local === '' ? '' : `${this.getLocal(unescape)}@`;
    const resource = this._resource === '' ? '' : `/${this._resource}`;
    return account + this._domain + resource;
  }

  toJSON(): string {
    return this.toString();
  }

  /** The address without its resource: itself if it has none. */
  bare(): JID {
    return this._resource === ''
      ? this
      : made({ local: this._local, domain: this._domain, resource: '' });
  }

  equals(other: JID): boolean {
    return (
      this._local === other._local &&
      this._domain === other._domain &&
      this._resource === other._resource
    );
  }

  getLocal(unescape = false): string {
    return unescape ? unescapeLocal(this._local) : this._local;
  }

  /** Sets the localpart, escaped where it needs to be or `escape` says so. */
  setLocal(local: string, escape = false): this {
    const written = escape || detectEscape(local) ? escapeLocal(local) : local;
    this._local = written ? Jid.from({ local: written, domain: 'localhost' }).local : '';
    return this;
  }

  getDomain(): string {
    return this._domain;
  }

  setDomain(domain: string): this {
    this._domain = Jid.from({ domain }).domain;
    return this;
  }

  getResource(): string {
    return this._resource;
  }

  setResource(resource: string): this {
    this._resource = resource ? Jid.from({ domain: 'localhost', resource }).resource : '';
    return this;
  }
}

/**
 * The address that a text is.
 *
 *     String(parse('Juliet@Example.com/balcony'))   // 'juliet@example.com/balcony'
 */
export function parse(source: string): JID {
  if (typeof source !== 'string') throw new UsageError('an address is a string');
  const slash = source.indexOf('/');
  const bare = slash < 0 ? source : source.slice(0, slash);
  const local = bare.slice(0, Math.max(0, bare.indexOf('@')));
  // Without anything to escape the text is the address, or none: a part that is present has a length.
  if (!detectEscape(local)) return made(Jid.parse(source));
  const resource = slash < 0 ? null : source.slice(slash + 1);
  if (resource === '') Jid.parse(`localhost/`);
  return new JID(local, bare.slice(local.length + 1), resource);
}

/** An address whose parts are prepared. */
function made({ local, domain, resource }: Pick<Jid, 'local' | 'domain' | 'resource'>): JID {
  const address = Object.create(JID.prototype) as JID;
  address._domain = domain;
  address._local = local;
  address._resource = resource;
  return address;
}

/** An address from one text, or from its parts. */
export function jid(local: string, domain?: string | null, resource?: string | null): JID {
  if (!domain && !resource) return parse(local);
  return new JID(local, domain ?? '', resource);
}

export function equal(one: JID, other: JID): boolean {
  return one.equals(other);
}

/** The default export: a function that has all the others as properties. */
const face = /* @__PURE__ */ Object.assign(jid.bind(undefined), {
  jid,
  JID,
  parse,
  equal,
  detectEscape,
  escapeLocal,
  unescapeLocal,
});
export default face;
