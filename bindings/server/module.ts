/*
 * What a module of the server is. A server is a list of modules; a stanza that has passed the gates
 * (order, form, addresses, `from` stamped) is shown to them in order until one says that it is done
 * with it. What nobody wants is answered with `service-unavailable`.
 *
 *     const hello: ServerModule = {
 *       name: 'hello',
 *       features: ['urn:example:hello'],
 *       requests: [
 *         {
 *           name: 'hello',
 *           ns: 'urn:example:hello',
 *           at: ['server'],
 *           get: () => xml('hello', { xmlns: 'urn:example:hello' }, 'world'),
 *         },
 *       ],
 *     };
 *
 * Modules do no input or output of their own and import nothing of Node.
 */
import type { Element } from '../element.js';
import type { Jid } from '../jid.js';
import type { StanzaKind } from '../protocol/stanza-check.js';
import type { StanzaCondition } from '../protocol/stanza-error.js';
import type { Server } from './create-server.js';
import type { Session } from './sessions.js';

/** A stanza on its way. */
export interface Inbound {
  readonly kind: StanzaKind;
  /** With the sender's `from`, and the language of its stream if it named none. */
  readonly stanza: Element;
  readonly sender: Session;
  /** undefined: no `to` was written. */
  readonly to: Jid | undefined;
  /** Whom it is for: the server itself, an account here (the sender's when `to` is absent), or others. */
  readonly realm: 'server' | 'account' | 'elsewhere';
  readonly server: Server;
}

/** The payload of a result, nothing for an empty one, or a condition to refuse the request with. */
export type RequestReply = Element | undefined | { readonly error: StanzaCondition };

export interface RequestHandler {
  /** Local name and namespace of the payload. */
  readonly name: string;
  readonly ns: string;
  /** Whether it answers for the server, for the own account, for any account's bare JID. */
  readonly at: readonly ('server' | 'own-account' | 'account')[];
  get?(payload: Element, inbound: Inbound): RequestReply;
  set?(payload: Element, inbound: Inbound): RequestReply;
}

export interface ServerModule {
  readonly name: string;
  /** Announced by service discovery. */
  readonly features?: readonly string[];
  readonly requests?: readonly RequestHandler[];
  /** Whether the module is done with the stanza. */
  stanza?(inbound: Inbound): boolean;
  /** The stream of a bound resource is gone; the session is no longer in the table. */
  ended?(session: Session, server: Server): void;
  /** Bare JIDs whose presence the account sees and that see the account's. */
  contacts?(account: string, server: Server): readonly string[];
}
