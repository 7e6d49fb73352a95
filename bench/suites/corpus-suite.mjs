/**
 * A suite whose cases are corpora and ways of cutting them: `tokenizer`, `trees`, `frames`.
 *
 * The unit decides the direction: MB/s counts bytes of input over CPU time, higher is better; ns counts CPU time over
 * stanzas, lower is better. `ratio` is taken round by round against tercet's figure of the same round, then the median.
 */

import { prepareCorpus } from '../corpora.mjs';
import { measureCase } from '../runner/measure.mjs';
import { noteOf } from '../runner/notes.mjs';
import { median, rounded } from '../runner/statistics.mjs';

export function corpusSuite({ name, driver, subjects, metric, unit, cases }) {
  return {
    name,
    subjects,
    cases: Object.keys(cases),
    defaultCases: Object.keys(cases).filter((key) => !cases[key].optional),

    /** Measures the cases that are asked for; `context` is described in run.mjs. */
    async run(context) {
      const rows = [];
      const skipped = [];
      const errors = [];
      for (const [index, key] of context.cases.entries()) {
        const { corpus: corpusName, chunk, reading, input, mode, without = {} } = cases[key];
        context.say(`${key}: corpus`);
        const corpus = prepareCorpus(corpusName);
        if (corpus === undefined) {
          skipped.push({
            case: key,
            reason: `the corpus ${corpusName} is absent (../shared/data/${corpusName}.xml)`,
          });
          continue;
        }
        const job = {
          driver,
          chunk,
          reading,
          input,
          corpus: {
            path: corpus.path,
            indexPath: corpus.indexPath,
            headerLength: corpus.headerLength,
          },
        };
        const result = await measureCase({
          subjects: context
            .available(subjects)
            .filter((subject) => without[subject] === undefined)
            .map((subject) => command(context, subject, job, mode)),
          corpus,
          until: context.deadline(index),
          say: (text) => context.say(`${key}: ${text}`),
        });
        for (const [subject, reason] of Object.entries(without))
          skipped.push({ case: key, subject, reason });
        errors.push(...result.errors.map((error) => ({ case: key, ...error })));
        rows.push(...rowsOf(key, result.rounds, { metric, unit }));
      }
      return { rows, skipped, errors };
    },
  };
}

/** How the processes of one subject are started, for the check and for the rounds. */
function command(context, subject, job, mode) {
  const native = context.native.get(subject);
  if (native !== undefined) {
    const words = [
      job.corpus.path,
      job.corpus.headerLength,
      subject === 'pugixml' ? mode : job.chunk,
    ].map(String);
    return {
      name: subject,
      command: native.path,
      time: ['time', ...words],
      check: (ranges) => ['check', ...words, ...ranges.flat().map(String)],
    };
  }
  const words = (check) => ['child.mjs', JSON.stringify({ ...job, subject, check })];
  return { name: subject, command: context.node, time: words(undefined), check: words };
}

function rowsOf(key, rounds, { metric, unit }) {
  const higher = unit === 'MB/s';
  const figure = ({ cpu, bytes, stanzas }) => (higher ? bytes / cpu : (cpu * 1000) / stanzas);
  const wallFigure = ({ wall, bytes, stanzas }) =>
    higher ? bytes / wall : (wall * 1000) / stanzas;
  const own = rounds.get('tercet')?.map(figure);
  const rows = [];
  for (const [subject, measured] of rounds) {
    const figures = measured.map(figure);
    const ratios = own
      ?.slice(0, figures.length)
      .map((mine, index) => (higher ? mine / figures[index] : figures[index] / mine));
    rows.push({
      case: key,
      subject,
      metric,
      value: rounded(median(figures)),
      unit,
      better: higher ? 'higher' : 'lower',
      ratio: ratios === undefined ? null : subject === 'tercet' ? 1 : rounded(median(ratios)),
      min: rounded(Math.min(...figures)),
      max: rounded(Math.max(...figures)),
      wall: rounded(median(measured.map(wallFigure))),
      rounds: figures.length,
      ...noteOf(subject),
    });
  }
  return rows;
}
