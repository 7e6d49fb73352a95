/*
 * Runs a case on the reference tokenizer: whole, or cut into pieces by a function.
 */

import { formatLog } from './events.js';
import type { Settings } from './settings.js';
import { ReferenceTokenizer } from './tokenizer.js';

export interface Script {
  readonly settings: Settings;
  readonly inputs: readonly { readonly bytes: Uint8Array; readonly finished: boolean }[];
  readonly end: boolean;
}

/** Cuts one input; the pieces joined are the input. */
export type Cut = (bytes: Uint8Array) => readonly Uint8Array[];

export const whole: Cut = (bytes) => [bytes];

export function runReference({ settings, inputs, end }: Script, cut: Cut = whole): string {
  let tokenizer = new ReferenceTokenizer(settings);
  const logs = [tokenizer.log];
  inputs.forEach(({ bytes, finished }, index) => {
    if (index > 0 && settings.framing !== 'websocket') {
      tokenizer = new ReferenceTokenizer(settings);
      logs.push(tokenizer.log);
    }
    const pieces = cut(bytes);
    pieces.forEach((piece, at) => tokenizer.feed(piece, finished && at === pieces.length - 1));
  });
  if (end) tokenizer.end();
  return formatLog(logs.flat());
}
