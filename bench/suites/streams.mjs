/**
 * Many streams in one process: what an idle one keeps, and what a frame costs when 100,000 are open.
 *
 * `growth` is 100k-streams over one-stream, round by round. The subjects differ in what they do with a stanza: tercet
 * and ltx read its events, @xmpp/xml builds its elements, since it has no other mode.
 */

import { prepareCorpus } from '../corpora.mjs';
import { Child, parallel, pool } from '../runner/child.mjs';
import { noteOf } from '../runner/notes.mjs';
import { median, rounded } from '../runner/statistics.mjs';

const streamCount = 100_000;
const splitCount = 20_000;
const warmUpRounds = 3;
/** Stanzas that a phase delivers. */
const stanzas = { one: streamCount, many: streamCount, split: splitCount };
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
    figure: (cpu) => (cpu.split * 1000) / splitCount,
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
    const { path, indexPath, headerLength } = corpus;
    const words = (subject, isCheck) => {
      const job = {
        driver: 'streams',
        subject,
        streamCount,
        splitCount,
        corpus: { path, indexPath, headerLength },
      };
      return [
        // Peers keep 100,000 objects alive; the heap must not be what stops them.
        '--max-old-space-size=6144',
        ...(isCheck ? ['--expose-gc'] : []),
        'child.mjs',
        JSON.stringify(isCheck ? { checks: [job] } : job),
      ];
    };

    if (context.cases.includes('idle-bytes')) {
      const idle = new Map();
      context.say('idle-bytes');
      const measureIdle = async (subject) => {
        const child = new Child(context.node, words(subject, true));
        try {
          const { idle: bytes, error } = await child.answer();
          if (error !== undefined) throw new Error(error);
          idle.set(subject, bytes);
        } catch (error) {
          errors.push({ case: 'idle-bytes', subject, reason: error.message });
        }
        child.stop();
      };
      await pool(
        parallel,
        present.map((subject) => () => measureIdle(subject)),
      );
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
      const rounds = await measure(context, present, phases, words, errors);
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
async function measure(context, present, phases, words, errors) {
  const children = new Map(
    present.map((subject) => [subject, new Child(context.node, words(subject, false))]),
  );
  const rounds = new Map(present.map((subject) => [subject, []]));
  const until = context.deadline(context.cases.length - 1);
  const attempt = async (subject, keep) => {
    if (!rounds.has(subject)) return;
    const cpu = {};
    try {
      for (const phase of phases) {
        const answer = await children.get(subject).order(phase);
        if (answer.stanzas !== stanzas[phase]) {
          throw new Error(`delivered ${answer.stanzas} stanzas of ${stanzas[phase]} (${phase})`);
        }
        cpu[phase] = answer.cpu;
      }
      keep(cpu);
    } catch (error) {
      errors.push({ case: phases.join(), subject, reason: error.message });
      rounds.delete(subject);
    }
  };

  context.say('warm-up');
  await pool(
    parallel,
    present.map((subject) => async () => {
      await children.get(subject).answer();
      for (let round = 0; round < warmUpRounds; round++) await attempt(subject, () => {});
    }),
  );

  // Seven to eleven rounds; a machine that is too slow for that in the time does three at the least.
  let longest = 0;
  for (let round = 0; round < 11; round++) {
    if (round >= 3 && until - performance.now() < longest) break;
    const began = performance.now();
    context.say(`round ${round + 1}`);
    for (const subject of present) await attempt(subject, (cpu) => rounds.get(subject).push(cpu));
    longest = Math.max(longest, performance.now() - began);
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
