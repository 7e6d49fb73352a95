/*
 * RFC 7622 as slow and as plain as it can be written: the reference that the core is compared with.
 * It reads the files of the Unicode Character Database itself and shares neither table nor code with the
 * core, nor anything with the host's Unicode.
 *
 * The steps are those of the design: split before anything is mapped, prepare each part, count octets of
 * the result. If several parts are bad the leftmost is reported.
 */

import { type DomainOptions, prepareDomain } from './domain.js';
import type { Fault, Part, PartResult, Rule } from './faults.js';
import { prepareLocal, prepareResource, type StrictOption } from './parts.js';

export type { Fault, Part, PartResult, Rule } from './faults.js';
export { type AsciiResult, domainToAscii } from './domain.js';

export interface Address {
  readonly ok: true;
  /** '' when absent, as are the others. */
  readonly local: string;
  readonly domain: string;
  readonly resource: string;
}

export interface Refusal extends Fault {
  readonly ok: false;
  readonly part: Part;
  /** All that is wrong with the part; the first of them is the refusal itself. */
  readonly faults: readonly Fault[];
}

/** RFC 7622, section 3.1: the first '/' ends the bare part, in which the first '@' ends the localpart. */
export function splitAddress(source: string): Partial<Record<Part, string>> & { domain: string } {
  const slash = source.indexOf('/');
  const bare = slash < 0 ? source : source.slice(0, slash);
  const at = bare.indexOf('@');
  return {
    domain: bare.slice(at + 1),
    ...(at >= 0 && { local: bare.slice(0, at) }),
    ...(slash >= 0 && { resource: source.slice(slash + 1) }),
  };
}

export type Options = DomainOptions & StrictOption;

export function parseAddress(source: string, options: Options = {}): Address | Refusal {
  const { local, domain, resource } = splitAddress(source);
  const domainStart = local === undefined ? 0 : local.length + 1;
  const steps: [Part, () => PartResult | undefined][] = [
    ['local', () => (local === undefined ? undefined : prepareLocal(local, 0, options))],
    ['domain', () => prepareDomain(domain, domainStart, options)],
    [
      'resource',
      () =>
        resource === undefined
          ? undefined
          : prepareResource(resource, domainStart + domain.length + 1, options),
    ],
  ];
  const address = { local: '', domain: '', resource: '' };
  for (const [part, prepare] of steps) {
    const result = prepare();
    if (result === undefined) continue;
    if (!result.ok) return { ok: false, part, ...result.faults[0], faults: result.faults };
    address[part] = result.text;
  }
  return { ok: true, ...address };
}

/** The canonical form. */
export function formatAddress({ local, domain, resource }: Omit<Address, 'ok'>): string {
  return `${local === '' ? '' : `${local}@`}${domain}${resource === '' ? '' : `/${resource}`}`;
}

export const isRule = (refusal: Refusal, rule: Rule): boolean =>
  refusal.faults.some((fault) => fault.rule === rule);
