/*
 * Invariant: the drop-ins for ltx and @xmpp/xml make the same trees of an input that comes whole, which they read in
 * one pass over the tape, and of one that comes in random pieces, which they read token by token; where the
 * reference tokenizer has no fault to say, the trees are those of its events, attributes in their order. Faults have
 * the same text and come after the same events. Nothing throws.
 */

import { Element, Parser as LtxParser, parse } from 'tercet/compat/ltx';
import { FramedParser, Parser as XmppParser, type XMLError } from 'tercet/compat/xmpp-xml';
import type { Event } from '../reference/events.js';
import type { Script } from '../reference/run.js';
import { defaultSettings } from '../reference/settings.js';
import { ReferenceTokenizer } from '../reference/tokenizer.js';
import { generateScript } from './generate.js';
import { Random, randomCut } from './random.js';
import type { Finding } from './xml.js';

type Lines = string[];
type Chunks = readonly (string | Uint8Array)[];
type Plain = string | [name: string, attributes: [string, string][], children: Plain[]];

interface Face {
  readonly name: string;
  readonly framing: 'stream' | 'document';
  read(chunks: Chunks, lines: Lines): void;
}

const faces: readonly Face[] = [
  { name: 'ltx Parser', framing: 'document', read: readLtx },
  { name: 'xmpp-xml Parser', framing: 'stream', read: readXmpp(XmppParser) },
  { name: 'xmpp-xml FramedParser', framing: 'document', read: readXmpp(FramedParser) },
];

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class CompatTarget {
  run(seed: number): Finding | undefined {
    const random = new Random(seed);
    const { inputs } = generateScript(random);
    const bytes = inputs[0]?.bytes ?? new Uint8Array();
    for (const face of faces) {
      const script: Script = {
        settings: { ...defaultSettings, framing: face.framing },
        inputs: [{ bytes, finished: true }],
        end: true,
      };
      const heard = (chunks: Chunks): Lines => {
        const lines: Lines = [];
        try {
          face.read(chunks, lines);
        } catch (error) {
          lines.push(
            `! ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
          );
        }
        return lines;
      };
      const whole = heard([bytes]);
      const others: [string, Lines][] = [
        ['in pieces', heard(randomCut(random.next())(bytes))],
        [
          'byte by byte',
          heard(Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1))),
        ],
      ];
      const text = textOf(bytes);
      if (text !== undefined) {
        others.push(['as a string', heard([text])]);
        others.push(['as strings', heard(textCut(random, text))]);
      }
      if (text !== undefined && face.read === readLtx)
        others.push(['by parse', parsed(text, whole)]);
      const expected = face.read === readLtx ? expectedTree(script) : undefined;
      if (expected !== undefined) others.push(['by the reference', expected]);
      for (const [how, lines] of [['whole', whole] as [string, Lines], ...others]) {
        const thrown = lines.find((line) => line.startsWith('! '));
        const at = lines.findIndex((line, index) => line !== whole[index]);
        if (thrown === undefined && at < 0 && lines.length === whole.length) continue;
        const index = at < 0 ? lines.length : at;
        const message =
          thrown ??
          `${face.name}, event ${index + 1}: ${whole[index] ?? 'no more'}; ${how} ${lines[index] ?? 'no more'}`;
        return { seed, message, script, alone: true };
      }
    }
    return undefined;
  }
}

/** A text in a few pieces; a pair of surrogates may be cut. */
function textCut(random: Random, text: string): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length;) {
    const end = start + 1 + random.below(Math.max(1, text.length >> 1));
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

function readLtx(chunks: Chunks, lines: Lines): void {
  const parser = new LtxParser();
  parser.on('tree', (tree: Element) => lines.push(`tree ${JSON.stringify(plain(tree))}`));
  parser.on('error', (error: Error) => lines.push(`error ${error.message}`));
  const [last] = chunks.slice(-1);
  for (const chunk of chunks.slice(0, -1)) parser.write(chunk);
  parser.end(last);
}

/** What `parse` gives or throws, as `Parser` would say it; an input without an element has no event at all. */
function parsed(text: string, whole: Lines): Lines {
  try {
    return [`tree ${JSON.stringify(plain(parse(text)))}`];
  } catch (error) {
    return whole.length === 0 ? [] : [`error ${(error as Error).message}`];
  }
}

function readXmpp(Type: typeof XmppParser) {
  return (chunks: Chunks, lines: Lines): void => {
    const parser = new Type();
    const say = (event: string) => (element: Element) =>
      lines.push(`${event} ${JSON.stringify(plain(element))}`);
    for (const event of ['start', 'element', 'end']) parser.on(event, say(event));
    // Where a frame is over is seen at the end of a piece: what comes behind it is another fault of another frame.
    const isFramed = Type === FramedParser;
    parser.on('error', ({ condition }: XMLError) =>
      lines.push(isFramed ? 'error' : `error ${condition}`),
    );
    for (const chunk of chunks) parser.write(chunk);
    parser.end();
  };
}

/** The tree of a document that the reference accepts. */
function expectedTree({ settings, inputs }: Script): Lines | undefined {
  const tokenizer = new ReferenceTokenizer(settings);
  for (const { bytes } of inputs) tokenizer.feed(bytes);
  tokenizer.end();
  const events: readonly Event[] = tokenizer.log;
  if (events.some(({ kind }) => kind === 'error')) return undefined;
  const root: Plain = ['', [], []];
  const open: Exclude<Plain, string>[] = [root];
  for (const event of events) {
    const inner = open.at(-1) ?? root;
    if (event.kind === 'start') {
      const element: Exclude<Plain, string> = [event.name, [], []];
      inner[2].push(element);
      open.push(element);
    } else if (event.kind === 'attribute' || event.kind === 'xmlns') {
      inner[1].push([event.name, event.value]);
    } else if (event.kind === 'text' || event.kind === 'cdata') {
      addText(inner[2], event.value);
    } else if (event.kind === 'end') {
      open.pop();
    }
  }
  return root[2].map((tree) => `tree ${JSON.stringify(tree)}`);
}

/** An element with its texts joined: the originals do not, and nobody counts on where they are cut. */
function plain({ name, attrs, children }: Element): Plain {
  const list: Plain[] = [];
  for (const child of children) {
    if (child instanceof Element) list.push(plain(child));
    else addText(list, String(child));
  }
  return [name, Object.entries<string>(attrs), list];
}

function addText(list: Plain[], text: string): void {
  const last = list.at(-1);
  if (typeof last === 'string') list[list.length - 1] = last + text;
  else if (text !== '') list.push(text);
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
