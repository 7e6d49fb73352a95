/*
 * Stanzas on their way out, in order: those that wait for a session or for room, those that wait for the
 * wire to take them, those that the server has not acknowledged (XEP-0198).
 *
 *     add ──► waiting ──► written ──► drained: the promise of `add` is fulfilled
 *                │            └─────► acknowledged, or lost with the session
 *                └─ without an end of the wait: aborted, or the client is closed: rejected, never sent
 *
 * Room means that the wire's buffer is not full, and that the server has not too much to acknowledge: the
 * account of a session has bounds beyond which it would have to end.
 */
import type { Element } from '../element.js';
import type { Sent } from '../protocol/stream-management.js';
import type { Link } from './link.js';
import { Queue } from './queue.js';

const highWaterBytes = 65_536;
/** Half of what an account may hold. */
const maxUnackedCount = 500;
const maxUnackedBytes = 524_288;

interface Entry {
  readonly stanza: Element;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
  /** Whether it was not written yet. */
  isWaiting: boolean;
}

export class Outbox {
  readonly #waiting = new Queue<Entry>();
  #undrained = new Set<Entry>();
  readonly #unacked = new Map<number, Element>();
  #tag = 0;

  /** Resolves when the wire has taken the stanza. */
  add(stanza: Element, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const abort = (): void => {
        if (entry.isWaiting) this.#waiting.remove(entry);
        // Not by the entry: among many listeners of a signal one is found slowly, and this one is gone.
        reject(signal?.reason as Error);
      };
      const settled = (): void => signal?.removeEventListener('abort', abort);
      const entry: Entry = {
        stanza,
        resolve: () => {
          settled();
          resolve();
        },
        reject: (reason) => {
          settled();
          reject(reason);
        },
        isWaiting: true,
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(entry);
    });
  }

  /** Writes as much as there is room for. What it calls may add, abort or flush: each goes out once. */
  flush(link: Link): void {
    while (hasRoom(link)) {
      const entry = this.#waiting.shift();
      if (!entry) break;
      entry.isWaiting = false;
      this.#tag += 1;
      const tag = this.#tag;
      if (link.management) this.#unacked.set(tag, entry.stanza);
      try {
        this.#undrained.add(entry);
        link.write(entry.stanza, tag);
      } catch (error) {
        this.#unacked.delete(tag);
        this.#undrained.delete(entry);
        entry.reject(error as Error);
      }
    }
    if (link.bufferedBytes <= highWaterBytes) this.drained();
  }

  /** The wire has taken what was written. */
  drained(): void {
    for (const { resolve } of this.#takeUndrained()) resolve();
  }

  acked(stanzas: readonly Sent[]): void {
    for (const { tag } of stanzas) this.#unacked.delete(tag);
  }

  /** The link is gone. Without a session that may go on, what the wire had not taken is rejected. */
  disconnected(isResumable: boolean, error: Error): void {
    if (isResumable) return this.drained();
    for (const { reject } of this.#takeUndrained()) reject(error);
  }

  /** The session is gone: what the server did not acknowledge of it, oldest first. */
  takeUnacked(): Element[] {
    const stanzas = [...this.#unacked.values()];
    this.#unacked.clear();
    return stanzas;
  }

  /** The ids of those that were not written yet. */
  waitingIds(): ReadonlySet<string> {
    return new Set(this.#waiting.items().map(({ stanza }) => stanza.attr('id') ?? ''));
  }

  /** Nothing goes out any more. */
  close(error: Error): void {
    for (const entry of this.#waiting.clear()) {
      entry.isWaiting = false;
      entry.reject(error);
    }
    for (const { reject } of this.#takeUndrained()) reject(error);
  }

  #takeUndrained(): ReadonlySet<Entry> {
    const entries = this.#undrained;
    this.#undrained = new Set();
    return entries;
  }
}

function hasRoom(link: Link): boolean {
  if (!link.isWritable || link.bufferedBytes > highWaterBytes) return false;
  const { management } = link;
  if (!management) return true;
  return management.unacked.length < maxUnackedCount && management.unackedBytes < maxUnackedBytes;
}
