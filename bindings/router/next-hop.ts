/*
 * The next hop: where the decisions on an account are made, when that may be another machine (docs/design/040).
 *
 * An account has one owner at a time: the router that knows its resources and takes its decisions. A connection's
 * own router makes a stanza ready and asks `locate` who owns `to`; the local way is one answer among others.
 * Whoever carries envelopes implements `NextHop`; nothing here knows a network.
 */

/** A machine, or whatever else runs a router. */
export type NodeId = string;

/** One more at each start of a node: envelopes of an earlier life are refused. */
export type Epoch = number;

export interface Envelope {
  /** For deduplication. */
  readonly id: string;
  /** In canonical form. */
  readonly from: string;
  readonly to: string;
  /** The bare part of `to`: whose owner it goes to. */
  readonly account: string;
  /**
   * One stanza that stands alone, in the namespace `jabber:server`. A view of a larger buffer: `bytes.slice()` before a
   * structured clone, which would copy all of that.
   */
  readonly bytes: Uint8Array;
  /** How often it may still be passed on. */
  readonly hops: number;
  readonly origin: {
    readonly node: NodeId;
    readonly epoch: Epoch;
    /** The stream it came from, and its place there. */
    readonly stream: number;
    readonly sequence: number;
  };
}

/** What became of an envelope: the first two are accepted, the others are not. */
export type Outcome =
  'delivered' | 'stored' | 'no-resource' | 'moved' | 'overloaded' | 'unreachable' | 'timeout';

/** Where an address is looked after: here, at another node, or nowhere. */
export type Hop =
  | { readonly kind: 'local' }
  | { readonly kind: 'owner'; readonly node: NodeId; readonly epoch: Epoch }
  | { readonly kind: 'none' };

export interface NextHop {
  /** Who owns the account, or the domain, of this address in canonical form. */
  locate(to: string): Hop;
  /**
   * Carries an envelope there; resolves when the owner has accepted or refused it. Envelopes of one stream to one
   * account are passed in order, each after the outcome of the one before. A rejection counts as `unreachable`.
   */
  forward(hop: Hop, envelope: Envelope): Promise<Outcome>;
  /** Envelopes of other nodes come here; the answer is what became of them. */
  subscribe(handler: (envelope: Envelope) => Outcome): void;
}

/** Everything is here. */
export const localHop: NextHop = {
  locate: () => ({ kind: 'local' }),
  forward: () => Promise.resolve('unreachable'),
  subscribe: () => undefined,
};
