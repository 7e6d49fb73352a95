/*
 * Runs the cases of one target in a thread of its own, so that run.mjs can end one that does not come
 * back. Says which seed it is at in `progress`, and sends findings as messages.
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const { target: name, wasmPath, modules, first, count, keepGoing, progress } = workerData;

const makers = {
  xml: async () => new (await import(modules.xml)).XmlTarget(readFileSync(wasmPath)),
  sax: async () => new (await import(modules.sax)).SaxTarget(),
  compat: async () => new (await import(modules.compat)).CompatTarget(),
  expat: async () =>
    new (await import(modules.expat)).ExpatTarget(readFileSync(wasmPath), workerData.expatProgram),
  jid: async () => new (await import(modules.jid)).JidTarget(readFileSync(wasmPath)),
  route: async () =>
    new (await import(modules.route)).RouteTarget(readFileSync(workerData.tablePath, 'utf8')),
};
const target = await makers[name]();
const writers = {
  jid: async () => (await import(modules.jid)).toJidCase,
  route: async () => (await import(modules.route)).toRouteCase,
};
const toCase = (await writers[name]?.()) ?? (await import(modules.xml)).toCase;

let done = 0;
for (let seed = first; seed < first + count; seed++) {
  Atomics.store(progress, 0, seed);
  const finding = target.run(seed);
  done += 1;
  if (finding === undefined) continue;
  const { message, alone } = finding;
  parentPort.postMessage({ type: 'finding', seed, message, alone, text: toCase(finding) });
  if (!keepGoing) break;
}
parentPort.postMessage({ type: 'done', done });
