/*
 * Messages for accounts where nobody is (RFC 6121, section 8.5.2; XEP-0160): kept in the mailbox with a stamp
 * of the time (XEP-0203), sent in order to the first resource that is available with a priority of 0 or more.
 *
 * An account's messages are bounded: beyond the limit the sender hears that this one was not kept, a stranger
 * too. He learns that the account is there, once he has filled it; a message that is lost without a word,
 * though it was acknowledged (XEP-0198), would be worse.
 */
import { isWorthKeeping } from '../mailbox.js';
import type { Arrival, ModuleHost, ServerModule } from '../module.js';
import type { Session } from '../sessions.js';

export interface OfflineOptions {
  /** Messages of one account (1,000). */
  readonly maxMessages?: number;
}

export function offline({ maxMessages = 1000 }: OfflineOptions = {}): ServerModule {
  return {
    name: 'offline',
    features: ['msgoffline'],
    arrival(arrival): boolean {
      if (arrival.kind !== 'message' || arrival.verdict !== 'store') return false;
      if (isWorthKeeping(arrival.stanza)) keep(arrival, maxMessages);
      return true;
    },
    available: handOver,
  };
}

function keep({ stanza, sender, account, server }: Arrival, maxMessages: number): void {
  if (server.mailbox.count(account) < maxMessages) return server.mailbox.keep(account, stanza);
  server.log('debug', 'too many messages wait', { jid: account });
  server.refuse(stanza, 'service-unavailable', sender);
}

function handOver(session: Session, _isInitial: boolean, server: ModuleHost): void {
  if (session.priority < 0) return;
  for (const { tag, stanza } of server.mailbox.take(session.account)) {
    server.sendKept(stanza, tag, session);
  }
}
