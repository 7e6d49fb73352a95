/*
 * What the server keeps: records of text, each under a collection, an owner and a key. Everything that
 * lasts is such a record: credentials, contacts, messages that wait, what modules of one's own remember.
 *
 *     collection    owner               key                 value
 *     account       juliet@localhost    ''                  SCRAM keys
 *     roster        juliet@localhost    romeo@localhost     the contact
 *     offline       romeo@localhost     0001764012345678    a stanza
 *
 * Reading and writing are synchronous, as SQLite is inside a process and in a Durable Object: a stanza is
 * decided in one go, and order needs no queues. What takes time is making a write last. `commit` does that
 * for all writes so far, and the server lets no client hear of a write before it is done.
 */
export interface Storage {
  get(collection: string, owner: string, key: string): string | undefined;
  set(collection: string, owner: string, key: string, value: string): void;
  /** Whether there was something to delete. */
  delete(collection: string, owner: string, key: string): boolean;
  /** All records of an owner, by keys in ascending order. */
  list(collection: string, owner: string): readonly StoredRecord[];
  count(collection: string, owner: string): number;
  /** Everybody who has something in a collection. */
  owners(collection: string): readonly string[];
  /** Deletes what an owner has in all collections. */
  clear(owner: string): void;

  /** Whether anything survives the end of the process. */
  readonly isLasting: boolean;
  /** Grows with each write that needs a commit in order to last; stays 0 where nothing lasts. */
  readonly writeCount: number;
  /** Resolves when all writes made before the call survive the end of the process and of the power. */
  commit(): Promise<void>;
  /** Commits and closes. Nothing can be read or written afterwards. */
  close(): Promise<void>;
}

export interface StoredRecord {
  readonly key: string;
  readonly value: string;
}
