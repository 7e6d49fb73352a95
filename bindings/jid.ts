/*
 * Addresses: RFC 7622, for ASCII.
 *
 * Only ASCII addresses are understood so far. For them the result is exactly that of RFC 7622; any
 * other is refused with the code `jid-non-ascii-unsupported`, never passed on unprepared.
 *
 * Invariants: a Jid is canonical; parsing what toString gives changes nothing; a part is never
 * present and empty. Parts are split before anything is mapped (section 3.1), so no mapping can
 * make a separator.
 */
import { echo, JidError, UsageError, type JidPart } from './errors.js';

export { JidError, TercetError, UsageError, type JidPart } from './errors.js';

/** Octets of one part at the most: RFC 7622, sections 3.2 to 3.4. */
const partLengthMax = 1023;

export type JidResult =
  { readonly ok: true; readonly jid: Jid } | { readonly ok: false; readonly error: JidError };

export interface JidParts {
  readonly local?: string;
  readonly domain: string;
  readonly resource?: string;
}

/**
 * An address in canonical form: `local@domain/resource`.
 *
 *     const jid = Jid.parse('Juliet@Example.com/balcony');
 *     String(jid)        // 'juliet@example.com/balcony'
 *     String(jid.bare)   // 'juliet@example.com'
 *
 * ASCII only for now: any other address is a JidError with the code `jid-non-ascii-unsupported`.
 */
export class Jid {
  /** '' when there is none. */
  readonly local: string;
  readonly domain: string;
  /** '' when there is none. */
  readonly resource: string;

  private constructor(local: string, domain: string, resource: string) {
    this.local = local;
    this.domain = domain;
    this.resource = resource;
    // Also for callers without types: who checked an address may rely on it.
    Object.freeze(this);
  }

  /**
   * The canonical form of an address. Nothing is trimmed. Throws JidError, for the leftmost bad part.
   *
   *     Jid.parse('romeo@montague.lit/').part   // JidError: resource: a part that is present is ...
   */
  static parse(source: string): Jid {
    if (typeof source !== 'string') throw new UsageError('an address is a string');
    // The first '/' ends the bare part, and in it the first '@' the local one.
    const slash = source.indexOf('/');
    const bare = slash < 0 ? source : source.substring(0, slash);
    const at = bare.indexOf('@');
    return new Jid(
      at < 0 ? '' : preparedLocal(bare.substring(0, at)),
      preparedDomain(bare.substring(at + 1)),
      slash < 0 ? '' : preparedResource(source.substring(slash + 1)),
    );
  }

  /** Like `parse`, with the error as a value. Never throws for a string. */
  static check(source: string): JidResult {
    try {
      return { ok: true, jid: Jid.parse(source) };
    } catch (error) {
      if (error instanceof JidError) return { ok: false, error };
      throw error;
    }
  }

  /**
   * An address from its parts; '' and undefined mean that there is none. A separator inside a part
   * is an error, not a separator. Throws JidError.
   */
  static from(parts: JidParts): Jid {
    // Callers without types may pass anything.
    if (typeof parts !== 'object' || (parts as unknown) === null) {
      throw new UsageError('the parts of an address are an object');
    }
    const { local = '', domain, resource = '' } = parts;
    for (const part of [local, domain, resource]) {
      if (typeof part !== 'string') throw new UsageError('the parts of an address are strings');
    }
    return new Jid(
      local === '' ? '' : preparedLocal(local),
      preparedDomain(domain),
      resource === '' ? '' : preparedResource(resource),
    );
  }

  /** The address without its resource. */
  get bare(): Jid {
    return this.resource === '' ? this : new Jid(this.local, this.domain, '');
  }

  /** The same account with another resource; '' for none. Throws JidError. */
  withResource(resource: string): Jid {
    if (typeof resource !== 'string') throw new UsageError('a resource is a string');
    return new Jid(this.local, this.domain, resource === '' ? '' : preparedResource(resource));
  }

  /** Whether both are the same address; what is no Jid is another one. */
  equals(other: Jid): boolean {
    return (
      (other as unknown) instanceof Jid &&
      this.local === other.local &&
      this.domain === other.domain &&
      this.resource === other.resource
    );
  }

  /** The canonical form, good as a key of a map. */
  toString(): string {
    const account = this.local === '' ? this.domain : `${this.local}@${this.domain}`;
    return this.resource === '' ? account : `${account}/${this.resource}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** RFC 7622, section 3.3: lower case; besides controls and the space, eight characters are refused. */
function preparedLocal(source: string): string {
  checkPart(source, 'local');
  const forbidden = /[\0-\x20"&'/:<>@\x7f]/.exec(source);
  if (forbidden !== null) throw characterError('local', forbidden[0]);
  return source.toLowerCase();
}

/** RFC 7622, section 3.4: any printable character, and the space. */
function preparedResource(source: string): string {
  checkPart(source, 'resource');
  const forbidden = /[\0-\x1f\x7f]/.exec(source);
  if (forbidden !== null) throw characterError('resource', forbidden[0]);
  return source;
}

/** RFC 7622, section 3.2: a name of letters, digits and hyphens, or an IP address. */
function preparedDomain(source: string): string {
  checkText(source, 'domain');
  const lower = source.toLowerCase();
  if (lower.startsWith('[') || lower.endsWith(']')) {
    if (lower.startsWith('[') && lower.endsWith(']') && isIpv6(lower.slice(1, -1))) return lower;
    throw new JidError('jid-domain-ipv6', 'domain', 'brackets hold an IPv6 address');
  }
  // One final dot is no part of the name; section 3.2.
  const name = lower.endsWith('.') ? lower.slice(0, -1) : lower;
  checkLength(name, 'domain');
  for (const label of name.split('.')) {
    if (label === '') {
      throw new JidError('jid-domain-label', 'domain', 'a label of the name is empty');
    }
    const forbidden = /[^a-z0-9-]/.exec(label);
    if (forbidden !== null) throw characterError('domain', forbidden[0]);
    if (label.startsWith('-') || label.endsWith('-')) {
      throw new JidError(
        'jid-domain-label',
        'domain',
        `a label starts or ends with a hyphen: ${echo(label)}`,
      );
    }
    if (label.startsWith('xn--')) {
      // Its canonical form is the Unicode label behind it.
      throw new JidError('jid-non-ascii-unsupported', 'domain', 'A-labels are not supported yet');
    }
    if (label.startsWith('--', 2)) {
      throw new JidError(
        'jid-domain-label',
        'domain',
        `a label has hyphens in the third and fourth place: ${echo(label)}`,
      );
    }
  }
  return name;
}

function checkPart(source: string, part: JidPart): void {
  checkText(source, part);
  checkLength(source, part);
}

function checkText(source: string, part: JidPart): void {
  if (source === '') {
    throw new JidError('jid-part-empty', part, 'a part that is present is not empty');
  }
  if (/[^\0-\x7f]/.test(source)) {
    throw new JidError('jid-non-ascii-unsupported', part, 'only ASCII is supported so far');
  }
}

function checkLength(source: string, part: JidPart): void {
  if (source === '') {
    throw new JidError('jid-part-empty', part, 'a part that is present is not empty');
  }
  if (source.length > partLengthMax) {
    throw new JidError(
      'jid-part-too-long',
      part,
      `a part has at most ${partLengthMax} octets, this one has ${source.length}`,
    );
  }
}

function characterError(part: JidPart, character: string): JidError {
  return new JidError(
    'jid-character-forbidden',
    part,
    `the character ${echo(character)} is not allowed here`,
  );
}

/** IPv6address of RFC 3986, section 3.2.2, in lower case. */
function isIpv6(address: string): boolean {
  const halves = address.split('::');
  if (halves.length > 2) return false;
  let count = 0;
  for (const [index, half] of halves.entries()) {
    if (half === '') continue;
    const groups = half.split(':');
    const last = groups.length - 1;
    for (const [position, group] of groups.entries()) {
      // The last 32 bits may be written as an IPv4 address.
      if (index === halves.length - 1 && position === last && group.includes('.')) {
        if (!isIpv4(group)) return false;
        count += 2;
      } else {
        if (!/^[0-9a-f]{1,4}$/.test(group)) return false;
        count++;
      }
    }
  }
  return halves.length === 2 ? count <= 7 : count === 8;
}

function isIpv4(address: string): boolean {
  const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
  return new RegExp(`^${octet}(?:\\.${octet}){3}$`).test(address);
}
