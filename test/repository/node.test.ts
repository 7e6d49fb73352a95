/*
 * The scripts run on the Node that the repository pins. Where it is missing, npm falls back to the
 * system's Node without a word, so a test has to say it.
 */
import { expect, test } from 'vitest';

test('the tests run on the pinned Node 24', () => {
  expect(process.versions.node).toMatch(/^24\./);
});
