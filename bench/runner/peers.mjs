/**
 * Sets up the peers that come from npm: installs bench/node_modules when it is absent, and builds node-expat for the
 * Node that runs the benchmark.
 *
 * Install scripts do not run (`--ignore-scripts`): the only one that matters is node-expat's, which would compile for
 * whichever Node runs npm. Here the headers are looked for beside the Node that will load the module, then taken from
 * the npm package of that very version; only then is node-gyp left to find them itself.
 */

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { benchFolder, cacheFolder, rootFolder } from './paths.mjs';

const execute = promisify(execFile);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const modules = join(benchFolder, 'node_modules');

/** The version of an installed peer, for the report. */
export function versionOf(name) {
  return JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version;
}

/** Installs what bench/package-lock.json names, once. Returns a reason when that fails, else ''. */
export async function installPeers(say) {
  const { dependencies } = JSON.parse(readFileSync(join(benchFolder, 'package.json'), 'utf8'));
  if (Object.keys(dependencies).every((name) => existsSync(join(modules, name)))) return '';
  say('installing the peers (npm ci in bench/)');
  try {
    await execute(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: benchFolder,
      env: cleanEnvironment(),
    });
    return '';
  } catch (error) {
    rmSync(modules, { recursive: true, force: true });
    return `npm ci failed: ${lastLine(error)}`;
  }
}

/** Makes node-expat loadable by `node`. Returns a reason when that fails, else ''. */
export async function buildNodeExpat(node, say) {
  if (loads(node, 'node-expat')) return '';
  const folder = join(modules, 'node-expat');
  const failure = join(cacheFolder, 'node-expat-failed.json');
  const { version, platform, arch } = describe(node);
  // A build that failed for this Node would fail again, and it takes a minute to find out.
  if (existsSync(failure)) {
    const known = JSON.parse(readFileSync(failure, 'utf8'));
    if (known.version === version) return known.reason;
  }
  say(`building node-expat for Node ${version}`);
  try {
    const headers = await headersFor(node, version, platform, arch);
    await execute(
      node,
      [
        join(modules, 'node-gyp', 'bin', 'node-gyp.js'),
        'rebuild',
        ...(headers === '' ? [] : [`--nodedir=${headers}`]),
      ],
      {
        cwd: folder,
        env: { ...cleanEnvironment(), PATH: `${dirname(node)}:${process.env.PATH}` },
        maxBuffer: 1 << 26,
      },
    );
    if (!loads(node, 'node-expat')) throw new Error('it was built and does not load');
    rmSync(failure, { force: true });
    return '';
  } catch (error) {
    const reason = `node-expat could not be built for Node ${version}: ${lastLine(error)}`;
    mkdirSync(cacheFolder, { recursive: true });
    writeFileSync(failure, JSON.stringify({ version, reason }));
    return reason;
  }
}

function loads(node, name) {
  return (
    spawnSync(node, ['-e', `require(${JSON.stringify(name)})`], {
      cwd: benchFolder,
      stdio: 'ignore',
    }).status === 0
  );
}

/** What a Node says of itself. */
export function describe(node) {
  const script =
    'JSON.stringify({ version: process.versions.node, v8: process.versions.v8, platform: process.platform, arch: process.arch })';
  const { stdout, status } = spawnSync(node, ['-p', script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${node} is not a Node that runs here`);
  return JSON.parse(stdout);
}

/** A folder whose `include/node` belongs to exactly this version, or '' when there is none to be had. */
async function headersFor(node, version, platform, arch) {
  const beside = join(dirname(node), '..');
  if (headersAre(beside, version)) return beside;
  const system = platform === 'win32' ? 'win' : platform;
  const folder = join(cacheFolder, 'headers', version);
  if (headersAre(folder, version)) return folder;
  try {
    mkdirSync(folder, { recursive: true });
    await execute(
      npm,
      ['pack', `node-${system}-${arch}@${version}`, '--silent', '--pack-destination', folder],
      { cwd: folder, env: cleanEnvironment() },
    );
    const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    await execute('tar', ['xzf', archive, '--strip-components=1', 'package/include'], {
      cwd: folder,
    });
    rmSync(join(folder, archive));
  } catch {
    // No such package, no registry, no tar: node-gyp has its own way of finding headers.
  }
  return headersAre(folder, version) ? folder : '';
}

function headersAre(folder, version) {
  const file = join(folder, 'include', 'node', 'node_version.h');
  if (!existsSync(file)) return false;
  const text = readFileSync(file, 'utf8');
  const part = (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1];
  return `${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}` === version;
}

/** Without what an enclosing `npm run` passes on: its `nodedir` would point at the headers of another Node. */
function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_config_(nodedir|target|runtime|disturl)$/i.test(name),
    ),
  );
}

function lastLine(error) {
  const lines = String(error.stderr || error.message)
    .replaceAll(rootFolder, '')
    .trim()
    .split('\n');
  const telling = lines.filter(
    (line) =>
      /err(or)?\b/i.test(line) && !/gyp ERR! (cwd|node|System|command|stack {4})/.test(line),
  );
  return (telling[0] ?? lines[lines.length - 1]).trim().slice(0, 160);
}
