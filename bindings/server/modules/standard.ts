/*
 * The modules that a server has when nobody says otherwise. Their order is that in which they see a
 * stanza: foreign domains first, then one module a kind.
 */
import type { ServerModule } from '../module.js';
import { disco } from './disco.js';
import { elsewhere } from './elsewhere.js';
import { message } from './message.js';
import { offline } from './offline.js';
import { ping } from './ping.js';
import { presence } from './presence.js';
import { requests } from './requests.js';
import { roster } from './roster.js';
import { session } from './session.js';
import { subscriptions } from './subscriptions.js';

export function standardModules(): ServerModule[] {
  return [
    elsewhere(),
    roster(),
    subscriptions(),
    presence(),
    offline(),
    message(),
    requests(),
    ping(),
    disco(),
    session(),
  ];
}
