/*
 * Options of a command by node:util's parser, with errors that say what was probably meant.
 */
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { UsageError } from '../errors.js';
import { nearest } from './nearest.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Throws UsageError, which names the command's help. */
export function parseOptions<const T extends Options>(
  command: string,
  parameters: string[],
  options: T,
  allowPositionals = false,
) {
  try {
    return parseArgs({ args: parameters, options, allowPositionals, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /Unknown option '(--?[^' =]*)/.exec(message)?.[1];
    const names = Object.keys(options).map((name) => `--${name}`);
    const hint = unknown === undefined ? '' : nearest(unknown, names);
    const [reason = ''] =
      unknown === undefined ? message.split('. ') : [`unknown option ${unknown}`];
    throw new UsageError(
      `${reason}${hint && `; did you mean ${hint}?`}\ntercet ${command} --help lists the options`,
    );
  }
}
