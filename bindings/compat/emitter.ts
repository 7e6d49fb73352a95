/*
 * The base class of the drop-ins that are event emitters: Node's own where the runtime has it (Node,
 * Bun, Deno, workerd with its Node modules), so that `instanceof EventEmitter` and `events.once` hold
 * as with the originals; elsewhere a small one with the same methods.
 *
 * The module is looked for on globalThis and never imported, so that bundles for browsers need no
 * replacement for it. `captureRejections` and limits on listeners exist with Node's class alone.
 */

/** A listener of any event. */
export type Listener = (...values: never[]) => void;

type Callable = (this: unknown, ...values: unknown[]) => unknown;

/** What the drop-ins promise of an emitter. */
export interface Emitter {
  on(event: string | symbol, listener: Listener): this;
  addListener(event: string | symbol, listener: Listener): this;
  once(event: string | symbol, listener: Listener): this;
  prependListener(event: string | symbol, listener: Listener): this;
  prependOnceListener(event: string | symbol, listener: Listener): this;
  off(event: string | symbol, listener: Listener): this;
  removeListener(event: string | symbol, listener: Listener): this;
  removeAllListeners(event?: string | symbol): this;
  listeners(event: string | symbol): Listener[];
  rawListeners(event: string | symbol): Listener[];
  listenerCount(event: string | symbol): number;
  eventNames(): (string | symbol)[];
  setMaxListeners(count: number): this;
  getMaxListeners(): number;
  /** Calls the listeners in order; false if there is none. Throws the value of an unheard `error`. */
  emit(event: string | symbol, ...values: unknown[]): boolean;
}

export type EmitterClass = new () => Emitter;

interface Entry {
  readonly listener: Listener;
  readonly once: boolean;
}

/** The emitter of runtimes that have none. */
export class PlainEmitter implements Emitter {
  // Not private: a subclass in another bundle is the same shape.
  private readonly entries = new Map<string | symbol, readonly Entry[]>();
  private maximum = 10;

  on(event: string | symbol, listener: Listener): this {
    return this.add(event, listener, false, false);
  }

  addListener(event: string | symbol, listener: Listener): this {
    return this.add(event, listener, false, false);
  }

  once(event: string | symbol, listener: Listener): this {
    return this.add(event, listener, true, false);
  }

  prependListener(event: string | symbol, listener: Listener): this {
    return this.add(event, listener, false, true);
  }

  prependOnceListener(event: string | symbol, listener: Listener): this {
    return this.add(event, listener, true, true);
  }

  // A subclass may override each of these by way of another: none of them calls a second one.
  off(event: string | symbol, listener: Listener): this {
    return this.drop(event, listener);
  }

  removeListener(event: string | symbol, listener: Listener): this {
    return this.drop(event, listener);
  }

  private drop(event: string | symbol, listener: Listener): this {
    const entries = this.entries.get(event) ?? [];
    const index = entries.findLastIndex((entry) => entry.listener === listener);
    if (index >= 0) this.keep(event, entries.toSpliced(index, 1));
    return this;
  }

  removeAllListeners(event?: string | symbol): this {
    if (event === undefined) this.entries.clear();
    else this.entries.delete(event);
    return this;
  }

  listeners(event: string | symbol): Listener[] {
    return (this.entries.get(event) ?? []).map(({ listener }) => listener);
  }

  rawListeners(event: string | symbol): Listener[] {
    return this.listeners(event);
  }

  listenerCount(event: string | symbol): number {
    return this.entries.get(event)?.length ?? 0;
  }

  eventNames(): (string | symbol)[] {
    return [...this.entries.keys()];
  }

  setMaxListeners(count: number): this {
    this.maximum = count;
    return this;
  }

  getMaxListeners(): number {
    return this.maximum;
  }

  emit(event: string | symbol, ...values: unknown[]): boolean {
    const entries = this.entries.get(event);
    if (entries === undefined) {
      if (event !== 'error') return false;
      const [reason] = values;
      throw reason instanceof Error ? reason : new Error(`unhandled error: ${String(reason)}`);
    }
    // The lists are never changed, only replaced: who is added while it runs is not called.
    for (const { listener, once } of entries) {
      if (once) this.removeListener(event, listener);
      (listener as Callable).apply(this, values);
    }
    return true;
  }

  private add(event: string | symbol, listener: Listener, once: boolean, first: boolean): this {
    if (typeof (listener as unknown) !== 'function') {
      throw new TypeError('the listener is not a function');
    }
    this.emit('newListener', event, listener);
    const entries = this.entries.get(event) ?? [];
    const entry: Entry = { listener, once };
    this.entries.set(event, first ? [entry, ...entries] : [...entries, entry]);
    return this;
  }

  private keep(event: string | symbol, entries: readonly Entry[]): void {
    if (entries.length === 0) this.entries.delete(event);
    else this.entries.set(event, entries);
  }
}

interface Runtime {
  readonly process?: {
    getBuiltinModule?(name: string): { readonly EventEmitter?: EmitterClass } | undefined;
  };
}

/** Node's EventEmitter, or one that does the same. */
export const EventEmitter: EmitterClass =
  (globalThis as Runtime).process?.getBuiltinModule?.('node:events')?.EventEmitter ?? PlainEmitter;
