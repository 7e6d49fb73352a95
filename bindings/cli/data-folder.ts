/*
 * The folder of a server: its storage, `tercet.sqlite`, beside the development authority. Made when it is
 * not there, readable by its owner only.
 */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStorage } from '../node/index.js';
import type { Storage } from '../server/index.js';

/** Where `serve` and `user` look when nobody says otherwise. */
export const defaultFolder = 'data';

const fileName = 'tercet.sqlite';

/** Throws an Error that names what is missing and what else there is. */
export async function openDataFolder(folder: string): Promise<Storage> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return openSqliteStorage(join(folder, fileName));
}

export async function isDataFolder(folder: string): Promise<boolean> {
  return stat(join(folder, fileName)).then(
    () => true,
    () => false,
  );
}
