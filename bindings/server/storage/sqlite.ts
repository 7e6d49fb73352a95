/*
 * Storage in one file by `node:sqlite`, the default of the embedded server. Write-ahead logging, prepared
 * statements; all writes between two commits are one transaction.
 *
 *     first write -> BEGIN IMMEDIATE ... writes ... commit() -> COMMIT, then the log goes to the disk
 *
 * A commit hands the log to the operating system, so it survives the end of the process; it survives the
 * end of the power once the log was synchronised, which a thread does while the server goes on
 * (`synchronous = NORMAL` leaves exactly that to us). `commit` resolves after both.
 *
 * Loaded only when it is opened: Node has `node:sqlite` from 22.13 on, Deno has it too.
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type * as Sqlite from 'node:sqlite';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Storage, StoredRecord } from './storage.js';

const schemaVersion = 1;

/**
 * Opens or makes the file. Throws an Error that says what is missing where the runtime has no SQLite, and
 * one of SQLite's where the file is none of its own.
 */
export async function openSqliteStorage(path: string): Promise<Storage> {
  const { DatabaseSync } = await loadSqlite();
  // It holds credentials: nobody else reads it, nor the files that SQLite makes beside it.
  await (await open(path, 'a', 0o600)).close();
  const database = new DatabaseSync(path);
  try {
    // Another process, such as `tercet user`, may be writing.
    database.exec('PRAGMA busy_timeout = 5000');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = NORMAL');
    prepareSchema(database, path);
    const log = await open(`${path}-wal`, 'r+');
    return new SqliteStorage(database, log);
  } catch (error) {
    database.close();
    throw error;
  }
}

export async function loadSqlite(): Promise<typeof Sqlite> {
  try {
    return await import('node:sqlite');
  } catch {
    throw new Error('storing on disk needs SQLite, which Node has from version 22.13 on');
  }
}

function prepareSchema(database: DatabaseSync, path: string): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  if (version > schemaVersion) throw new Error(`${path} was written by a newer version of tercet`);
  // Made outside of a transaction, so that the log's file is there from now on.
  database.exec(
    `CREATE TABLE IF NOT EXISTS record (
       collection TEXT NOT NULL, owner TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
       PRIMARY KEY (collection, owner, key)
     ) WITHOUT ROWID;
     PRAGMA user_version = ${schemaVersion}`,
  );
}

class SqliteStorage implements Storage {
  readonly isLasting = true;
  writeCount = 0;
  readonly #database: DatabaseSync;
  readonly #log: FileHandle;
  readonly #statements: Readonly<Record<keyof typeof texts, StatementSync>>;
  #isWriting = false;
  /** Transactions handed to the operating system, and those of them that are on the disk. */
  #committed = 0;
  #synchronised = 0;
  #synchronising: Promise<void> | undefined;

  constructor(database: DatabaseSync, log: FileHandle) {
    this.#database = database;
    this.#log = log;
    this.#statements = {
      get: database.prepare(texts.get),
      set: database.prepare(texts.set),
      delete: database.prepare(texts.delete),
      list: database.prepare(texts.list),
      count: database.prepare(texts.count),
      owners: database.prepare(texts.owners),
      clear: database.prepare(texts.clear),
    };
  }

  get(collection: string, owner: string, key: string): string | undefined {
    const row = this.#statements.get.get(collection, owner, key) as { value: string } | undefined;
    return row?.value;
  }

  set(collection: string, owner: string, key: string, value: string): void {
    this.#begin();
    this.#statements.set.run(collection, owner, key, value);
  }

  delete(collection: string, owner: string, key: string): boolean {
    this.#begin();
    return this.#statements.delete.run(collection, owner, key).changes > 0;
  }

  list(collection: string, owner: string): readonly StoredRecord[] {
    const rows = this.#statements.list.all(collection, owner) as unknown as StoredRecord[];
    return rows.map(({ key, value }) => ({ key, value }));
  }

  count(collection: string, owner: string): number {
    const row = this.#statements.count.get(collection, owner) as { count: number };
    return row.count;
  }

  owners(collection: string): readonly string[] {
    const rows = this.#statements.owners.all(collection) as { owner: string }[];
    return rows.map(({ owner }) => owner);
  }

  clear(owner: string): void {
    this.#begin();
    this.#statements.clear.run(owner);
  }

  async commit(): Promise<void> {
    if (this.#isWriting) {
      this.#isWriting = false;
      try {
        this.#database.exec('COMMIT');
      } catch (error) {
        this.#rollBack();
        throw error;
      }
      this.#committed += 1;
    }
    const wanted = this.#committed;
    // One that is under way may have begun before the last commit: then another one follows it.
    while (this.#synchronised < wanted) await (this.#synchronising ??= this.#synchronise());
  }

  async close(): Promise<void> {
    await this.commit();
    await this.#log.close();
    this.#database.close();
  }

  #begin(): void {
    this.writeCount += 1;
    if (this.#isWriting) return;
    this.#database.exec('BEGIN IMMEDIATE');
    this.#isWriting = true;
  }

  /** SQLite may have done so itself, depending on the error. */
  #rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  async #synchronise(): Promise<void> {
    const reached = this.#committed;
    try {
      await this.#log.datasync();
      this.#synchronised = reached;
    } finally {
      this.#synchronising = undefined;
    }
  }
}

const texts = {
  get: 'SELECT value FROM record WHERE collection = ? AND owner = ? AND key = ?',
  set: 'INSERT OR REPLACE INTO record (collection, owner, key, value) VALUES (?, ?, ?, ?)',
  delete: 'DELETE FROM record WHERE collection = ? AND owner = ? AND key = ?',
  list: 'SELECT key, value FROM record WHERE collection = ? AND owner = ? ORDER BY key',
  count: 'SELECT count(*) AS count FROM record WHERE collection = ? AND owner = ?',
  owners: 'SELECT DISTINCT owner FROM record WHERE collection = ? ORDER BY owner',
  clear: 'DELETE FROM record WHERE owner = ?',
} as const;
