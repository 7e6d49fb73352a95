/*
 * When a server collects: many clients have come, and nothing happens.
 */
import { expect, test } from 'vitest';
import { QuietMemory } from '../../dist/bindings/node/quiet-memory.js';

class Watch {
  connections = 0;
  load = 0;
  now = 0;
  collections = 0;
  readonly #memory = new QuietMemory({
    connectionCount: () => this.connections,
    utilization: () => this.load,
    collect: () => (this.collections += 1),
  });

  /** Lets time pass, half a second a look; how often it collected meanwhile. */
  wait(seconds: number): number {
    const before = this.collections;
    for (let count = 0; count < seconds * 2; count++) {
      this.now += 500;
      this.#memory.tick(this.now);
    }
    return this.collections - before;
  }
}

test('once, after two quiet seconds, when many have come', () => {
  const watch = new Watch();
  expect(watch.wait(10)).toBe(0);
  watch.connections = 1000;
  watch.load = 0.5;
  expect(watch.wait(10)).toBe(0);
  watch.load = 0.01;
  expect(watch.wait(2)).toBe(0);
  expect(watch.wait(1)).toBe(1);
  expect(watch.wait(200)).toBe(0);
});

test('not for a few, not while there is work, not twice within ten seconds', () => {
  const watch = new Watch();
  watch.connections = 199;
  expect(watch.wait(100)).toBe(0);
  watch.connections = 400;
  expect(watch.wait(1)).toBe(1);
  watch.connections = 800;
  expect(watch.wait(9)).toBe(0);
  expect(watch.wait(2)).toBe(1);
  watch.connections = 1200;
  for (let count = 0; count < 60; count++) {
    watch.load = 0.9;
    expect(watch.wait(1)).toBe(0);
    watch.load = 0;
    expect(watch.wait(1)).toBe(0);
  }
});

test('those who come again after others have left count as having come', () => {
  const watch = new Watch();
  watch.connections = 1000;
  expect(watch.wait(5)).toBe(1);
  watch.connections = 0;
  expect(watch.wait(100)).toBe(0);
  watch.connections = 1000;
  expect(watch.wait(5)).toBe(1);
});
