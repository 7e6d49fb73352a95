/*
 * What a program may see of the bytes of a stream: all of them as text, but for what is secret. That is
 * the text inside the elements of SASL and SASL2 that carry proofs and passwords, inside <password/>
 * (XEP-0077), and the values of attributes named `token` (XEP-0484).
 *
 *     <auth mechanism='PLAIN'>AGp1bGlldABiYWxjb255</auth>   ──►   <auth mechanism='PLAIN'>***</auth>
 *
 * Chunks are cut anywhere, so what is not yet known to be harmless waits for the next chunk: an open tag,
 * and everything behind a secret one. Elements are told by their local names alone, whatever their
 * namespace: rather too much is masked than too little.
 */
export interface TraceEntry {
  readonly direction: 'in' | 'out';
  /** As much as is known of it; not always a whole element. */
  readonly text: string;
}

export type Trace = (entry: TraceEntry) => void;

const mask = '***';

const secretElements: ReadonlySet<string> = new Set([
  'auth',
  'challenge',
  'response',
  'success',
  'initial-response',
  'additional-data',
  'password',
  'token',
]);

/** Masks one direction of a stream. */
export class Mask {
  readonly #decoder = new TextDecoder();
  #rest = '';
  #isSecret = false;

  /** What may be shown now. */
  push(bytes: Uint8Array): string {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    let shown = '';
    for (;;) {
      const tag = this.#rest.indexOf('<');
      const textEnd = tag < 0 ? this.#rest.length : tag;
      if (!this.#isSecret) shown += this.#rest.slice(0, textEnd);
      this.#rest = this.#rest.slice(textEnd);
      const length = tagLength(this.#rest);
      if (length === 0) return shown;
      shown += this.#tag(this.#rest.slice(0, length));
      this.#rest = this.#rest.slice(length);
    }
  }

  #tag(tag: string): string {
    if (tag.startsWith('<!')) return this.#isSecret ? '' : tag;
    const name = /^<\/?(?:[^\s/>:]*:)?([^\s/>]*)/.exec(tag)?.[1] ?? '';
    const isOpening = !tag.startsWith('</') && !tag.endsWith('/>');
    this.#isSecret = isOpening && secretElements.has(name);
    const written = tag.replace(/(\stoken\s*=\s*)('[^']*'|"[^"]*")/g, `$1'${mask}'`);
    return this.#isSecret ? written + mask : written;
  }
}

/** The length of the tag or CDATA section that `text` begins with, 0 while its end is not there. */
function tagLength(text: string): number {
  if (!text.startsWith('<')) return 0;
  if (text.startsWith('<![')) {
    const end = text.indexOf(']]>');
    return end < 0 ? 0 : end + 3;
  }
  if (text.length < 3 && '<!['.startsWith(text)) return 0;
  // A `>` inside an attribute value ends no tag.
  const match = /^<(?:[^'">]|'[^']*'|"[^"]*")*>/.exec(text);
  return match?.[0].length ?? 0;
}

/** A function of the program's, whose fault is the program's and not the connection's. */
export function guarded<T>(call: (value: T) => void): (value: T) => void {
  return (value) => {
    try {
      call(value);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
