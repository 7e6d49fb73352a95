/*
 * A router among others: stanzas go to the owner of their account, and what comes from other nodes is decided here.
 *
 *     outcome        iq get, set               message             presence, answers
 *     delivered      -                         -                   -
 *     stored         -                         -                   -
 *     moved          located anew, once; then as unreachable
 *     unreachable    tried once more; then
 *     no-resource      recipient-unavailable     stored here         dropped
 *     timeout        remote-server-timeout     stored here         dropped
 *     overloaded     resource-constraint       the same            dropped
 *
 * Order (RFC 6120, section 10.1): stanzas of one seat to one account wait for each other, wherever they go; those to
 * others pass. At most `maxWaiting` of a seat wait; beyond that it is overloaded.
 */
import type { Element } from '../element.js';
import type { Envelope, Epoch, NextHop, NodeId, Outcome } from './next-hop.js';
import type { Seat } from './seat.js';
import type { StanzaErrorType, Verdict } from './verdict.js';

/** What a dispatcher asks of its router. */
interface Routing<Target> {
  route(stanza: Element | Uint8Array, from: Seat<Target>): Verdict<Target>;
  prepare(stanza: Element | Uint8Array, from: Seat<Target>): Verdict<Target>;
  refuse(
    stanza: Element | Uint8Array,
    from: Seat<Target>,
    condition: string,
    errorType: StanzaErrorType,
  ): Verdict<Target>;
  peer(target: Target | undefined, options: { readonly domain: string }): Seat<Target>;
}

export interface DispatcherOptions<Target> {
  readonly router: Routing<Target>;
  readonly nextHop: NextHop;
  readonly node: NodeId;
  readonly epoch: Epoch;
  /** Carries out a verdict on a stanza of this seat; of another node's stanza, `from` is the peer of its domain. */
  readonly act: (verdict: Verdict<Target>, from: Seat<Target>) => Outcome;
  /** Stanzas of one seat that may wait for their outcome. Default 1,000. */
  readonly maxWaiting?: number;
}

/** Asked anew after each wait. */
const hasLeft = (seat: Seat<unknown>): boolean => !seat.isBound;

/** Passes of one envelope, so that two nodes that take each other for the owner do not play on for ever. */
const maxHops = 4;

export class Dispatcher<Target> {
  readonly #options: DispatcherOptions<Target>;
  /** The last stanza on its way, by seat and account. */
  readonly #queues = new Map<Seat<Target>, Map<string, Promise<void>>>();
  readonly #waiting = new Map<Seat<Target>, number>();
  /** Senders of other nodes, by domain. */
  readonly #peers = new Map<string, Seat<Target>>();
  /** The latest life of each node that has been heard of. */
  readonly #epochs = new Map<NodeId, Epoch>();
  #sequence = 0;

  constructor(options: DispatcherOptions<Target>) {
    this.#options = options;
    options.nextHop.subscribe((envelope) => this.#receive(envelope));
  }

  /** Sends one stanza of a seat on its way. Resolves when its fate is settled. */
  send(stanza: Element | Uint8Array, seat: Seat<Target>): Promise<void> {
    const { router, nextHop } = this.#options;
    const ready = router.prepare(stanza, seat);
    if (ready.type !== 'forward') {
      this.#act(ready, seat);
      return Promise.resolve();
    }
    const queue = this.#queues.get(seat) ?? new Map<string, Promise<void>>();
    const before = queue.get(ready.toBare);
    if (before === undefined && nextHop.locate(ready.to).kind === 'local') {
      this.#act(router.route(stanza, seat), seat);
      return Promise.resolve();
    }
    const waiting = this.#waiting.get(seat) ?? 0;
    if (waiting >= (this.#options.maxWaiting ?? 1000)) {
      this.#fail(stanza, seat, ready, 'overloaded');
      return Promise.resolve();
    }
    // The bytes are copied: the caller may use its buffer again while they wait.
    const kept = stanza instanceof Uint8Array ? stanza.slice() : stanza;
    const step = (before ?? Promise.resolve()).then(() => this.#carry(kept, seat, ready));
    this.#queues.set(seat, queue);
    queue.set(ready.toBare, step);
    this.#waiting.set(seat, waiting + 1);
    return step.finally(() => {
      this.#waiting.set(seat, (this.#waiting.get(seat) ?? 1) - 1);
      if (queue.get(ready.toBare) !== step) return;
      queue.delete(ready.toBare);
      if (queue.size > 0) return;
      this.#queues.delete(seat);
      this.#waiting.delete(seat);
    });
  }

  async #carry(
    stanza: Element | Uint8Array,
    seat: Seat<Target>,
    ready: Verdict<Target>,
  ): Promise<void> {
    const { router, nextHop, node, epoch } = this.#options;
    if (hasLeft(seat)) return;
    const envelope: Envelope = {
      id: `${node}.${epoch}.${++this.#sequence}`,
      from: seat.jid,
      to: ready.to,
      account: ready.toBare,
      bytes: ready.bytes,
      hops: maxHops,
      origin: { node, epoch, stream: seat.handle, sequence: this.#sequence },
    };
    let outcome: Outcome = 'unreachable';
    // Once, and once more where the ring may have changed or the way was broken.
    for (let attempt = 0; attempt < 2; attempt++) {
      const hop = nextHop.locate(ready.to);
      if (hop.kind === 'local') {
        if (!hasLeft(seat)) this.#act(router.route(stanza, seat), seat);
        return;
      }
      if (hop.kind === 'none') break;
      outcome = await nextHop.forward(hop, envelope).catch(() => 'unreachable' as const);
      if (outcome === 'delivered' || outcome === 'stored') return;
      if (outcome !== 'moved' && outcome !== 'unreachable') break;
    }
    if (!hasLeft(seat)) this.#fail(stanza, seat, ready, outcome);
  }

  /** An envelope that nobody has accepted. */
  #fail(
    stanza: Element | Uint8Array,
    seat: Seat<Target>,
    ready: Verdict<Target>,
    outcome: Outcome,
  ): void {
    const { kind, stanzaType } = ready;
    const isRequest = stanzaType === 'get' || stanzaType === 'set';
    if (outcome === 'overloaded') {
      if (isRequest || kind === 'message') {
        this.#refuse(stanza, seat, 'resource-constraint');
      }
    } else if (isRequest) {
      const isLate = outcome === 'timeout';
      this.#refuse(stanza, seat, isLate ? 'remote-server-timeout' : 'recipient-unavailable');
    } else if (kind === 'message' && stanzaType !== 'error') {
      this.#act({ ...ready, type: 'store' }, seat);
    }
  }

  #refuse(stanza: Element | Uint8Array, seat: Seat<Target>, condition: string): void {
    this.#act(this.#options.router.refuse(stanza, seat, condition, 'wait'), seat);
  }

  #act(verdict: Verdict<Target>, from: Seat<Target>): Outcome {
    return this.#options.act(verdict, from);
  }

  /** What another node passes on, because this one owns the account. */
  #receive(envelope: Envelope): Outcome {
    const { router, nextHop, epoch, node } = this.#options;
    const { origin, hops, account, from } = envelope;
    const known = origin.node === node ? epoch : (this.#epochs.get(origin.node) ?? 0);
    if (origin.epoch < known || hops < 1) return 'moved';
    this.#epochs.set(origin.node, origin.epoch);
    if (nextHop.locate(account).kind !== 'local') return 'moved';
    return this.#act(router.route(envelope.bytes, this.#peerOf(from)), this.#peerOf(from));
  }

  #peerOf(from: string): Seat<Target> {
    const bare = from.slice(0, (from + '/').indexOf('/'));
    const domain = bare.slice(bare.indexOf('@') + 1);
    const known = this.#peers.get(domain);
    if (known !== undefined) return known;
    const peer = this.#options.router.peer(undefined, { domain });
    this.#peers.set(domain, peer);
    return peer;
  }
}
