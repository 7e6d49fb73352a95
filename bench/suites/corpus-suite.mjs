/**
 * A suite whose cases are corpora and ways of cutting them: `tokenizer`, `trees`, `frames`, `route`.
 *
 * The unit decides the direction: MB/s counts bytes of input over CPU time, higher is better; ns counts CPU time over
 * stanzas, lower is better. `ratio` is taken round by round against tercet's figure of the same round, then the median.
 *
 * A row holds the figures of the first host, and under `runtimes` those of each other host by its name, where `ratio`
 * compares with tercet on that host. Programs in C have the first alone.
 */

import { prepareCorpus } from '../corpora.mjs';
import { checkCases } from '../runner/check.mjs';
import { Child } from '../runner/child.mjs';
import { measureCase } from '../runner/measure.mjs';
import { noteOf } from '../runner/notes.mjs';
import { median, rounded } from '../runner/statistics.mjs';

/** `hasRuntimes`: there may be more hosts than one. `unchecked` subjects are not asked for what they count. */
export function corpusSuite({ cases, subjects, metric, unit, unchecked = [], ...suite }) {
  return {
    ...suite,
    subjects,
    cases: Object.keys(cases),
    defaultCases: Object.keys(cases).filter((key) => !cases[key].optional),

    /** Measures the cases that are asked for; `context` is described in run.mjs. */
    async run(context) {
      const { hosts, say } = context;
      const { ready, skipped } = prepare(context);
      const errors = [];
      const fails = (host, { case: key, subject, reason }) => {
        const isPeer = subject !== 'tercet' && !subject.startsWith('tercet-');
        const where = host === hosts[0] ? {} : { runtime: host.name };
        // A peer need not run wherever tercet does.
        const list = host !== hosts[0] && isPeer ? skipped : errors;
        list.push({ case: key, subject, ...where, reason });
      };
      const isOut = (host, key, name) => {
        const runtime = host === hosts[0] ? undefined : host.name;
        return [...errors, ...skipped].some(
          (one) => one.case === key && one.subject === name && one.runtime === runtime,
        );
      };

      for (const host of hosts) {
        const checked = ready.map(({ key, corpus, on }) => ({
          key,
          corpus,
          subjects: on.get(host).filter(({ name }) => !unchecked.includes(name)),
        }));
        for (const wrong of await checkCases(host, checked, say)) fails(host, wrong);
      }

      const rows = [];
      // The first host has twice the time of another.
      let left = ready.length * (hosts.length + 1);
      for (const { key, corpus, on } of ready) {
        const own = [];
        for (const host of hosts) {
          const weight = host === hosts[0] ? 2 : 1;
          const { rounds, errors: failures } = await measureCase({
            subjects: on.get(host).filter(({ name }) => !isOut(host, key, name)),
            corpus,
            until: context.deadlineFor(weight / left),
            say: (text) => say(`${key} on ${host.name}: ${text}`),
          });
          left -= weight;
          for (const failure of failures) fails(host, { case: key, ...failure });
          if (host === hosts[0]) own.push(...rowsOf(key, rounds, { metric, unit }));
          else addColumn(own, host.name, figuresOf(rounds, unit));
        }
        rows.push(...own);
      }
      return { rows, skipped, errors };
    },
  };

  /** The cases with their corpora and, for each host, its subjects. */
  function prepare(context) {
    const ready = [];
    const skipped = [];
    for (const key of context.cases) {
      const { corpus: corpusName, without = {}, mode, ...how } = cases[key];
      context.say(`${key}: corpus`);
      const corpus = prepareCorpus(corpusName);
      if (corpus === undefined) {
        const reason = `the corpus ${corpusName} is absent (../shared/data/${corpusName}.xml)`;
        skipped.push({ case: key, reason });
        continue;
      }
      for (const [subject, reason] of Object.entries(without)) {
        skipped.push({ case: key, subject, reason });
      }
      const { path, indexPath, headerLength } = corpus;
      const job = {
        driver: suite.driver,
        ...how,
        optional: undefined,
        corpus: { path, indexPath, headerLength },
      };
      const names = context.available(subjects).filter((name) => without[name] === undefined);
      const on = new Map();
      for (const host of context.hosts) {
        const reason = host.refuses?.(job);
        if (reason !== undefined) skipped.push({ case: key, runtime: host.name, reason });
        on.set(host, reason === undefined ? subjectsOn(host, names, job, mode, context) : []);
      }
      ready.push({ key, corpus, on });
    }
    return { ready, skipped };
  }
}

/** How the processes of subjects are started on a host; programs in C go with the first. */
function subjectsOn(host, names, job, mode, { hosts, native }) {
  const here = names.filter((name) => host === hosts[0] || !native.has(name));
  return here.map((name) => {
    if (native.has(name)) return nativeSubject(name, native.get(name).path, job, mode);
    const full = { ...job, subject: name };
    return { name, job: full, start: () => host.start(full) };
  });
}

function nativeSubject(name, path, { corpus, chunk }, mode) {
  const last = name === 'pugixml' ? mode : chunk;
  const words = [corpus.path, corpus.headerLength, last].map(String);
  return {
    name,
    start: () => new Child(path, ['time', ...words]),
    startCheck: (ranges) => new Child(path, ['check', ...words, ...ranges.flat().map(String)]),
  };
}

function rowsOf(key, rounds, { metric, unit }) {
  return [...figuresOf(rounds, unit)].map(([subject, { value, ...figures }]) => ({
    case: key,
    subject,
    metric,
    value,
    unit,
    better: unit === 'MB/s' ? 'higher' : 'lower',
    ...figures,
    ...noteOf(subject),
  }));
}

function addColumn(rows, name, figures) {
  for (const row of rows) {
    if (figures.has(row.subject)) {
      row.runtimes = { ...row.runtimes, [name]: figures.get(row.subject) };
    }
  }
}

/** Of what was measured, by subject: medians, extremes, and the lead of tercet. */
function figuresOf(rounds, unit) {
  const higher = unit === 'MB/s';
  const figure = ({ cpu, bytes, stanzas }) => (higher ? bytes / cpu : (cpu * 1000) / stanzas);
  const wallFigure = ({ wall, bytes, stanzas }) =>
    higher ? bytes / wall : (wall * 1000) / stanzas;
  const own = rounds.get('tercet')?.map(figure);
  const found = new Map();
  for (const [subject, measured] of rounds) {
    const figures = measured.map(figure);
    const ratios = own
      ?.slice(0, figures.length)
      .map((mine, index) => (higher ? mine / figures[index] : figures[index] / mine));
    found.set(subject, {
      value: rounded(median(figures)),
      ratio: ratios === undefined ? null : subject === 'tercet' ? 1 : rounded(median(ratios)),
      min: rounded(Math.min(...figures)),
      max: rounded(Math.max(...figures)),
      wall: rounded(median(measured.map(wallFigure))),
      rounds: figures.length,
    });
  }
  return found;
}
