/*
 * The modules that a server has when nobody says otherwise. Their order is that in which they see a
 * stanza: foreign domains first, then who is blocked, then one module a kind.
 */
import type { ServerModule } from '../module.js';
import { blocking } from './blocking.js';
import { disco } from './disco.js';
import { elsewhere } from './elsewhere.js';
import { message } from './message.js';
import { offline } from './offline.js';
import { ping } from './ping.js';
import { presence } from './presence.js';
import { registration } from './registration.js';
import { requests } from './requests.js';
import { roster } from './roster.js';
import { session } from './session.js';
import { subscriptions } from './subscriptions.js';
import { time } from './time.js';
import { version } from './version.js';

export interface StandardOptions {
  /** Clients may make accounts (XEP-0077). */
  readonly hasRegistration?: boolean;
  /** What is said about the version (XEP-0092). */
  readonly version?: string;
}

export function standardModules(options: StandardOptions = {}): ServerModule[] {
  return [
    blocking(),
    elsewhere(),
    roster(),
    subscriptions(),
    presence(),
    offline(),
    message(),
    requests(),
    ping(),
    version({ ...(options.version !== undefined && { version: options.version }) }),
    time(),
    disco(),
    session(),
    ...(options.hasRegistration ? [registration()] : []),
  ];
}
