/*
 * The gates that an account's resources are connected to: stanzas are written there, each gate's in one call, and
 * sessions move from one to another.
 */
import { gateObject } from './env.js';
import type { Connected, Delivery, Env, GateCalls, StreamState } from './env.js';
import type { Resource } from './resources.js';

/** A stanza for a resource. */
export interface Addressed {
  readonly resource: Resource;
  readonly bytes: Uint8Array;
}

export class Gates {
  readonly #env: Env;
  /** One stub a gate: calls of one stub arrive in order. */
  readonly #stubs = new Map<string, GateCalls>();
  /** Deliveries that no gate has answered yet. */
  readonly #writing = new Set<Promise<unknown>>();
  /** The last move: deliveries wait for it, and it for those before. */
  #moving: Promise<unknown> = Promise.resolve();

  constructor(env: Env) {
    this.#env = env;
  }

  /** Writes stanzas, in order for each resource; answers with the resources whose streams are gone. */
  async deliver(batch: readonly Addressed[]): Promise<Set<Resource>> {
    // Another one may have begun while one was waited for.
    for (let moving; moving !== this.#moving;) {
      moving = this.#moving;
      await moving;
    }
    const gates = new Map<string, Map<Resource, Uint8Array[]>>();
    for (const { resource, bytes } of batch) {
      const streams = gates.get(resource.gate) ?? new Map<Resource, Uint8Array[]>();
      gates.set(resource.gate, streams);
      const stanzas = streams.get(resource) ?? [];
      streams.set(resource, stanzas);
      stanzas.push(bytes.slice());
    }
    const writing = Promise.all([...gates].map((each) => this.#write(...each)));
    this.#writing.add(writing);
    const lost = await writing.finally(() => this.#writing.delete(writing));
    return new Set(lost.flat());
  }

  async #write(
    gate: string,
    streams: ReadonlyMap<Resource, readonly Uint8Array[]>,
  ): Promise<readonly Resource[]> {
    const deliveries: readonly Delivery[] = [...streams].map(([{ stream }, stanzas]) => ({
      stream,
      stanzas,
    }));
    const all = deliveries.map(({ stream }) => stream);
    const lost = new Set(
      await this.#stub(gate)
        .deliver(deliveries)
        .catch(() => {
          // A stub that has failed stays so: a new one, once.
          this.#stubs.delete(gate);
          return this.#stub(gate)
            .deliver(deliveries)
            .catch(() => all);
        }),
    );
    return [...streams.keys()].filter((_resource, index) => lost.has(all[index] ?? ''));
  }

  state({ gate, stream }: Connected): Promise<StreamState> {
    return this.#stub(gate).state(stream);
  }

  // Sessions that can be resumed.

  interrupt({ gate, stream }: Connected): Promise<boolean> {
    return this.#stub(gate).interrupt(stream);
  }

  giveUp({ gate, stream }: Connected): Promise<void> {
    return this.#stub(gate).giveUp(stream);
  }

  /** Moves a session to another stream, and calls `moved` before anything is delivered there. */
  async move(from: Connected, to: Connected, moved: () => void): Promise<boolean> {
    const move = Promise.all([this.#moving, ...this.#writing]).then(() =>
      this.#move({ ...from }, to, moved),
    );
    this.#moving = move.catch(() => undefined);
    return move;
  }

  async #move(from: Connected, to: Connected, moved: () => void): Promise<boolean> {
    const session = await this.#stub(from.gate).handOver(from.stream);
    if (!session) return false;
    await this.#stub(to.gate).takeOver(to.stream, session);
    moved();
    await this.#stub(from.gate).forget(from.stream);
    return true;
  }

  #stub(gate: string): GateCalls {
    const known = this.#stubs.get(gate) ?? gateObject(this.#env, gate);
    this.#stubs.set(gate, known);
    return known;
  }
}
