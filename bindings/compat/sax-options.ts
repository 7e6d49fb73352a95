/*
 * What the drop-ins for general parsers add to the options of the originals.
 */
import type { Engine } from '../engine.js';
import type { Limits } from '../limits.js';

export interface DocumentOptions {
  /** Report comments and processing instructions instead of refusing them; not DOCTYPE. */
  readonly document?: boolean;
  /** maxStanzaBytes bounds one token here, a tag or a text: 1 MiB. Children are not counted. */
  readonly limits?: Limits;
  readonly engine?: Engine;
}
