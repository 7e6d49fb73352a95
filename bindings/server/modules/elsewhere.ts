/*
 * Stanzas for other domains (RFC 6120, section 10.4). Federation is off: messages and requests get
 * `remote-server-not-found`, presence is dropped, as nobody waits for an answer to it.
 */
import type { ServerModule } from '../module.js';

export function elsewhere(): ServerModule {
  return {
    name: 'elsewhere',
    skipsPlainMessages: true,
    stanza({ realm, kind, stanza, sender, server }): boolean {
      if (realm !== 'elsewhere') return false;
      if (kind !== 'presence') server.refuse(stanza, 'remote-server-not-found', sender);
      return true;
    },
  };
}
