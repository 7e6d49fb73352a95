/*
 * How a stream becomes a resource of the account: by binding (RFC 6120, section 7), or by going on with a session whose
 * socket was lost (XEP-0198, section 5).
 *
 *     resume   1  the old gate ends the socket, if it is still there, and waits until what came is safe
 *              2  deliveries of this account pause; the session goes from the old gate to the new one
 *              3  the resource is where the new stream is, and deliveries go on, to there
 *
 * The first step may wait for this account itself, so deliveries do not pause in it. If an object ends in the midst of the
 * second, both gates have the session: its messages may come twice, and none is lost.
 */
import { Jid } from 'tercet/jid';
import type { BindAnswer } from 'tercet/protocol';
import type { Connected } from './env.js';
import type { Gates } from './gates.js';
import type { Resource, Resources } from './resources.js';

const maxResources = 64;

/** What is used of the account's object. */
interface Side {
  readonly resources: Resources;
  readonly gates: Gates;
  /** A resource's stream is gone; resolves once everybody has been told. */
  dismiss(resource: Resource): Promise<void>;
}

export class Arrivals {
  readonly #side: Side;

  constructor(side: Side) {
    this.#side = side;
  }

  /** A resource of this name, or of another if somebody has it; undefined: one is chosen. */
  async bind(
    account: string,
    wish: string | undefined,
    place: Connected,
  ): Promise<Extract<BindAnswer, { kind: 'refused' }> | Resource> {
    const { resources } = this.#side;
    let resource: string = crypto.randomUUID();
    if (wish !== undefined) {
      const checked = Jid.check(`${account}/${wish}`);
      if (!checked.ok) return { kind: 'refused', condition: 'bad-request' };
      resource = checked.jid.resource;
      const holder = resources.find(`${account}/${resource}`);
      if (holder) {
        // One whose client is away is in nobody's way (RFC 6120, section 7.7.2.2); else another name is given.
        await this.clear([holder], 'away');
        if (resources.find(holder.jid) === holder) resource = crypto.randomUUID();
      }
    }
    if (resources.count >= maxResources) await this.clear([...resources], 'away');
    if (resources.count >= maxResources) {
      return { kind: 'refused', condition: 'resource-constraint' };
    }
    const jid = `${account}/${resource}`;
    // Somebody may have come while the gate was asked.
    if (resources.find(jid)) return { kind: 'refused', condition: 'conflict' };
    return resources.add(jid, place);
  }

  /** Whether the session of this name goes on at this place. */
  async resume(session: string, place: Connected): Promise<boolean> {
    const { resources, gates } = this.#side;
    const resource = [...resources].find((each) => each.session === session);
    if (!resource) return false;
    const isWaiting = await gates.interrupt(resource);
    if (!isWaiting || resources.find(resource.jid) !== resource) return false;
    return gates.move(resource, place, () => resources.move(resource, place));
  }

  /** Resources leave whose streams are gone, or of which only a session waits for its client. */
  async clear(candidates: readonly Resource[], limit: 'gone' | 'away'): Promise<void> {
    const { resources, gates } = this.#side;
    const checks = candidates.map(async (resource) => {
      const state = await gates.state(resource);
      if (state === 'waiting' && limit === 'away') await gates.giveUp(resource);
      else if (state === 'gone' && resources.find(resource.jid) === resource) {
        await this.#side.dismiss(resource);
      }
    });
    // Of a gate that does not answer nothing is known.
    await Promise.allSettled(checks);
  }
}
