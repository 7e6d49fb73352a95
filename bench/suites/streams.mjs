/**
 * Many streams in one process: what an idle one keeps, and what a frame costs when 100,000 are open.
 *
 * `growth` is 100k-streams over one-stream, round by round. The subjects differ in what they do with a stanza: tercet
 * and ltx read its events, @xmpp/xml builds its elements, since it has no other mode.
 */

import { prepareCorpus } from '../corpora.mjs';
import { Child } from '../runner/child.mjs';
import { noteOf } from '../runner/notes.mjs';
import { median, rounded } from '../runner/statistics.mjs';

const streamCount = 100_000;
const subjects = ['tercet', 'ltx', 'xmpp-xml'];

/** The phases that a case needs, and its figure of one round: `cpu` holds microseconds by phase. */
const cases = {
  'idle-bytes': { metric: 'memory of an open stream after its header', unit: 'B' },
  'one-stream': {
    metric: 'CPU time a stanza',
    unit: 'ns',
    phases: ['one'],
    figure: (cpu) => (cpu.one * 1000) / streamCount,
  },
  '100k-streams': {
    metric: 'CPU time a stanza',
    unit: 'ns',
    phases: ['many'],
    figure: (cpu) => (cpu.many * 1000) / streamCount,
  },
  growth: {
    metric: '100k-streams over one-stream',
    unit: 'x',
    phases: ['one', 'many'],
    figure: (cpu) => cpu.many / cpu.one,
  },
  'split-frames': {
    metric: 'CPU time a stanza',
    unit: 'ns',
    phases: ['split'],
    figure: (cpu) => (cpu.split * 1000) / streamCount,
  },
};

export const suite = {
  name: 'streams',
  subjects,
  cases: Object.keys(cases),

  async run(context) {
    const present = context.available(subjects);
    const corpus = prepareCorpus('chat');
    const rows = [];
    const errors = [];
    const job = (subject, check) => [
      // Peers keep 100,000 objects alive; the heap must not be what stops them.
      '--max-old-space-size=6144',
      ...(check ? ['--expose-gc'] : []),
      'child.mjs',
      JSON.stringify({
        driver: 'streams',
        subject,
        streamCount,
        check,
        corpus: {
          path: corpus.path,
          indexPath: corpus.indexPath,
          headerLength: corpus.headerLength,
        },
      }),
    ];

    if (context.cases.includes('idle-bytes')) {
      const idle = new Map();
      for (const subject of present) {
        context.say(`idle-bytes: ${subject}`);
        const child = new Child(context.node, job(subject, true));
        try {
          idle.set(subject, (await child.answer()).idle);
        } catch (error) {
          errors.push({ case: 'idle-bytes', subject, reason: error.message });
        }
        child.stop();
      }
      for (const [subject, value] of idle)
        rows.push(
          row(
            'idle-bytes',
            subject,
            [value],
            idle.has('tercet') ? [idle.get('tercet')] : undefined,
          ),
        );
    }

    const timed = context.cases.filter((key) => cases[key].phases !== undefined);
    const phases = [...new Set(timed.flatMap((key) => cases[key].phases))];
    if (phases.length > 0) {
      const rounds = await measure(context, present, phases, job, errors);
      for (const key of timed) {
        const figures = (subject) => rounds.get(subject)?.map(cases[key].figure);
        for (const subject of rounds.keys())
          rows.push(row(key, subject, figures(subject), figures('tercet')));
      }
    }
    rows.sort(
      (left, right) => context.cases.indexOf(left.case) - context.cases.indexOf(right.case),
    );
    return { rows, errors };
  },
};

/** Rounds in turn, as in measure.mjs; one round of a subject is all phases. */
async function measure(context, present, phases, job, errors) {
  const children = new Map(
    present.map((subject) => [subject, new Child(context.node, job(subject, undefined))]),
  );
  const rounds = new Map(present.map((subject) => [subject, []]));
  const until = context.deadline(context.cases.length - 1);
  const warmUps = 3;
  let longest = 0;
  for (const child of children.values()) await child.answer();
  for (let round = 0; round < warmUps + 11; round++) {
    // Seven measured rounds, unless a slow machine cannot do them in the time: three at the least.
    const left = until - performance.now();
    if (round >= warmUps + 3 && left < longest) break;
    const began = performance.now();
    context.say(round < warmUps ? 'warm-up' : `round ${round - warmUps + 1}`);
    for (const subject of [...rounds.keys()]) {
      const cpu = {};
      try {
        for (const phase of phases) {
          const answer = await children.get(subject).order(phase);
          if (answer.stanzas !== streamCount) {
            throw new Error(`delivered ${answer.stanzas} stanzas of ${streamCount} (${phase})`);
          }
          cpu[phase] = answer.cpu;
        }
        if (round >= warmUps) rounds.get(subject).push(cpu);
      } catch (error) {
        errors.push({ case: 'streams', subject, reason: error.message });
        rounds.delete(subject);
      }
    }
    if (round > 0) longest = Math.max(longest, performance.now() - began);
  }
  for (const child of children.values()) child.stop();
  return rounds;
}

function row(key, subject, figures, own) {
  const ratios = own?.slice(0, figures.length).map((mine, index) => figures[index] / mine);
  return {
    case: key,
    subject,
    metric: cases[key].metric,
    value: rounded(median(figures)),
    unit: cases[key].unit,
    better: 'lower',
    ratio: ratios === undefined ? null : subject === 'tercet' ? 1 : rounded(median(ratios)),
    min: rounded(Math.min(...figures)),
    max: rounded(Math.max(...figures)),
    rounds: figures.length,
    ...noteOf(subject),
  };
}
