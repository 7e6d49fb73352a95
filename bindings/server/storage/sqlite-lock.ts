/*
 * A lock that the operating system gives back when its process ends: a transaction of SQLite that excludes all
 * others on a file made for it, and never ends by itself.
 */
import { loadSqlite } from './sqlite.js';

export interface SqliteLock {
  release(): void;
}

/** undefined: somebody else has it. Throws where the runtime has no SQLite, or the file is something else. */
export async function openSqliteLock(path: string): Promise<SqliteLock | undefined> {
  const { DatabaseSync } = await loadSqlite();
  const database = new DatabaseSync(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === busy) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

/** SQLITE_BUSY. */
const busy = 5;
