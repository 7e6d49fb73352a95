/*
 * One server a folder: two would each be right about accounts and wrong about rosters, which they keep in
 * memory. The lock is one of SQLite's on a file of its own, so the system gives it back when the process ends,
 * however that happens; the process id beside it is only for people. `tercet user` needs no lock.
 *
 *     DIR/server.lock    locked while a server runs
 *     DIR/server.pid     who that is
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteLock } from '../server/storage/sqlite-lock.js';

export interface FolderLock {
  release(): Promise<void>;
}

/** Throws an Error that names the process which has the folder. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const lock = await openSqliteLock(join(folder, 'server.lock'));
  const pidPath = join(folder, 'server.pid');
  if (!lock) {
    const pid = await readFile(pidPath, 'utf8').catch(() => '');
    const who = /^[0-9]+\n?$/.test(pid) ? `process ${pid.trim()}` : 'another process';
    throw new Error(`the folder ${folder} is in use by a server, ${who}; --data names another one`);
  }
  await writeFile(pidPath, `${process.pid}\n`, { mode: 0o600 });
  return {
    async release() {
      await rm(pidPath, { force: true });
      lock.release();
    },
  };
}
