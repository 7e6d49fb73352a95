/*
 * Names for installations of clients (XEP-0386): the same one for the same `user-agent` id of an account,
 * made at random when it first comes and stored, so that a resource tells nobody the id. An account has a
 * bounded number of them; the one that was not seen for longest makes room.
 */
import type { Storage } from './storage/storage.js';

export interface ClientNamesOptions {
  readonly storage: Storage;
  readonly date: () => number;
  readonly generate: () => string;
}

interface Written {
  readonly name: string;
  /** When it came last, in milliseconds since 1970. */
  readonly seen: number;
}

const collection = 'client';
const maxNames = 32;
/** Ids are UUIDs by rule. A longer one is taken for none. */
const maxIdLength = 128;

export class ClientNames {
  readonly #options: ClientNamesOptions;

  constructor(options: ClientNamesOptions) {
    this.#options = options;
  }

  /** A new one at each call for a client that has no id. */
  nameOf(account: string, id: string | undefined): string {
    const { storage, date, generate } = this.#options;
    if (id === undefined || id.length > maxIdLength) return generate();
    const kept = storage.get(collection, account, id);
    const name = kept === undefined ? generate() : (JSON.parse(kept) as Written).name;
    if (kept === undefined) this.#makeRoom(account);
    const written: Written = { name, seen: date() };
    storage.set(collection, account, id, JSON.stringify(written));
    return name;
  }

  #makeRoom(account: string): void {
    const { storage } = this.#options;
    const records = storage.list(collection, account);
    if (records.length < maxNames) return;
    const seen = ({ value }: (typeof records)[number]): number =>
      (JSON.parse(value) as Written).seen;
    const oldest = records.reduce((one, other) => (seen(other) < seen(one) ? other : one));
    storage.delete(collection, account, oldest.key);
  }
}
