/*
 * The gates that an account's resources are connected to: stanzas are written there, each gate's in one call.
 */
import { gateObject } from './env.js';
import type { Delivery, Env, GateCalls } from './env.js';
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

  constructor(env: Env) {
    this.#env = env;
  }

  has(gate: string, stream: string): Promise<boolean> {
    return this.#stub(gate).has(stream);
  }

  /** Writes stanzas, in order for each resource; answers with the streams that are gone. */
  async deliver(batch: readonly Addressed[]): Promise<Set<string>> {
    const gates = new Map<string, Map<string, Uint8Array[]>>();
    for (const { resource, bytes } of batch) {
      const streams = gates.get(resource.gate) ?? new Map<string, Uint8Array[]>();
      gates.set(resource.gate, streams);
      const stanzas = streams.get(resource.stream) ?? [];
      streams.set(resource.stream, stanzas);
      stanzas.push(bytes.slice());
    }
    const writing = [...gates].map(([gate, streams]) => {
      const deliveries = [...streams].map(([stream, stanzas]) => ({ stream, stanzas }));
      return this.#write(gate, deliveries);
    });
    return new Set((await Promise.all(writing)).flat());
  }

  async #write(gate: string, deliveries: readonly Delivery[]): Promise<readonly string[]> {
    try {
      return await this.#stub(gate).deliver(deliveries);
    } catch {
      // A stub that has failed stays so: a new one, once.
      this.#stubs.delete(gate);
      const all = deliveries.map(({ stream }) => stream);
      return this.#stub(gate)
        .deliver(deliveries)
        .catch(() => all);
    }
  }

  #stub(gate: string): GateCalls {
    const known = this.#stubs.get(gate) ?? gateObject(this.#env, gate);
    this.#stubs.set(gate, known);
    return known;
  }
}
