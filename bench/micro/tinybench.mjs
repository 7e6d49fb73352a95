/** Runs tasks with tinybench, which shows how the times are distributed. */

import { Bench } from 'tinybench';

/** `tasks`: `[{ name, run }]`. Returns `[{ name, p50, p99, hz }]`, times in nanoseconds a call. */
export async function runTinybench(tasks, secondsEach, say) {
  const bench = new Bench({ time: secondsEach * 800, warmupTime: secondsEach * 200 });
  for (const { name, run } of tasks) bench.add(name, run);
  bench.addEventListener('cycle', (event) => say(event.task?.name ?? ''));
  await bench.run();
  return bench.tasks.map(({ name, result }) => {
    if (result.error !== undefined) throw result.error;
    return {
      name,
      p50: result.latency.p50 * 1e6,
      p99: result.latency.p99 * 1e6,
      hz: result.throughput.mean,
    };
  });
}
