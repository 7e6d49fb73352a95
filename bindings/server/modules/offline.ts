/*
 * Messages for accounts where nobody is (RFC 6121, section 8.5.2; XEP-0160): kept with a stamp of the time
 * (XEP-0203), sent in order to the first resource that is available with a priority of 0 or more.
 *
 * What has neither a body nor the hint to store it (XEP-0334) is not worth keeping, such as the notice that
 * somebody types. An account's messages are bounded: beyond the limit whoever is known hears that this one
 * was not kept, and a stranger hears nothing.
 */
import type { Element } from '../../element.js';
import { xml } from '../../builder.js';
import { NS } from '../../namespaces.js';
import { parse } from '../../parse.js';
import { delay } from '../delay.js';
import type { Arrival, ModuleHost, ServerModule } from '../module.js';
import type { Session } from '../sessions.js';

export interface OfflineOptions {
  /** Messages of one account (1,000). */
  readonly maxMessages?: number;
}

const collection = 'offline';
const hints = 'urn:xmpp:hints';

export function offline({ maxMessages = 1000 }: OfflineOptions = {}): ServerModule {
  let lastKey = 0;
  /** Ascending, also when the clock goes back while the server runs. */
  const makeKey = (date: number): string => {
    lastKey = Math.max(lastKey + 1, date * 1000);
    return String(lastKey).padStart(17, '0');
  };

  function keep({ stanza, sender, account, isKnown, server }: Arrival): void {
    if (server.storage.count(collection, account) >= maxMessages) {
      server.log('debug', 'too many messages wait', { jid: account });
      if (isKnown()) server.refuse(stanza, 'service-unavailable', sender);
      return;
    }
    const date = server.date();
    const kept = stamped(stanza, date, server.domain);
    server.storage.set(collection, account, makeKey(date), kept.toString());
  }

  return {
    name: 'offline',
    features: ['msgoffline'],
    arrival(arrival): boolean {
      if (arrival.kind !== 'message' || arrival.verdict !== 'store') return false;
      if (isWorthKeeping(arrival.stanza)) keep(arrival);
      return true;
    },
    available: handOver,
  };
}

function handOver(session: Session, _isInitial: boolean, server: ModuleHost): void {
  if (session.priority < 0) return;
  const { account } = session;
  for (const { key, value } of server.storage.list(collection, account)) {
    server.send(parse(value), session);
    server.storage.delete(collection, account, key);
  }
}

function isWorthKeeping(message: Element): boolean {
  const hasHint = (name: string): boolean => message.child(name, hints) !== undefined;
  if (hasHint('no-store') || hasHint('no-permanent-store')) return false;
  return message.child('body', message.ns) !== undefined || hasHint('store');
}

/** With our stamp, and none that pretends to be ours. */
function stamped(message: Element, date: number, domain: string): Element {
  // On its own feet first: a prefix may be declared by the stream alone.
  const own = parse(message.toString());
  const isForged = (child: Element): boolean =>
    child.name === 'delay' && child.ns === NS.delay && child.attr('from') === domain;
  const children = own.children.filter((child) => typeof child === 'string' || !isForged(child));
  return xml('message', { ...own.attrs, xmlns: own.ns }, ...children, delay(date, domain));
}
