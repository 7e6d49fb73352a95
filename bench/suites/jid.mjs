/**
 * Addresses: nanoseconds of CPU time a parse, the boundary to WebAssembly included.
 *
 * Each case has 2,048 different addresses (corpora/addresses.mjs). tercet refuses by `check`, whose result is a value;
 * the others by what they throw. Before anything is timed every subject says how many addresses it takes: one that
 * refuses good ones has no figure in that case, and in `reject` the row says how many it took.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addressCases, addressCount, addresses } from '../corpora/addresses.mjs';
import { seed } from '../corpora.mjs';
import { Random } from '../corpora/random.mjs';
import { Child, parallel, pool } from '../runner/child.mjs';
import { measureCase } from '../runner/measure.mjs';
import { median, rounded } from '../runner/statistics.mjs';

const subjects = [
  'tercet',
  'tercet-xmpp-jid',
  'xmpp-jid-js',
  'stanza',
  'strophe',
  'xmpp-jid',
  'go-precis',
];
const metric = 'CPU time a parse';
const passCount = 200;

/** What a subject leaves out of RFC 7622. */
const notes = {
  'xmpp-jid-js': 'RFC 6122: lower case, escaping',
  stanza: 'RFC 6122: stringprep',
  strophe: 'cuts at the separators',
  'xmpp-jid': 'lower case',
  'go-precis': 'x/text precis and x/net idna; Go',
};

const cache = new URL('../.cache/corpora/', import.meta.url);

export const suite = {
  name: 'jid',
  subjects,
  cases: addressCases,

  async run(context) {
    const present = context.available(subjects);
    const paths = new Map(context.cases.map((key) => [key, prepareFile(key)]));
    const rows = [];
    const errors = [];
    context.say('check');
    const found = await countAll(context, present, paths, errors);

    for (const [index, key] of context.cases.entries()) {
      const refuses = key === 'reject';
      const counted = (subject) => found.get(`${key} ${subject}`);
      const isReady = (subject) =>
        counted(subject) !== undefined && (refuses || counted(subject).taken === addressCount);
      const { rounds, errors: failures } = await measureCase({
        subjects: present.filter(isReady).map((subject) => ({
          name: subject,
          ...process(context, subject, paths.get(key), refuses),
        })),
        // A segment is one pass over the addresses.
        corpus: {
          segments: Array.from({ length: passCount }, (_, pass) => ({
            start: pass,
            end: pass + 1,
            stanzaCount: addressCount,
          })),
        },
        until: context.deadline(index),
        say: (text) => context.say(`${key}: ${text}`),
      });
      errors.push(...failures.map((error) => ({ case: key, ...error })));
      for (const subject of present) {
        if (rounds.has(subject)) {
          rows.push(rowOf(key, subject, rounds, refuses ? counted(subject).taken : undefined));
        } else if (counted(subject) !== undefined && !isReady(subject)) {
          const { taken, reason } = counted(subject);
          const refused = `refuses ${addressCount - taken} of ${addressCount} addresses: ${reason}`;
          rows.push({ ...head(key, subject), value: null, ratio: null, reason: refused });
        }
      }
    }
    return { rows, errors };
  },
};

/** How a process of a subject that is timed is started. */
function process(context, subject, path, refuses) {
  const native = context.native.get(subject);
  if (native !== undefined) return { start: () => new Child(native.path, ['time', path]) };
  const job = { driver: 'jid', subject, corpus: { path }, refuses };
  return { start: () => context.hosts[0].start(job) };
}

/** Each subject takes or refuses all addresses once. tercet has to be right about all of them. */
async function countAll(context, present, paths, errors) {
  const found = new Map();
  const keep = (key, subject, answer) => {
    if (answer.error !== undefined) errors.push({ case: key, subject, reason: answer.error });
    else found.set(`${key} ${subject}`, answer);
    const expected = key === 'reject' ? 0 : addressCount;
    if (subject === 'tercet' && answer.error === undefined && answer.taken !== expected) {
      const reason = `takes ${answer.taken} of ${addressCount} addresses, not ${expected}`;
      errors.push({ case: key, subject, reason });
    }
  };
  const tasks = present.flatMap((subject) => {
    const native = context.native.get(subject);
    if (native !== undefined) {
      return context.cases.map((key) => () => {
        const words = ['check', paths.get(key)];
        return answers(native.path, words, [key], (_, answer) => keep(key, subject, answer));
      });
    }
    const checks = context.cases.map((key) => ({
      driver: 'jid',
      subject,
      corpus: { path: paths.get(key) },
    }));
    const words = ['child.mjs', JSON.stringify({ checks })];
    return [
      () =>
        answers(context.node, words, context.cases, (key, answer) => keep(key, subject, answer)),
    ];
  });
  await pool(parallel, tasks);
  return found;
}

async function answers(command, words, keys, keep) {
  const child = new Child(command, words);
  for (const key of keys) {
    try {
      keep(key, await child.answer());
    } catch (error) {
      keep(key, { error: error.message });
    }
  }
  child.stop();
}

/** The addresses of a case as a file, which a program in another language reads too. */
function prepareFile(key) {
  const source = readFileSync(new URL('../corpora/addresses.mjs', import.meta.url));
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 12);
  const url = new URL(`addresses-${key}-${hash}.json`, cache);
  if (!existsSync(url)) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(url, JSON.stringify(addresses(new Random(seed), key)));
  }
  return fileURLToPath(url);
}

const head = (key, subject) => ({ case: key, subject, metric, unit: 'ns', better: 'lower' });

function rowOf(key, subject, rounds, taken) {
  const figure = ({ cpu, stanzas }) => (cpu * 1000) / stanzas;
  const figures = rounds.get(subject).map(figure);
  const own = rounds.get('tercet')?.map(figure);
  const ratios = own
    ?.slice(0, figures.length)
    .map((mine, index) => figures.at(index) / mine)
    .filter(Number.isFinite);
  return {
    ...head(key, subject),
    value: rounded(median(figures)),
    ratio: ratios === undefined ? null : subject === 'tercet' ? 1 : rounded(median(ratios)),
    min: rounded(Math.min(...figures)),
    max: rounded(Math.max(...figures)),
    wall: rounded(median(rounds.get(subject).map(({ wall, stanzas }) => (wall * 1000) / stanzas))),
    rounds: figures.length,
    ...(taken === undefined || taken === 0 ? {} : { taken, of: addressCount }),
    note: [notes[subject], taken > 0 ? `takes ${taken} of ${addressCount}` : undefined]
      .filter((text) => text !== undefined)
      .join('; '),
  };
}
