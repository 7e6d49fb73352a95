/**
 * A suite whose cases are corpora and ways of cutting them: `tokenizer`, `trees`, `frames`.
 *
 * The unit decides the direction: MB/s counts bytes of input over CPU time, higher is better; ns counts CPU time over
 * stanzas, lower is better. `ratio` is taken round by round against tercet's figure of the same round, then the median.
 */

import { prepareCorpus } from '../corpora.mjs';
import { checkCases } from '../runner/check.mjs';
import { measureCase } from '../runner/measure.mjs';
import { noteOf } from '../runner/notes.mjs';
import { median, rounded } from '../runner/statistics.mjs';

export function corpusSuite({ name, driver, subjects, metric, unit, cases, unchecked = [] }) {
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
      const ready = [];
      for (const key of context.cases) {
        const { corpus: corpusName, without = {}, mode, ...options } = cases[key];
        context.say(`${key}: corpus`);
        const corpus = prepareCorpus(corpusName);
        if (corpus === undefined) {
          skipped.push({
            case: key,
            reason: `the corpus ${corpusName} is absent (../shared/data/${corpusName}.xml)`,
          });
          continue;
        }
        for (const [subject, reason] of Object.entries(without)) {
          skipped.push({ case: key, subject, reason });
        }
        const { path, indexPath, headerLength } = corpus;
        const job = { driver, ...options, corpus: { path, indexPath, headerLength } };
        const present = context
          .available(subjects)
          .filter((subject) => without[subject] === undefined);
        ready.push({
          key,
          corpus,
          subjects: present.map((subject) => command(context, subject, job, mode)),
        });
      }

      const checked = ready.map((one) => ({
        ...one,
        subjects: one.subjects.filter((subject) => !unchecked.includes(subject.name)),
      }));
      errors.push(...(await checkCases(checked, context.say)));
      for (const [index, { key, corpus, subjects: present }] of ready.entries()) {
        const wrong = (name) =>
          errors.some((error) => error.case === key && error.subject === name);
        const result = await measureCase({
          subjects: present.filter(({ name }) => !wrong(name)),
          corpus,
          until: context.deadline(index + context.cases.length - ready.length),
          say: (text) => context.say(`${key}: ${text}`),
        });
        errors.push(...result.errors.map((error) => ({ case: key, ...error })));
        rows.push(...rowsOf(key, result.rounds, { metric, unit }));
      }
      return { rows, skipped, errors };
    },
  };
}

/** How the processes of one subject are started: `time` for the rounds; `job` or `words` for the check. */
function command(context, subject, job, mode) {
  const native = context.native.get(subject);
  if (native === undefined) {
    const full = { ...job, subject };
    return {
      name: subject,
      command: context.node,
      job: full,
      time: ['child.mjs', JSON.stringify(full)],
    };
  }
  const last = subject === 'pugixml' ? mode : job.chunk;
  const words = [job.corpus.path, job.corpus.headerLength, last].map(String);
  return { name: subject, command: native.path, words, time: ['time', ...words] };
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
