/**
 * Counts before timing: each subject reads a part of each case's corpus in a process that is never timed, and the counts
 * are compared (compare.mjs).
 */

import { pool, parallel } from './child.mjs';
import { compareCounts } from './compare.mjs';

const sampleSegments = 2;

/**
 * `cases`: `[{ key, corpus, subjects: [{ name, job | startCheck }] }]`. A subject in JavaScript counts all its cases in
 * one process of `host`, a program in C is started for each. Returns `[{ case, subject, reason }]`.
 */
export async function checkCases(host, cases, say) {
  const errors = [];
  const counts = new Map(cases.map(({ key }) => [key, new Map()]));
  const keep = (key, name, found) => {
    if (found.error === undefined) counts.get(key).set(name, found);
    else errors.push({ case: key, subject: name, reason: found.error });
  };

  const tasks = [];
  const jobs = new Map();
  for (const { key, corpus, subjects } of cases) {
    const sample = spread(corpus.segments, sampleSegments);
    for (const { name, job, startCheck } of subjects) {
      if (job === undefined) {
        const start = () => startCheck(sample);
        tasks.push(() => answers(start, [key], (_, found) => keep(key, name, found)));
      } else {
        if (!jobs.has(name)) jobs.set(name, { keys: [], checks: [] });
        jobs.get(name).keys.push(key);
        jobs.get(name).checks.push({ ...job, check: sample });
      }
    }
  }
  for (const [name, { keys, checks }] of jobs) {
    const start = () => host.startChecks(checks);
    tasks.push(() => answers(start, keys, (key, found) => keep(key, name, found)));
  }
  say(`check on ${host.name}`);
  await pool(parallel, tasks);

  for (const { key, corpus } of cases) {
    for (const wrong of compareCounts(counts.get(key), corpus.name))
      errors.push({ case: key, ...wrong });
  }
  return errors;
}

async function answers(start, keys, keep) {
  const child = start();
  for (const key of keys) {
    try {
      keep(key, await child.answer());
    } catch (error) {
      keep(key, { error: error.message });
    }
  }
  child.stop();
}

/** `count` segments from all over the corpus, as [start, end]. */
function spread(segments, count) {
  const step = Math.max(1, Math.floor(segments.length / count));
  return segments
    .filter((_, index) => index % step === 0)
    .slice(0, count)
    .map(({ start, end }) => [start, end]);
}
