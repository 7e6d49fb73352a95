/*
 * XMPP ping (XEP-0199): the server answers for itself and for its accounts.
 */
import { NS } from '../../namespaces.js';
import type { ServerModule } from '../module.js';

export function ping(): ServerModule {
  return {
    name: 'ping',
    features: [NS.ping],
    requests: [{ name: 'ping', ns: NS.ping, at: ['server', 'own-account'], get: () => undefined }],
  };
}
