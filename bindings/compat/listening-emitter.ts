/*
 * An emitter that knows when its listeners change, so that a parser can call the only listener of an
 * event past `emit`, which costs Node some 50 ns a call.
 *
 * What is called is what `emit` would call: `only` gives nothing where there are more listeners than
 * one, where rejections are captured or domains are used; who calls it sees to a replaced `emit`.
 */
import { EventEmitter, PlainEmitter, type Listener } from './emitter.js';

/** A listener as it is called. */
export type Call = (this: unknown, ...values: unknown[]) => unknown;

interface Settings {
  readonly captureRejections?: unknown;
  readonly usingDomains?: unknown;
}

/** `emit` as the runtime has it. */
export const { emit: usualEmit } = EventEmitter.prototype as { readonly emit: unknown };

export class ListeningEmitter extends EventEmitter {
  readonly #isUsual: boolean;

  constructor() {
    super();
    const { captureRejections, usingDomains } = EventEmitter as Settings;
    // The plain one has listeners that are called once as they were given.
    const isPlain = (EventEmitter as unknown) === PlainEmitter;
    this.#isUsual = !isPlain && captureRejections !== true && usingDomains !== true;
  }

  /** Called after each change. @internal */
  listenersChanged(): void {
    // For those who want to know.
  }

  /** The only listener of an event. @internal */
  only(event: string): Call | undefined {
    if (!this.#isUsual || this.listenerCount(event) !== 1) return undefined;
    return this.rawListeners(event)[0] as Call;
  }

  override on(event: string | symbol, listener: Listener): this {
    super.on(event, listener);
    this.listenersChanged();
    return this;
  }

  override addListener(event: string | symbol, listener: Listener): this {
    return this.on(event, listener);
  }

  override once(event: string | symbol, listener: Listener): this {
    super.once(event, listener);
    this.listenersChanged();
    return this;
  }

  override prependListener(event: string | symbol, listener: Listener): this {
    super.prependListener(event, listener);
    this.listenersChanged();
    return this;
  }

  override prependOnceListener(event: string | symbol, listener: Listener): this {
    super.prependOnceListener(event, listener);
    this.listenersChanged();
    return this;
  }

  override off(event: string | symbol, listener: Listener): this {
    super.off(event, listener);
    this.listenersChanged();
    return this;
  }

  override removeListener(event: string | symbol, listener: Listener): this {
    super.removeListener(event, listener);
    this.listenersChanged();
    return this;
  }

  override removeAllListeners(event?: string | symbol): this {
    // Node tells no event from an undefined one.
    if (event === undefined) super.removeAllListeners();
    else super.removeAllListeners(event);
    this.listenersChanged();
    return this;
  }
}
