/*
 * Where a domain has XMPP over TCP (RFC 6120, section 3.2; XEP-0368): the SRV records of `_xmpps-client` and
 * `_xmpp-client` as one list, by priority, then at random by weight (RFC 2782). A domain without records is
 * tried itself, at port 5222; one that says `.` has no such service.
 */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isLoopback } from '../client/transport.js';

/** As DNS gives it. */
export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** The records of a name such as `_xmpp-client._tcp.example.com`; rejects or gives none where there are none. */
export type ResolveSrv = (name: string, signal: AbortSignal) => Promise<readonly SrvRecord[]>;

interface Candidate extends SrvRecord {
  readonly scheme: string;
}

const services = [
  ['xmpps:', '_xmpps-client._tcp'],
  ['xmpp:', '_xmpp-client._tcp'],
] as const;

const maxRecords = 16;

/** The places of a domain, best first. */
export async function discoverTcp(
  domain: string,
  signal: AbortSignal,
  resolve: ResolveSrv,
): Promise<readonly string[]> {
  const itself = [`xmpp://${domain}:5222`];
  if (isLoopback(domain) || isIP(domain.replace(/[[\]]/g, '')) !== 0) return itself;
  const found = await Promise.all(
    services.map(async ([scheme, service]) => {
      const records = await resolve(`${service}.${domain}`, signal).catch(() => []);
      return records.map((record) => ({ scheme, ...record }));
    }),
  );
  signal.throwIfAborted();
  const candidates = found.flat();
  return candidates.length === 0 ? itself : placesOf(candidates);
}

export const resolveSrv: ResolveSrv = async (name, signal) => {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel);
  try {
    return await resolver.resolveSrv(name);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
};

/** Candidates as URIs, in the order in which to try them. */
function placesOf(candidates: readonly Candidate[]): string[] {
  const rest = candidates.filter(({ name }) => name !== '' && name !== '.');
  const places: string[] = [];
  while (rest.length > 0 && places.length < maxRecords) {
    const priority = Math.min(...rest.map((record) => record.priority));
    const equal = rest.filter((record) => record.priority === priority);
    const next = pick(equal);
    rest.splice(rest.indexOf(next), 1);
    places.push(`${next.scheme}//${next.name}:${next.port}`);
  }
  return places;
}

/**
 * One of them, the likelier the more it weighs. Those without weight stand first, where a number from 0 to the
 * sum, both included, finds them seldom but finds them (RFC 2782); where none has weight, all are alike.
 */
function pick(candidates: readonly Candidate[]): Candidate {
  const ordered = candidates.toSorted((one, other) => one.weight - other.weight);
  const total = ordered.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return ordered[Math.floor(Math.random() * ordered.length)];
  let left = Math.floor(Math.random() * (total + 1));
  const found = ordered.find(({ weight }) => (left -= weight) <= 0);
  return found ?? candidates[0];
}
