/*
 * Service discovery (XEP-0030), as far as a server without services has something to say: who it is,
 * what its modules announce, and that there are no items. No node is known.
 */
import type { Element } from '../../element.js';
import { xml } from '../../builder.js';
import { NS } from '../../namespaces.js';
import type { Request, RequestReply, ServerModule } from '../module.js';

export function disco(): ServerModule {
  return {
    name: 'disco',
    features: [NS.discoInfo, NS.discoItems],
    accountFeatures: [NS.discoInfo, NS.discoItems],
    requests: [
      { name: 'query', ns: NS.discoInfo, at: ['server'], get: serverInfo },
      { name: 'query', ns: NS.discoInfo, at: ['own-account'], get: accountInfo },
      { name: 'query', ns: NS.discoItems, at: ['server', 'own-account'], get: noItems },
    ],
  };
}

function serverInfo(query: Element, { server }: Request): RequestReply {
  if (query.attr('node')) return { error: 'item-not-found' };
  const features = new Set(server.modules.flatMap((module) => module.features ?? []));
  return info('server', 'im', [...features].sort());
}

function accountInfo(query: Element, { server }: Request): RequestReply {
  if (query.attr('node')) return { error: 'item-not-found' };
  const features = new Set(server.modules.flatMap((module) => module.accountFeatures ?? []));
  return info('account', 'registered', [...features].sort());
}

function noItems(query: Element): RequestReply {
  if (query.attr('node')) return { error: 'item-not-found' };
  return xml('query', { xmlns: NS.discoItems });
}

function info(category: string, type: string, features: readonly string[]): Element {
  return xml(
    'query',
    { xmlns: NS.discoInfo },
    xml('identity', { category, type, name: 'tercet' }),
    ...features.map((feature) => xml('feature', { var: feature })),
  );
}
