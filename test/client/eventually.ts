/*
 * What becomes true after a while, on a busy machine too.
 */
import { expect } from 'vitest';

/** An expectation of what a function gives in the end: `await eventually(() => heard).toEqual(['one'])`. */
export const eventually = <Value>(look: () => Value): ReturnType<typeof expect.poll<Value>> =>
  expect.poll(look, { timeout: 20_000, interval: 5 });
