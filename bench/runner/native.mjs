/**
 * Compiles the programs of bench/native with what the machine has; says what is missing and never installs it.
 *
 *     compileNative('libexpat-ns')   // { path } or { reason: 'libexpat1-dev is not installed (expat.h)' }
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { benchFolder, cacheFolder } from './paths.mjs';

const goPackages = '/usr/share/gocode';

const programs = {
  'libexpat-ns': {
    compiler: 'gcc',
    source: 'libexpat-ns.c',
    header: 'expat.h',
    library: 'expat',
    debian: 'libexpat1-dev',
  },
  pugixml: {
    compiler: 'g++',
    source: 'pugixml.cpp',
    header: 'pugixml.hpp',
    library: 'pugixml',
    debian: 'libpugixml-dev',
  },
};

export const nativeNames = [...Object.keys(programs), 'go-precis'];

export function compileNative(name) {
  return name === 'go-precis' ? compileGo(name) : compileC(name);
}

/** Against the packages that Debian installs as sources, which needs no network. */
function compileGo(name) {
  const version = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (version.error) return { reason: 'golang-go is not installed (go)' };
  const missing = [
    ['golang-golang-x-text-dev', 'text/secure/precis'],
    ['golang-golang-x-net-dev', 'net/idna'],
  ].filter(([, folder]) => !existsSync(join(goPackages, 'src/golang.org/x', folder)));
  if (missing.length > 0) {
    return { reason: `${missing.map(([debian]) => debian).join(' and ')} not installed` };
  }
  const from = join(benchFolder, 'native', name, 'main.go');
  const path = join(cacheFolder, 'native', name);
  if (!existsSync(path) || statSync(path).mtimeMs < statSync(from).mtimeMs) {
    mkdirSync(join(cacheFolder, 'native'), { recursive: true });
    const built = spawnSync('go', ['build', '-o', path, from], {
      encoding: 'utf8',
      env: {
        ...process.env,
        GO111MODULE: 'off',
        GOFLAGS: '',
        GOPATH: goPackages,
        GOCACHE: join(cacheFolder, 'go'),
      },
    });
    if (built.status !== 0) {
      return { reason: `${name} does not compile: ${built.stderr.split('\n')[1] ?? ''}` };
    }
  }
  return {
    path,
    language: 'go',
    compiler: version.stdout.trim(),
    version: debianVersions(['golang-golang-x-text-dev', 'golang-golang-x-net-dev']),
  };
}

function debianVersions(names) {
  const format = '${Package} ${Version}\\n';
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', format, ...names], { encoding: 'utf8' });
  return stdout?.trim().split('\n').join(', ') || 'unknown';
}

function compileC(name) {
  const { compiler, source, header, library, debian } = programs[name];
  const version = spawnSync(compiler, ['--version'], { encoding: 'utf8' });
  if (version.error) return { reason: `${compiler} is not installed` };
  if (!accepts(compiler, `#include <${header}>`))
    return { reason: `${debian} is not installed (${header})` };

  const from = join(benchFolder, 'native', source);
  const folder = join(cacheFolder, 'native');
  const path = join(folder, name);
  if (!existsSync(path) || statSync(path).mtimeMs < statSync(from).mtimeMs) {
    mkdirSync(folder, { recursive: true });
    const options = ['-O2', '-w'];
    // Newer versions, and the security updates of older ones, can hold events back until more input has come.
    if (
      name === 'libexpat-ns' &&
      accepts(compiler, '#include <expat.h>\nvoid *p = XML_SetReparseDeferralEnabled;')
    ) {
      options.push('-DREPARSE_DEFERRAL');
    }
    const built = spawnSync(compiler, [...options, '-o', path, from, `-l${library}`], {
      encoding: 'utf8',
    });
    if (built.status !== 0)
      return { reason: `${source} does not compile: ${built.stderr.split('\n')[0]}` };
  }
  return {
    path,
    language: compiler === 'g++' ? 'c++' : 'c',
    compiler: version.stdout.split('\n')[0],
    version: libraryVersion(name, compiler),
  };
}

function accepts(compiler, text) {
  return (
    spawnSync(compiler, ['-fsyntax-only', '-w', '-x', compiler === 'g++' ? 'c++' : 'c', '-'], {
      input: `${text}\n`,
    }).status === 0
  );
}

function libraryVersion(name, compiler) {
  const expat = name === 'libexpat-ns';
  const text = expat
    ? '#include <expat.h>\nVERSION XML_MAJOR_VERSION.XML_MINOR_VERSION.XML_MICRO_VERSION'
    : '#include <pugixml.hpp>\nVERSION PUGIXML_VERSION';
  const { stdout } = spawnSync(compiler, ['-E', '-P', '-x', expat ? 'c' : 'c++', '-'], {
    input: `${text}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const found = /VERSION\s+([\d. ]+)/.exec(stdout)?.[1].replaceAll(' ', '') ?? 'unknown';
  // pugixml writes 1.13 as 1130.
  return expat ? found : `${found[0]}.${Number(found.slice(1, 3))}`;
}
