/*
 * Messages that found nobody to go to (RFC 6121, sections 5 and 8.5): where no module keeps them, whoever
 * is known hears that there is no way, and strangers hear nothing.
 */
import type { ServerModule } from '../module.js';

export function message(): ServerModule {
  return {
    name: 'message',
    arrival({ kind, verdict, stanza, sender, isKnown, server }): boolean {
      if (kind !== 'message' || verdict !== 'store') return false;
      if (isKnown()) server.refuse(stanza, 'service-unavailable', sender);
      return true;
    },
  };
}
