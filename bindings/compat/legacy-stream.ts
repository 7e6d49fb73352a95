/*
 * The streams of Node's first years, which sax and node-expat are: emitters with `write`, `end` and
 * `pipe`. Where the runtime has no such class, an emitter without `pipe`.
 */
import { EventEmitter, type EmitterClass } from './emitter.js';

interface Runtime {
  readonly process?: {
    getBuiltinModule?(name: string): { readonly Stream?: EmitterClass } | undefined;
  };
}

export const LegacyStream: EmitterClass =
  (globalThis as Runtime).process?.getBuiltinModule?.('node:stream')?.Stream ?? EventEmitter;
