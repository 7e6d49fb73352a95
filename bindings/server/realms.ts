/*
 * Whom an address is for: the server itself, an account here, or somebody elsewhere. No address means the sender's own
 * account (RFC 6120, section 10.3).
 */
import type { Jid } from '../jid.js';

export type Realm = 'server' | 'account' | 'elsewhere';

export function realmOf(to: Jid | undefined, domain: string): Realm {
  if (!to) return 'account';
  if (to.domain !== domain) return 'elsewhere';
  return to.local === '' ? 'server' : 'account';
}
