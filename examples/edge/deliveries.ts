/*
 * What leaves an account for its own resources. A resource whose stream turns out to be gone leaves, and a stanza that
 * nobody got is decided on again.
 */
import type { Element } from 'tercet';
import type { Envelope } from 'tercet/router';
import type { Gates } from './gates.js';
import type { Resource, Resources } from './resources.js';
import type { WaitingMessages } from './waiting-messages.js';

/** A stanza for a resource: one that has arrived, one of those that waited, or one of the account's own. */
interface Leaving {
  readonly resource: Resource;
  readonly bytes: Uint8Array;
  readonly envelope?: Envelope | undefined;
  /** Of one that waited. */
  readonly tag?: number | undefined;
}

/** What is used of the account's object. */
interface Sender {
  readonly resources: Resources;
  readonly gates: Gates;
  readonly waiting: WaitingMessages;
  /** A resource's stream is gone. */
  leave(resource: Resource): void;
  decide(envelope: Envelope): void;
}

export class Deliveries {
  readonly #sender: Sender;
  #leaving: Leaving[] = [];

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  add(leaving: Leaving): void {
    this.#leaving.push(leaving);
  }

  tell(resource: Resource, stanza: Element): void {
    this.add({ resource, bytes: stanza.toBytes() });
  }

  /** Gives what leaves to the gates, until nothing is left that has to be decided on again. */
  async flush(): Promise<void> {
    const { gates, waiting } = this.#sender;
    // Each round but the last one removes a resource at least.
    while (this.#leaving.length > 0) {
      const batch = this.#leaving;
      this.#leaving = [];
      const lost = await gates.deliver(batch);
      for (const { tag, resource } of batch) {
        if (tag === undefined) continue;
        if (lost.has(resource)) waiting.release(tag);
        else waiting.confirm(tag);
      }
      if (lost.size > 0) this.#lose(lost, batch);
    }
  }

  /** Streams that are gone without a word: their resources leave, and what nobody got is decided on again. */
  #lose(lost: ReadonlySet<Resource>, batch: readonly Leaving[]): void {
    const { resources } = this.#sender;
    const taken = new Set(
      batch.filter(({ resource }) => !lost.has(resource)).map(({ envelope }) => envelope),
    );
    for (const resource of lost) {
      if (resources.find(resource.jid) === resource) this.#sender.leave(resource);
    }
    for (const envelope of new Set(batch.map((each) => each.envelope))) {
      if (envelope && !taken.has(envelope)) this.#sender.decide(envelope);
    }
  }
}
