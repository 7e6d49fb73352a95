/**
 * What the benchmarks in ltx's own repository measure, with the same harness (Benchmark.js), so that its users can
 * compare: making, parsing and serialising one message; parsing a small document with each back end; writing that
 * document to an open SAX parser. Operations a second; one process, as there.
 *
 * Written anew, with samples of our own. A back end of ltx is named `ltx/saxes` and so on.
 */

import { rounded } from '../runner/statistics.mjs';

const cases = [
  'create',
  'parse',
  'serialize',
  'serialize-and-parse',
  'parse-document',
  'write-document',
];

export const suite = {
  name: 'ltx',
  subjects: ['tercet', 'ltx', 'saxes-ns', 'sax', 'node-expat'],
  cases,

  async run(context) {
    const { ltxTasks } = await import('../micro/ltx-tasks.mjs');
    const { runBenchmarkJs } = await import('../micro/benchmark-js.mjs');
    const present = context.available(this.subjects);
    const tasks = (await ltxTasks(present))
      .filter((task) => context.cases.includes(task.case))
      .map((task) => ({ ...task, name: `${task.case} ${task.subject}` }));
    // Benchmark.js needs about 1.3 s a task before it begins to count time.
    const secondsEach = Math.max(0.2, context.seconds / tasks.length - 1.3);
    const results = runBenchmarkJs(tasks, secondsEach, context.say);
    const rows = tasks.map(({ case: key, subject }, index) => {
      const own = tasks.findIndex((task) => task.case === key && task.subject === 'tercet');
      return {
        case: key,
        subject,
        metric: 'Benchmark.js',
        value: rounded(results[index].hz),
        unit: 'ops/s',
        better: 'higher',
        ratio: own < 0 ? null : rounded(results[own].hz / results[index].hz),
        margin: rounded(results[index].margin),
      };
    });
    return { rows };
  },
};
