/*
 * Rosters as XML (RFC 6121, section 2): items, pushes, and the check of what a client wants to set.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import type { StanzaCondition } from '../protocol/stanza-error.js';
import type { ModuleHost } from './module.js';
import type { Contact } from './rosters.js';
import type { Session } from './sessions.js';
import { isPendingOut, subscriptionOf } from './subscription.js';

export const rosterItem = ({ jid, name, groups, state, isApproved }: Contact): Element =>
  xml(
    'item',
    {
      jid,
      name: name === '' ? undefined : name,
      subscription: subscriptionOf(state),
      ask: isPendingOut(state) ? 'subscribe' : undefined,
      approved: isApproved ? 'true' : undefined,
    },
    ...groups.map((group) => xml('group', {}, group)),
  );

export const removedItem = (jid: string): Element => xml('item', { jid, subscription: 'remove' });

/** One change, to one resource; each push has an id of its own (section 2.1.6). */
export function sendPush(
  item: Element,
  version: string,
  target: Session,
  server: ModuleHost,
): void {
  const query = xml('query', { xmlns: NS.roster, ver: version }, item);
  const attrs = { xmlns: NS.client, type: 'set', id: server.makeId(), to: target.jid };
  server.send(xml('iq', attrs, query), target);
}

/** The last change of an account's roster, to everybody who is interested. */
export function push(item: Element, account: string, server: ModuleHost): void {
  const version = server.rosters.version(account);
  for (const target of server.sessions.of(account)) {
    if (target.isInterested) sendPush(item, version, target, server);
  }
}

/** What a client asks for, in order. */
export type RosterSet =
  | {
      readonly type: 'update';
      readonly jid: string;
      readonly name: string;
      readonly groups: string[];
    }
  | { readonly type: 'remove'; readonly jid: string }
  | { readonly type: 'refused'; readonly condition: StanzaCondition };

/** Characters of a name or a group; a roster of strangers' making stays small. */
const maxNameLength = 1023;
const maxGroups = 64;

/** Checks the payload of a roster set (sections 2.3 to 2.5). `account` is whose roster it is. */
export function readRosterSet(query: Element, account: string): RosterSet {
  const items = query.elements();
  const item = items.at(0);
  if (items.length !== 1 || item?.name !== 'item' || item.ns !== NS.roster) {
    return refused('bad-request');
  }
  const written = item.attr('jid');
  if (written === undefined) return refused('bad-request');
  const checked = Jid.check(written);
  if (!checked.ok) return refused('jid-malformed');
  const jid = checked.jid.bare.toString();
  if (item.attr('subscription') === 'remove') return { type: 'remove', jid };
  if (jid === account) return refused('not-allowed');
  const name = item.attr('name') ?? '';
  const groups = item.elements('group', NS.roster).map(({ text }) => text);
  if (new Set(groups).size < groups.length) return refused('bad-request');
  const isTooLong = [name, ...groups].some(({ length }) => length > maxNameLength);
  if (isTooLong || groups.length > maxGroups || groups.includes('')) {
    return refused('not-acceptable');
  }
  return { type: 'update', jid, name, groups };
}

const refused = (condition: StanzaCondition): RosterSet => ({ type: 'refused', condition });
