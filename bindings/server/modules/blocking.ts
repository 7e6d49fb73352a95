/*
 * Blocking (XEP-0191): addresses that an account wants nothing from and has nothing for. Whoever is blocked
 * meets an account where nobody is; whoever writes to somebody blocked is told so.
 *
 *     blocked address       stops
 *     user@domain/resource  that resource
 *     user@domain           all resources of it
 *     domain/resource       that resource of a domain
 *     domain                everybody there
 *
 * Who is blocked sees the account's resources go, who is unblocked sees them come. A resource that has asked
 * for the list is told of changes.
 */
import { xml } from '../../builder.js';
import type { Element } from '../../element.js';
import { Jid } from '../../jid.js';
import { NS } from '../../namespaces.js';
import type { Inbound, ModuleHost, Request, RequestReply, ServerModule } from '../module.js';
import { hideFrom, showTo } from '../presences.js';
import type { Session } from '../sessions.js';

export interface BlockingOptions {
  /** Blocked addresses of one account (1,000). */
  readonly maxBlocked?: number;
}

const ns = 'urn:xmpp:blocking';
const errorsNs = 'urn:xmpp:blocking:errors';
const collection = 'blocking';
/** Accounts whose lists are at hand. */
const maxCached = 10_000;

export function blocking({ maxBlocked = 1000 }: BlockingOptions = {}): ServerModule {
  const cache = new Map<string, ReadonlySet<string>>();
  /** Resources that have asked for the list. */
  const interested = new WeakSet<Session>();

  function listOf(account: string, server: ModuleHost): ReadonlySet<string> {
    const cached = cache.get(account);
    if (cached) return cached;
    const list = new Set(server.storage.list(collection, account).map(({ key }) => key));
    cache.set(account, list);
    for (const oldest of cache.keys()) {
      if (cache.size <= maxCached) break;
      cache.delete(oldest);
    }
    return list;
  }

  function change(
    account: string,
    action: 'block' | 'unblock',
    addresses: readonly string[],
    server: ModuleHost,
  ): void {
    // Before it holds in the one case, once it does in the other: presence passes the block itself.
    if (action === 'block')
      for (const jid of addresses) forSubscribers(account, jid, hideFrom, server);
    for (const jid of addresses) {
      if (action === 'block') server.storage.set(collection, account, jid, '');
      else server.storage.delete(collection, account, jid);
    }
    cache.delete(account);
    server.refilter(account);
    if (action === 'unblock')
      for (const jid of addresses) forSubscribers(account, jid, showTo, server);
  }

  function push(
    account: string,
    name: string,
    items: readonly Element[],
    server: ModuleHost,
  ): void {
    for (const session of server.sessions.of(account)) {
      if (!interested.has(session)) continue;
      const attrs = { xmlns: NS.client, type: 'set', id: server.makeId(), to: session.jid };
      server.send(xml('iq', attrs, xml(name, { xmlns: ns }, ...items)), session);
    }
  }

  function block(payload: Element, { sender, server }: Request): RequestReply {
    const { account } = sender;
    const addresses = readItems(payload);
    if (!addresses) return { error: 'jid-malformed' };
    if (addresses.length === 0) return { error: 'bad-request' };
    const list = listOf(account, server);
    const added = addresses.filter((jid) => !list.has(jid));
    if (list.size + added.length > maxBlocked) return { error: 'resource-constraint' };
    change(account, 'block', added, server);
    push(account, 'block', addresses.map(item), server);
    return undefined;
  }

  function unblock(payload: Element, { sender, server }: Request): RequestReply {
    const { account } = sender;
    const addresses = readItems(payload);
    if (!addresses) return { error: 'jid-malformed' };
    const list = listOf(account, server);
    const removed = addresses.length === 0 ? [...list] : addresses.filter((jid) => list.has(jid));
    change(account, 'unblock', removed, server);
    push(account, 'unblock', addresses.map(item), server);
    return undefined;
  }

  function get(_payload: Element, { sender, server }: Request): RequestReply {
    interested.add(sender);
    const addresses = [...listOf(sender.account, server)];
    return xml('blocklist', { xmlns: ns }, ...addresses.map(item));
  }

  return {
    name: 'blocking',
    skipsPlainMessages: true,
    features: [ns],
    requests: [
      { name: 'blocklist', ns, at: ['own-account'], get },
      { name: 'block', ns, at: ['own-account'], set: block },
      { name: 'unblock', ns, at: ['own-account'], set: unblock },
    ],
    filters: (account, server) => listOf(account, server).size > 0,
    deleted: (account) => void cache.delete(account),
    blocks: (account, other, server) => isListed(listOf(account, server), account, other),
    stanza: (inbound) => refuseOutbound(inbound, listOf(inbound.sender.account, inbound.server)),
  };
}

/** Whether the list names this address, or more than it; nobody blocks the own account. */
function isListed(list: ReadonlySet<string>, account: string, other: string): boolean {
  if (list.size === 0) return false;
  const slash = other.indexOf('/');
  const bare = slash < 0 ? other : other.slice(0, slash);
  if (bare === account) return false;
  const domain = bare.slice(bare.indexOf('@') + 1);
  const resource = slash < 0 ? '' : other.slice(slash);
  return list.has(other) || list.has(bare) || list.has(domain) || list.has(`${domain}${resource}`);
}

/** What the account itself sends to somebody whom it blocks (section 3.5). */
function refuseOutbound(inbound: Inbound, list: ReadonlySet<string>): boolean {
  const { stanza, sender, to, realm, server } = inbound;
  if (!to || realm === 'server' || !isListed(list, sender.account, to.toString())) return false;
  // Going, and taking presence back, is never wrong.
  const type = stanza.attr('type');
  const isLeaving = type === 'unavailable' || type === 'unsubscribe' || type === 'unsubscribed';
  if (stanza.name === 'presence' && isLeaving) return false;
  const application = xml('blocked', { xmlns: errorsNs });
  server.refuse(stanza, 'not-acceptable', sender, { type: 'cancel', application });
  return true;
}

/** Those of the account's subscribers whom a blocked address covers. */
function forSubscribers(
  account: string,
  blocked: string,
  act: (contact: string, account: string, server: ModuleHost) => void,
  server: ModuleHost,
): void {
  const covering = new Set([blocked]);
  for (const { jid } of server.rosters.contacts(account)) {
    if (server.rosters.isSubscriber(account, jid) && isListed(covering, account, jid)) {
      act(jid, account, server);
    }
  }
}

/** The addresses in canonical form; undefined where one is none. */
function readItems(payload: Element): string[] | undefined {
  const addresses: string[] = [];
  for (const each of payload.elements('item', ns)) {
    const checked = Jid.check(each.attr('jid') ?? '');
    if (!checked.ok) return undefined;
    addresses.push(checked.jid.toString());
  }
  return addresses;
}

const item = (jid: string): Element => xml('item', { jid });
