/*
 * Lines on stdout, as fast as they are read there: a slow reader holds the input back.
 */
import { once } from 'node:events';

export async function writeLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}
