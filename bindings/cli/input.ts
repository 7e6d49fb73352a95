/*
 * Input of the commands that read what is piped into them.
 */
import { fstatSync } from 'node:fs';

/** Stdin, in pieces. Throws where it is a folder, which Node would read as nothing. */
export function standardInput(): AsyncIterable<Buffer> {
  if (fstatSync(0).isDirectory()) throw new Error('stdin is a folder');
  return process.stdin;
}
