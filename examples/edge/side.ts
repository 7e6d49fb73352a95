/*
 * What the parts that deal with contacts (presences.ts, subscriptions.ts, roster.ts) use of the account's object. They
 * decide for this account's side alone: what the other side makes of it is decided in the other object, and reaches
 * it by `post`.
 */
import type { Element } from 'tercet';
import type { Rosters } from 'tercet/server';
import type { Resource, Resources } from './resources.js';

/** The account's object, as far as its contacts need it. */
export interface Side {
  readonly account: string;
  readonly rosters: Rosters;
  readonly resources: Resources;
  changed(resource: Resource): void;
  tell(resource: Resource, stanza: Element): void;
  post(to: string, bytes: Uint8Array): void;
  lastPresence(): number | undefined;
  noteLastPresence(): void;
}
