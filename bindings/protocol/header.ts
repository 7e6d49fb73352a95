/*
 * The receiving side of a stream header (RFC 6120, sections 4.7 and 4.9.1.3): what to reply, and whether
 * an error must follow the reply. The reply always goes out, because a stream error needs a stream.
 *
 *     to        the domain asked for; absent: the default one; unknown: `host-unknown`, sent from our own;
 *               `host-gone` where it was served here once
 *     version   1.0 for every 1.x and above; absent means 0.9, which has no features and so no way to
 *               authenticate here: `unsupported-version`
 *     id        unpredictable, new after every restart
 *     from      answered as `to`, if it is an address at all
 */
import type { Element } from '../element.js';
import { Jid } from '../jid.js';
import type { Framing, StreamHeader } from './framing.js';
import type { StreamCondition } from './stream-error.js';

export interface HeaderOptions {
  readonly framing: Framing;
  readonly contentNamespace: string;
  /** Domains served here; the first is the default. */
  readonly domains: readonly string[];
  /** Domains that were served here once. */
  readonly formerDomains: readonly string[];
  readonly id: string;
  /** The language of what the server says. */
  readonly lang: string;
}

export interface HeaderVerdict {
  readonly reply: StreamHeader;
  readonly domain: string;
  /** The language of what the client says, which its stanzas inherit; '' when it named none. */
  readonly lang: string;
  readonly error?: StreamCondition;
}

/** `header` is undefined when an error comes before any header did. */
export function judgeHeader(header: Element | undefined, options: HeaderOptions): HeaderVerdict {
  const { framing, contentNamespace, domains, formerDomains, id, lang } = options;
  const [defaultDomain = ''] = domains;
  const wanted = header?.attr('to');
  const domain = wanted === undefined ? defaultDomain : knownDomain(wanted, domains);
  const from = header?.attr('from');
  const version = parseVersion(header?.attr('version'));
  const error =
    header &&
    (framing.checkHeader(header, contentNamespace) ??
      (domain === undefined ? unknown(wanted, formerDomains) : undefined) ??
      (version !== undefined && version >= 1 ? undefined : 'unsupported-version'));
  return {
    reply: {
      from: domain ?? defaultDomain,
      to: from === undefined ? undefined : bareAddress(from),
      id,
      version: header && version === 0 ? undefined : '1.0',
      lang,
    },
    domain: domain ?? defaultDomain,
    lang: header?.attrs['xml:lang'] ?? '',
    ...(error && { error }),
  };
}

const unknown = (wanted = '', formerDomains: readonly string[]): StreamCondition =>
  knownDomain(wanted, formerDomains) === undefined ? 'host-unknown' : 'host-gone';

function knownDomain(wanted: string, domains: readonly string[]): string | undefined {
  const checked = Jid.check(wanted);
  if (!checked.ok || checked.jid.local !== '' || checked.jid.resource !== '') return undefined;
  return domains.includes(checked.jid.domain) ? checked.jid.domain : undefined;
}

function bareAddress(from: string): string | undefined {
  const checked = Jid.check(from);
  return checked.ok ? checked.jid.bare.toString() : undefined;
}

/** The major number (section 4.7.5); 0 when there is none, undefined when it is no version at all. */
function parseVersion(version: string | undefined): number | undefined {
  if (version === undefined) return 0;
  const match = /^([0-9]{1,9})\.[0-9]{1,9}$/.exec(version);
  return match ? Number(match[1]) : undefined;
}
