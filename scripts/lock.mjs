/*
 * A lock that is a file holding a process id, so that two commands of one checkout that build first
 * do not write the same files. A lock whose process is gone is taken over.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export async function withLock(path, action) {
  while (!take(path)) await sleep(200);
  try {
    return await action();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!isAlive(holderOf(path))) rmSync(path, { force: true });
  return false;
}

/** The process id in the lock; this process where it is not written yet, which counts as alive. */
function holderOf(path) {
  try {
    return Number(readFileSync(path, 'utf8')) || process.pid;
  } catch {
    return process.pid;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
