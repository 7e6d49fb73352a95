/** What a result depends on besides the code: machine, system, Node, compilers, versions of the peers. */

import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { rootFolder } from './paths.mjs';

const git = (...words) =>
  spawnSync('git', words, { cwd: rootFolder, encoding: 'utf8' }).stdout?.trim() ?? '';

/** The commit that is measured; a `+` after it says that sources differ from it. */
export function commit() {
  const head = git('rev-parse', '--short=12', 'HEAD') || 'unknown';
  return git('status', '--porcelain', '--', 'assembly', 'bindings', 'bench') === ''
    ? head
    : `${head}+`;
}

export function environment(node) {
  const processors = cpus();
  return {
    node: node.version,
    v8: node.v8,
    ...(node.runtime !== undefined && { runtime: node.runtime }),
    system: `${type()} ${release().replace(/-.*/, '')} ${node.arch}`,
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    date: new Date().toISOString().slice(0, 10),
  };
}
