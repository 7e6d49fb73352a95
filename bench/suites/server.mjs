/**
 * Servers under chat: messages delivered per second of CPU time, and memory of a connection.
 *
 * Clients log in with PLAIN, two an account, send presence, and chat in pairs to full JIDs with bodies of 100 bytes. Each
 * has W messages outstanding: one is sent for each that comes. The figure is messages delivered over CPU time of the
 * server's process, children included, within a window of two seconds; before it the server warms up: a second of its CPU
 * time, three seconds at the most. The clients are a process of their own. Wall time says little while both share a machine.
 *
 * Each run is a server that was just started, in a scratch folder, on loopback. The cases that differ in W alone share
 * one, the smaller W first. Runs alternate between the servers, round after round (three at the most, as time allows);
 * `ratio` is taken within a round. All have the same modules on: roster, disco, ping, offline messages, registration.
 * The peers have no stream management; `tercet-sm` is tercet with it.
 *
 * `idle-rss` is what 1,000 idle connections add to the memory of a server that has 200 (1,200 connections are the 600
 * accounts that it registers in a minute), each measured 15 seconds after the
 * last of them came, for all alike.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../runner/child.mjs';
import { median, rounded } from '../runner/statistics.mjs';
import { entryUrl } from '../subjects/package.mjs';

const peers = ['prosody', 'ejabberd'];
const mostRounds = 3;
const warmUp = { leastMs: 500, mostMs: 3000, cpuSeconds: 1 };
const windowMs = 2000;
/** Both figures after a collection, where a server makes one when its clients have come (docs/design/013). */
const idle = { before: 200, connections: 1000, settleMs: 15_000 };

/** One start of a server serves all cases of a set-up. */
const setUps = [
  { connections: 100, cases: { 'n100-w1': 1, 'n100-w4': 4 } },
  { connections: 1000, cases: { 'n1000-w1': 1, 'n1000-w4': 4 } },
  { connections: 1000, isTls: true, cases: { 'n1000-w1-tls': 1 } },
  { connections: 1000, isManaged: true, cases: { 'n1000-w1': 1 } },
  { isIdle: true, cases: { 'idle-rss': 0 } },
];

export const suite = {
  name: 'server',
  subjects: ['tercet'],
  cases: ['n100-w1', 'n100-w4', 'n1000-w1', 'n1000-w4', 'n1000-w1-tls', 'idle-rss'],
  defaultSeconds: 200,

  async run(context) {
    const end = performance.now() + context.seconds * 1000;
    const { subjects, skipped, versions } = await findSubjects(context);
    const figures = new Map();
    const errors = [];
    const failed = new Set();
    const { certificate, remove } = await makeCertificate();

    for (let round = 0; round < mostRounds; round++) {
      const began = performance.now();
      for (const setUp of setUps) {
        const cases = Object.keys(setUp.cases).filter((key) => context.cases.includes(key));
        for (const [name, subject] of cases.length === 0 ? [] : subjects) {
          if (setUp.isManaged && name !== 'tercet') continue;
          const shown = setUp.isManaged ? 'tercet-sm' : name;
          if (failed.has(`${cases[0]} ${shown}`)) continue;
          context.say(`${cases.join(', ')}: ${shown}, round ${round + 1}`);
          try {
            const found = await run(subject, setUp, cases, { ...context, certificate });
            for (const [key, figure] of found) keep(figures, key, shown, round, figure);
          } catch (error) {
            failed.add(`${cases[0]} ${shown}`);
            errors.push({ case: cases[0], subject: shown, reason: error.message });
          }
        }
      }
      if (performance.now() + (performance.now() - began) > end) break;
    }
    remove();
    return { rows: rowsOf(context.cases, figures, versions), skipped, errors, versions };
  },
};

async function findSubjects(context) {
  const subjects = new Map();
  const skipped = [];
  const versions = {};
  for (const name of [...context.available(['tercet']), ...peers]) {
    const subject = await import(`../subjects/server/${name}.mjs`);
    const reason = process.platform === 'linux' ? subject.reason() : 'needs /proc';
    if (reason !== '') skipped.push({ subject: name, reason });
    else {
      subjects.set(name, subject);
      if (subject.version() !== undefined) versions[name] = subject.version();
    }
  }
  return { subjects, skipped, versions };
}

/** What the peers show on their TLS ports, in the forms that they read. */
async function makeCertificate() {
  const { developmentCertificate } = await import(entryUrl('./node'));
  const { cert, key } = await developmentCertificate({ domain: 'localhost' });
  const folder = mkdtempSync(join(tmpdir(), 'tercet-bench-'));
  const write = (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const certificate = {
    certPath: write('localhost.crt', cert),
    keyPath: write('localhost.key', key),
    bothPath: write('both.pem', `${cert}\n${key}`),
  };
  return { certificate, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** One server from its start to its end: figures by case. */
async function run(subject, setUp, cases, { node, certificate }) {
  const folder = mkdtempSync(join(tmpdir(), 'tercet-bench-'));
  let running;
  let clients;
  try {
    running = await subject.start({ folder, certificate, node });
    const { server, port, tlsPort } = running;
    const { isTls = false, isManaged = false } = setUp;
    const job = { port: isTls ? tlsPort : port, isTls, isManaged };
    clients = new Child(node, ['drivers/server-load.mjs', JSON.stringify(job)]);
    const order = async (text) => {
      const answer = await clients.order(text);
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer;
    };
    if (setUp.isIdle) return new Map([['idle-rss', await measureMemory(server, order)]]);
    await order(`login ${setUp.connections}`);
    const found = new Map();
    for (const key of cases) found.set(key, await measureChat(server, order, setUp.cases[key]));
    return found;
  } finally {
    clients?.stop();
    await running?.server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureChat(server, order, outstanding) {
  await order(`chat ${outstanding}`);
  await warmUpOf(server);
  const sample = async () => ({
    ...(await order('count')),
    server: server.cpu,
    time: performance.now(),
  });
  const before = await sample();
  await pause(windowMs);
  const after = await sample();
  await order('rest');
  const count = after.delivered - before.delivered;
  const seconds = (after.time - before.time) / 1000;
  const cpu = after.server - before.server;
  if (count === 0 || cpu === 0) throw new Error('nothing was delivered');
  return {
    value: count / cpu,
    wall: count / seconds,
    clients: (after.cpu - before.cpu) / seconds,
    server: cpu / seconds,
  };
}

/** By CPU time, since a server that gets half a processor takes twice as long to be warm. */
async function warmUpOf(server) {
  const began = performance.now();
  const { cpu } = server;
  await pause(warmUp.leastMs);
  while (server.cpu - cpu < warmUp.cpuSeconds && performance.now() - began < warmUp.mostMs) {
    await pause(50);
  }
}

async function measureMemory(server, order) {
  await order(`login ${idle.before}`);
  await pause(idle.settleMs);
  const before = server.rss;
  await order(`login ${idle.connections}`);
  await pause(idle.settleMs);
  return { value: (server.rss - before) / idle.connections };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function keep(figures, key, subject, round, figure) {
  if (!figures.has(key)) figures.set(key, new Map());
  const ofCase = figures.get(key);
  if (!ofCase.has(subject)) ofCase.set(subject, []);
  ofCase.get(subject)[round] = figure;
}

function rowsOf(cases, figures, versions) {
  return cases.flatMap((key) =>
    [...(figures.get(key) ?? [])].map(([subject, ofSubject]) => {
      const present = ofSubject.filter((figure) => figure !== undefined);
      const own = figures.get(key).get('tercet') ?? [];
      const isMemory = key === 'idle-rss';
      const ratios = ofSubject
        .map(({ value }, round) =>
          isMemory ? value / own[round]?.value : own[round]?.value / value,
        )
        .filter(Number.isFinite);
      const all = (name) => present.map((figure) => figure[name]);
      const values = all('value');
      return {
        case: key,
        subject,
        metric: isMemory ? 'memory a connection' : 'messages per CPU-second',
        value: rounded(median(values)),
        unit: isMemory ? 'KB' : 'msg/CPU-s',
        better: isMemory ? 'lower' : 'higher',
        ratio: subject === 'tercet' ? 1 : ratios.length === 0 ? null : rounded(median(ratios)),
        min: rounded(Math.min(...values)),
        max: rounded(Math.max(...values)),
        ...(!isMemory && {
          wall: rounded(median(all('wall'))),
          serverLoad: rounded(median(all('server'))),
          clientsLoad: rounded(median(all('clients'))),
        }),
        rounds: values.length,
        note: noteOf(subject, versions),
      };
    }),
  );
}

const noteOf = (subject, versions) =>
  subject === 'tercet-sm'
    ? 'with stream management, an <r/> every tenth message'
    : (versions[subject] ?? '');
