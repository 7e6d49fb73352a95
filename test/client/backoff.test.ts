/*
 * The pauses before a client connects again, on a clock that the test moves.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connect } from 'tercet/client';
import type { Client, Status } from 'tercet/client';
import { createServer, MemoryAccounts } from 'tercet/server';
import { Line } from './line.js';

const accounts = new MemoryAccounts({ iterationCount: 4096 });
await accounts.set('juliet', 'localhost', 'balcony');

let line: Line;
let client: Client;
let statuses: Status[];

beforeEach(async () => {
  line = new Line(createServer({ domain: 'localhost', accounts }));
  statuses = [];
  client = await connect({
    jid: 'juliet@localhost',
    password: 'balcony',
    transports: [line],
    onStatus: (status) => statuses.push(status),
  });
  statuses.length = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await client.close();
});

const delays = (): number[] =>
  statuses.flatMap((status) => (status.state === 'waiting' ? status.delayMs : []));

/** Lets promises that need no clock go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('they double up to a bound, and a part of each is chance', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  line.refusal = new Error('nobody is there');
  line.cut();
  await settle();
  for (let count = 0; count < 8; count++) {
    const opened = line.openCount;
    await vi.advanceTimersByTimeAsync((delays().at(-1) ?? 0) - 1);
    expect(line.openCount).toBe(opened);
    await vi.advanceTimersByTimeAsync(1);
    await settle();
    expect(line.openCount).toBe(opened + 1);
  }
  expect(delays()).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  vi.spyOn(Math, 'random').mockReturnValue(0);
  await vi.advanceTimersByTimeAsync(60_000);
  await settle();
  expect(delays().at(-1)).toBe(30_000);
});

test('they are short again after a connection that held, and not after one that did not', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const comeBack = async (): Promise<void> => {
    await vi.advanceTimersByTimeAsync(delays().at(-1) ?? 0);
    for (let turn = 0; statuses.at(-1)?.state !== 'online'; turn++) {
      if (turn > 10_000) throw new Error('the client does not come back');
      await settle();
    }
  };
  for (const heldMs of [0, 5000, 60_000, 0]) {
    await vi.advanceTimersByTimeAsync(heldMs);
    line.cut();
    await settle();
    await comeBack();
  }
  expect(delays()).toEqual([1000, 2000, 1000, 2000]);
});

test('they can be cut short', async () => {
  line.cut();
  await settle();
  expect(client.status.state).toBe('waiting');
  client.reconnect();
  await settle();
  expect(line.openCount).toBe(2);
});
