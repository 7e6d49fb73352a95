/*
 * Storage: the same for memory and SQLite, and what SQLite alone promises: that it lasts.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { openSqliteStorage } from 'tercet/node';
import { MemoryStorage } from 'tercet/server';
import type { Storage } from 'tercet/server';

const folder = mkdtempSync(join(tmpdir(), 'tercet-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
const freshPath = (): string => join(folder, `${++count}.sqlite`);

const kinds: [string, () => Storage | Promise<Storage>][] = [
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openSqliteStorage(freshPath())],
];

describe.each(kinds)('storage in %s', (_name, make) => {
  test('finds what was set, and nothing else', async () => {
    const storage = await make();
    expect(storage.get('a', 'juliet', '1')).toBeUndefined();
    storage.set('a', 'juliet', '1', 'one');
    storage.set('a', 'juliet', '1', 'ONE \u{1f339} \u0000');
    expect(storage.get('a', 'juliet', '1')).toBe('ONE \u{1f339} \u0000');
    expect(storage.get('a', 'romeo', '1')).toBeUndefined();
    expect(storage.get('b', 'juliet', '1')).toBeUndefined();
    expect(storage.get('a', 'juliet', '')).toBeUndefined();
    await storage.close();
  });

  test('deletes, and says whether there was something', async () => {
    const storage = await make();
    storage.set('a', 'juliet', '1', 'one');
    expect(storage.delete('a', 'juliet', '1')).toBe(true);
    expect(storage.delete('a', 'juliet', '1')).toBe(false);
    expect(storage.get('a', 'juliet', '1')).toBeUndefined();
    expect(storage.owners('a')).toEqual([]);
    await storage.close();
  });

  test('lists records by key, counts them, names owners', async () => {
    const storage = await make();
    for (const key of ['10', '2', '1']) storage.set('a', 'juliet', key, `v${key}`);
    storage.set('a', 'benvolio', '1', '');
    storage.set('b', 'romeo', '1', '');
    expect(storage.list('a', 'juliet')).toEqual([
      { key: '1', value: 'v1' },
      { key: '10', value: 'v10' },
      { key: '2', value: 'v2' },
    ]);
    expect(storage.count('a', 'juliet')).toBe(3);
    expect(storage.count('a', 'nobody')).toBe(0);
    expect(storage.owners('a')).toEqual(['benvolio', 'juliet']);
    await storage.close();
  });

  test('clears an owner in all collections', async () => {
    const storage = await make();
    storage.set('a', 'juliet', '1', '');
    storage.set('b', 'juliet', '1', '');
    storage.set('a', 'romeo', '1', '');
    storage.clear('juliet');
    expect(storage.owners('a')).toEqual(['romeo']);
    expect(storage.owners('b')).toEqual([]);
    await storage.close();
  });
});

describe('SQLite', () => {
  test('keeps what was committed, and sees it before', async () => {
    const path = freshPath();
    const storage = await openSqliteStorage(path);
    storage.set('a', 'juliet', '1', 'one');
    expect(storage.get('a', 'juliet', '1')).toBe('one');
    const reader = new DatabaseSync(path, { readOnly: true });
    const read = () =>
      reader
        .prepare('SELECT value FROM record')
        .all()
        .map(({ value }) => value);
    expect(read()).toEqual([]);
    await storage.commit();
    expect(read()).toEqual(['one']);
    reader.close();
    await storage.close();
    const again = await openSqliteStorage(path);
    expect(again.get('a', 'juliet', '1')).toBe('one');
    await again.close();
  });

  test('counts writes, and commits many at once', async () => {
    const storage = await openSqliteStorage(freshPath());
    for (let index = 0; index < 100; index++) storage.set('a', 'b', String(index), '');
    expect(storage.writeCount).toBe(100);
    await Promise.all([storage.commit(), storage.commit()]);
    storage.set('a', 'b', 'x', '');
    await storage.close();
  });

  test('is read by nobody else, and lets another process write between commits', async () => {
    const path = freshPath();
    const storage = await openSqliteStorage(path);
    storage.set('a', 'b', '1', '');
    await storage.commit();
    for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o077).toBe(0);
    const other = await openSqliteStorage(path);
    other.set('a', 'b', '2', '');
    await other.close();
    expect(storage.count('a', 'b')).toBe(2);
    await storage.close();
  });

  test('refuses what is none of its own', async () => {
    const path = freshPath();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    await expect(openSqliteStorage(path)).rejects.toThrow('a newer version of tercet');
  });
});
