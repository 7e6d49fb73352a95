#!/usr/bin/env node
/*
 * The command line. Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 the input or
 * the system said no, 2 the command line was wrong.
 */
import { readFile } from 'node:fs/promises';
import '../wasm/full.js';
import { UsageError } from '../errors.js';
import { inspect, inspectHelp } from './inspect.js';
import { jid, jidHelp } from './jid.js';
import { nearest } from './nearest.js';
import { serve, serveHelp } from './serve.js';
import { user, userHelp } from './user.js';

interface Command {
  readonly help: string;
  readonly run: (parameters: string[]) => Promise<number>;
}

const commands = new Map<string, Command>([
  ['serve', { help: serveHelp, run: serve }],
  ['user', { help: userHelp, run: user }],
  ['inspect', { help: inspectHelp, run: inspect }],
  ['jid', { help: jidHelp, run: jid }],
]);

const help = `tercet: an embeddable XMPP engine

Usage: tercet <command> [options]

  serve     the embedded server; prints how to connect
  user      accounts of a data folder: add, list, passwd, delete
  inspect   an XMPP stream on stdin -> its events, or the error with offset and caret
  jid       addresses in canonical form, or which part broke which rule

tercet <command> --help says more; tercet --version prints the version.
`;

async function main(parameters: string[]): Promise<number> {
  const name = parameters.at(0);
  const rest = parameters.slice(1);
  if (name === '--help' || name === '-h') {
    process.stdout.write(help);
    return 0;
  }
  if (name === '--version') {
    process.stdout.write(`${await version()}\n`);
    return 0;
  }
  const command = commands.get(name ?? '');
  if (!command) {
    const hint = name === undefined ? '' : nearest(name, [...commands.keys()]);
    process.stderr.write(
      name === undefined
        ? help
        : `tercet: there is no command '${name}'${hint && `; did you mean ${hint}?`}\n` +
            'tercet --help lists the commands\n',
    );
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(command.help);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`tercet ${name ?? ''}: ${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
