/*
 * Where a domain has XMPP over TCP (RFC 6120, section 3.2; XEP-0368): the SRV records of `_xmpps-client` and
 * `_xmpp-client` as one list, by priority, then at random by weight (RFC 2782). A domain without records is
 * tried itself, at port 5222; one that says `.` has no such service.
 */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isLoopback } from '../client/transport.js';

export interface Record {
  readonly scheme: 'xmpp:' | 'xmpps:';
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

const services = [
  ['xmpps:', '_xmpps-client._tcp'],
  ['xmpp:', '_xmpp-client._tcp'],
] as const;

const maxRecords = 16;

/** The places of a domain, best first. */
export async function discoverTcp(domain: string, signal: AbortSignal): Promise<readonly string[]> {
  const itself = [`xmpp://${domain}:5222`];
  if (isLoopback(domain) || isIP(domain.replace(/[[\]]/g, '')) !== 0) return itself;
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel);
  try {
    const found = await Promise.all(
      services.map(async ([scheme, service]) => {
        const records = await resolver.resolveSrv(`${service}.${domain}`).catch(() => []);
        return records.map((record) => ({ scheme, ...record }));
      }),
    );
    signal.throwIfAborted();
    const records = found.flat();
    return records.length === 0 ? itself : placesOf(records, Math.random);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Records as URIs, in the order in which to try them; `random` is from 0 to 1. */
export function placesOf(records: readonly Record[], random: () => number): string[] {
  const rest = records.filter(({ name }) => name !== '' && name !== '.');
  const places: string[] = [];
  while (rest.length > 0 && places.length < maxRecords) {
    const priority = Math.min(...rest.map((record) => record.priority));
    const equal = rest.filter((record) => record.priority === priority);
    const next = pick(equal, random());
    rest.splice(rest.indexOf(next), 1);
    places.push(`${next.scheme}//${next.name}:${next.port}`);
  }
  return places;
}

/** One of them, the likelier the more it weighs; those without weight last. */
function pick(records: readonly Record[], random: number): Record {
  const total = records.reduce((sum, { weight }) => sum + weight, 0);
  let left = random * total;
  const found = records.find(({ weight }) => (left -= weight) < 0);
  return found ?? records[0];
}
