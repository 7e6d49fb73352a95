/*
 * What a router is told when it is made, and when a seat is bound.
 */
import type { Element } from '../element.js';
import type { Engine } from '../engine.js';
import type { SeatFlags } from './seat.js';

/** An answer, or `later`: then the verdict is `wait`, and `router.answer` brings the answer. */
export type Answer = boolean | 'later';

/** What only the host knows of its accounts. JIDs are in canonical form. */
export interface RouterAccounts {
  /** Whether there is such an account. Asked only while none of its resources is bound. */
  exists(bare: string): Answer;
  /**
   * Whether the account knows the sender (RFC 6121, section 8.1): by a subscription of type `from` or `both`, or
   * by presence that one of its resources sent there: of a full JID `to`, that resource. Asked where an error or
   * an answer would tell a stranger something; not for presence that a seat of this router has sent, which the router
   * remembers.
   */
  knows(bare: string, from: string, to: string): Answer;
}

export interface RouterOptions {
  /** The domains served here. */
  readonly domains: readonly string[];
  readonly accounts: RouterAccounts;
  /**
   * Where the RFC leaves a choice: `silent` (the default) tells strangers nothing and stores for accounts that are
   * away; `error` answers with errors, and then stores nothing.
   */
  readonly strangers?: 'silent' | 'error';
  /**
   * Whether what `accounts.knows` says of two bare JIDs is kept as long as a resource of the account is bound, or until
   * `router.forget`. Default false: it is asked each time.
   */
  readonly keepsKnown?: boolean;
  /** The engine whose streams are routed; a router has one to itself, and makes one by default. */
  readonly engine?: Engine;
}

export interface BindOptions {
  /** The header of the seat's stream: its language and prefixes hold in its stanzas, and nowhere else. */
  readonly header?: Element;
  /** How the target frames its stanzas: `websocket` (RFC 7395) asks for one unit and one namespace a stanza. */
  readonly framing?: 'stream' | 'websocket';
  /** Ends streams whose stanzas claim to be `from` somebody else, instead of correcting them (RFC 6120, 4.9.3.9). */
  readonly strictFrom?: boolean;
  readonly flags?: SeatFlags;
}

export interface PeerOptions extends BindOptions {
  /** The domain that the stream has been validated for. */
  readonly domain: string;
}
