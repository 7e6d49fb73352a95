/*
 * Text on stdout, as fast as it is read there: a slow reader holds the input back.
 */
import { once } from 'node:events';

export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

export async function writeLine(line: string): Promise<void> {
  await write(`${line}\n`);
}
