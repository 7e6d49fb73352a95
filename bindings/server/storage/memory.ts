/*
 * Storage in memory: for tests, demonstrations and servers that keep nothing. It ends with the process,
 * so there is nothing to commit.
 */
import type { Storage, StoredRecord } from './storage.js';

export class MemoryStorage implements Storage {
  readonly isLasting: boolean = false;
  readonly writeCount: number = 0;
  /** Collection, then owner, then key. */
  readonly #collections = new Map<string, Map<string, Map<string, string>>>();

  get(collection: string, owner: string, key: string): string | undefined {
    return this.#records(collection, owner)?.get(key);
  }

  set(collection: string, owner: string, key: string, value: string): void {
    let owners = this.#collections.get(collection);
    if (!owners) {
      owners = new Map<string, Map<string, string>>();
      this.#collections.set(collection, owners);
    }
    let records = owners.get(owner);
    if (!records) {
      records = new Map<string, string>();
      owners.set(owner, records);
    }
    records.set(key, value);
  }

  delete(collection: string, owner: string, key: string): boolean {
    const records = this.#records(collection, owner);
    if (!records?.delete(key)) return false;
    if (records.size === 0) this.#collections.get(collection)?.delete(owner);
    return true;
  }

  list(collection: string, owner: string): readonly StoredRecord[] {
    const records = this.#records(collection, owner);
    if (!records) return [];
    return [...records]
      .map(([key, value]) => ({ key, value }))
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  count(collection: string, owner: string): number {
    return this.#records(collection, owner)?.size ?? 0;
  }

  owners(collection: string): readonly string[] {
    return [...(this.#collections.get(collection)?.keys() ?? [])].sort();
  }

  clear(owner: string): void {
    for (const owners of this.#collections.values()) owners.delete(owner);
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #records(collection: string, owner: string): Map<string, string> | undefined {
    return this.#collections.get(collection)?.get(owner);
  }
}
