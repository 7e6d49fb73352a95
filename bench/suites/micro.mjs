/**
 * Small tasks on one stanza, measured by tinybench and by Benchmark.js, shown beside each other.
 *
 * All rows share one process, as these harnesses do: good for seeing whether a change helps, not for comparing with
 * peers, which is what the other suites are for. `plain-js` is the control row. Where the two harnesses are more than
 * ten percent apart, `apart` says so, and the task wants a look before its number does.
 */

import { rounded } from '../runner/statistics.mjs';

export const suite = {
  name: 'micro',
  subjects: ['tercet', 'ltx'],
  cases: [
    'parse-string',
    'parse-bytes',
    'parse-and-read',
    'build',
    'serialize',
    'parse-and-serialize',
  ],

  async run(context) {
    const { tasks, repetitions } = await import('../micro/tasks.mjs');
    const { runBenchmarkJs } = await import('../micro/benchmark-js.mjs');
    const { runTinybench } = await import('../micro/tinybench.mjs');
    const chosen = tasks
      .filter((task) => context.cases.includes(task.case))
      .map((task) => ({ ...task, name: `${task.case} ${task.subject}` }));
    const secondsEach = context.seconds / chosen.length / 2.8;
    const tiny = await runTinybench(chosen, secondsEach, (name) =>
      context.say(`tinybench: ${name}`),
    );
    const classic = runBenchmarkJs(chosen, secondsEach, (name) =>
      context.say(`Benchmark.js: ${name}`),
    );

    const time = (index) => tiny[index].p50 / repetitions;
    const rows = chosen.map(({ case: key, subject }, index) => {
      const own = chosen.findIndex((task) => task.case === key && task.subject === 'tercet');
      const other = 1e9 / classic[index].hz / repetitions;
      return {
        case: key,
        subject,
        metric: 'wall time, median of tinybench',
        value: rounded(time(index)),
        unit: 'ns',
        better: 'lower',
        ratio: own < 0 ? null : rounded(time(index) / time(own)),
        p99: rounded(tiny[index].p99 / repetitions),
        benchmarkJs: rounded(other),
        apart: Math.abs(other / time(index) - 1) > 0.1,
      };
    });
    return { rows };
  },
};
