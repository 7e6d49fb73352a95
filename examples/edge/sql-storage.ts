/*
 * The SQLite of a Durable Object as the storage that parts of tercet's server keep their records in. A write lasts
 * before anything that the object sends afterwards leaves it (the runtime's output gate), so there is nothing
 * to commit.
 *
 * Tables are made with the first write: an object that is only asked, such as that of a user who does not
 * exist, leaves nothing behind.
 */
import type { Storage, StoredRecord } from 'tercet/server';

type Row = Record<string, string>;

export class SqlStorage implements Storage {
  readonly isLasting = true;
  readonly writeCount = 0;
  readonly #sql: globalThis.SqlStorage;
  readonly #secret: string;
  #hasTable: boolean;

  /** `secret` stands for the record that salts of unknown users are derived from: one for all objects. */
  constructor(sql: globalThis.SqlStorage, secret: string) {
    this.#sql = sql;
    this.#secret = secret;
    this.#hasTable = has(sql, 'record');
  }

  get(collection: string, owner: string, key: string): string | undefined {
    if (collection === 'server' && key === 'decoy-secret') return this.#secret;
    return this.#read('collection = ? AND owner = ? AND key = ?', collection, owner, key).at(0)
      ?.value;
  }

  set(collection: string, owner: string, key: string, value: string): void {
    if (!this.#hasTable) {
      this.#sql.exec(
        'CREATE TABLE record (collection TEXT, owner TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (collection, owner, key)) WITHOUT ROWID',
      );
      this.#hasTable = true;
    }
    this.#sql.exec('REPLACE INTO record VALUES (?, ?, ?, ?)', collection, owner, key, value);
  }

  delete(collection: string, owner: string, key: string): boolean {
    if (this.get(collection, owner, key) === undefined) return false;
    const where = 'collection = ? AND owner = ? AND key = ?';
    this.#sql.exec(`DELETE FROM record WHERE ${where}`, collection, owner, key);
    return true;
  }

  list(collection: string, owner: string): readonly StoredRecord[] {
    return this.#read('collection = ? AND owner = ? ORDER BY key', collection, owner).map(
      ({ key = '', value = '' }) => ({ key, value }),
    );
  }

  count(collection: string, owner: string): number {
    if (!this.#hasTable) return 0;
    const query = 'SELECT count(*) AS count FROM record WHERE collection = ? AND owner = ?';
    return this.#sql.exec<{ count: number }>(query, collection, owner).one().count;
  }

  owners(collection: string): readonly string[] {
    const rows = this.#read('collection = ? ORDER BY owner', collection);
    return [...new Set(rows.map(({ owner = '' }) => owner))];
  }

  clear(owner: string): void {
    if (this.#hasTable) this.#sql.exec('DELETE FROM record WHERE owner = ?', owner);
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #read(where: string, ...values: string[]): Row[] {
    if (!this.#hasTable) return [];
    return this.#sql.exec<Row>(`SELECT * FROM record WHERE ${where}`, ...values).toArray();
  }
}

/** Whether the object has this table yet. */
export const has = (sql: globalThis.SqlStorage, table: string): boolean =>
  sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table).toArray()
    .length > 0;
