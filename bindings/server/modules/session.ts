/*
 * The session of RFC 3921, which binding has replaced: older clients still ask for one, and any that is
 * bound has it.
 */
import { NS } from '../../namespaces.js';
import type { ServerModule } from '../module.js';

export function session(): ServerModule {
  return {
    name: 'session',
    requests: [
      {
        name: 'session',
        ns: NS.session,
        at: ['server', 'own-account'],
        set: () => undefined,
      },
    ],
  };
}
