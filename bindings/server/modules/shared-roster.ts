/*
 * A roster that nobody edits: every account has all others in it, subscribed both ways. For
 * demonstrations and for groups where everybody knows everybody; rosters of one's own (RFC 6121,
 * section 2) are another module.
 */
import { xml } from '../../builder.js';
import { NS } from '../../namespaces.js';
import type { Server } from '../create-server.js';
import type { ServerModule } from '../module.js';

export function sharedRoster(): ServerModule {
  return {
    name: 'shared-roster',
    features: [NS.roster],
    contacts: othersThan,
    requests: [
      {
        name: 'query',
        ns: NS.roster,
        at: ['own-account'],
        get: (_query, { sender, server }) =>
          xml(
            'query',
            { xmlns: NS.roster },
            ...othersThan(sender.account, server).map((jid) =>
              xml('item', { jid, subscription: 'both' }),
            ),
          ),
        set: () => ({ error: 'not-allowed' }),
      },
    ],
  };
}

function othersThan(account: string, server: Server): string[] {
  return [...server.accounts.locals()]
    .map((local) => `${local}@${server.domain}`)
    .filter((other) => other !== account);
}
