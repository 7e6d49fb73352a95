/** Runs tasks with Benchmark.js, the harness of ltx's own benchmarks. Synchronous; it blocks until it is done. */

import Benchmark from 'benchmark';

/** `tasks`: `[{ name, run }]`. Returns `[{ name, hz, margin }]`: operations a second, relative margin of error in %. */
export function runBenchmarkJs(tasks, secondsEach, say) {
  return tasks.map(({ name, run }) => {
    say(name);
    const bench = new Benchmark(name, run, { maxTime: secondsEach, minSamples: 5 });
    bench.run({ async: false });
    if (bench.error !== undefined) throw bench.error;
    return { name, hz: bench.hz, margin: bench.stats.rme };
  });
}
