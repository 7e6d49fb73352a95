/*
 * Invariant: on any input, however it is cut, as bytes or as strings, SaxParser calls its handlers with
 * exactly the events of the reference tokenizer, StreamParser gives the trees of those events, both end
 * with the reference's error, nothing throws, and a stanza that was printed and parsed again is equal.
 * Any other result is a bug of the bindings or of the core.
 *
 * Many parsers of one engine work in turns; the engine is renewed like the instance in xml.ts.
 */

import { type Element, Engine, parse, SaxParser, StreamParser, type XmlError } from 'tercet';
import type { Event } from '../reference/events.js';
import type { Script } from '../reference/run.js';
import { defaultSettings, type Limits } from '../reference/settings.js';
import { ReferenceTokenizer } from '../reference/tokenizer.js';
import { generateScript } from './generate.js';
import { Random, randomCut } from './random.js';
import { block, type Finding } from './xml.js';

/** What is compared: one line an event or a tree. */
type Lines = string[];

const raised = { maxStanzaBytes: 2 ** 30, maxDepth: 2 ** 24, maxNameBytes: 2 ** 30 };

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class SaxTarget {
  #engine = new Engine();

  run(seed: number): Finding | undefined {
    if (seed % block === 0) this.#engine = new Engine();
    const random = new Random(seed);
    const generated = generateScript(random);
    const framing = random.oneIn(2) ? 'stream' : 'document';
    const isDocument = framing === 'document' && generated.settings.skipMisc;
    const script: Script = {
      settings: {
        ...defaultSettings,
        framing,
        // What the option `document` stands for.
        skipMisc: isDocument,
        lenientBom: isDocument,
        limits: generated.settings.limits,
      },
      inputs: [{ bytes: generated.inputs[0]?.bytes ?? new Uint8Array(), finished: true }],
      end: true,
    };
    const events = referenceEvents(script);
    const expected = framing === 'stream' ? treeLines(events) : saxLines(events);
    for (const chunks of [pieces(random, script, 'bytes'), pieces(random, script, 'strings')]) {
      if (chunks === undefined) continue;
      const lines: Lines = [];
      try {
        if (framing === 'stream') this.#readTrees(script, chunks, lines);
        else this.#readSax(script, chunks, lines);
      } catch (error) {
        lines.push(`! ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        this.#engine = new Engine();
      }
      const at = expected.findIndex((line, index) => line !== lines[index]);
      if (at < 0 && lines.length === expected.length) continue;
      const index = at < 0 ? expected.length : at;
      const parser = framing === 'stream' ? 'StreamParser' : 'SaxParser';
      const message = `${parser}, event ${index + 1}: expected ${expected[index] ?? 'no more'}, got ${lines[index] ?? 'no more'}`;
      return { seed, message, script, alone: true };
    }
    return undefined;
  }

  #readSax({ settings }: Script, chunks: Chunks, lines: Lines): void {
    const handlers = {
      startElement: (name: string, attributes: object) =>
        lines.push(`start ${name} ${JSON.stringify(Object.entries(attributes))}`),
      endElement: (name: string) => lines.push(`end ${name}`),
      text: (value: string) => lines.push(`text ${JSON.stringify(value)}`),
      error: (error: XmlError) => lines.push(errorLine(error)),
    };
    const parser = new SaxParser(handlers, {
      document: settings.skipMisc,
      limits: limitOptions(settings.limits),
      engine: this.#engine,
    });
    for (const chunk of chunks) parser.feed(chunk);
    parser.end();
    parser.close();
  }

  #readTrees({ settings }: Script, chunks: Chunks, lines: Lines): void {
    const parser = new StreamParser({
      limits: limitOptions(settings.limits),
      engine: this.#engine,
    });
    const elements: Element[] = [];
    const read = (events: ReturnType<StreamParser['feed']>): void => {
      for (const event of events) {
        if (event.type === 'open') {
          lines.push(`open ${treeOf(event.header)}`);
        } else if (event.type === 'stanza') {
          elements.push(event.stanza);
          // Read after the parser has gone on, as an application may do.
          lines.push('stanza');
        } else {
          lines.push(event.type === 'error' ? errorLine(event.error) : 'close');
        }
      }
    };
    for (const chunk of chunks) read(parser.feed(chunk));
    read(parser.end());
    parser.close();
    for (const element of elements) {
      lines.push(treeOf(element));
      // What is added to stand alone may be beyond the limits of the stream.
      const again = parse(element.toString(), { engine: this.#engine, limits: raised });
      lines.push(again.equals(element) ? 'the same again' : `again ${treeOf(again)}`);
    }
  }
}

type Chunks = readonly (string | Uint8Array)[];

/** The input in random pieces, or undefined where it is no string. */
function pieces(random: Random, script: Script, form: 'bytes' | 'strings'): Chunks | undefined {
  const bytes = script.inputs[0]?.bytes ?? new Uint8Array();
  if (form === 'bytes') return randomCut(random.next())(bytes);
  let text: string;
  try {
    text = strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
  // Cut by code units, so that surrogate pairs are cut too.
  const units = Uint8Array.from({ length: text.length });
  let from = 0;
  return randomCut(random.next())(units).map((piece) => text.slice(from, (from += piece.length)));
}

function referenceEvents({ settings, inputs }: Script): readonly Event[] {
  const tokenizer = new ReferenceTokenizer(settings);
  for (const { bytes } of inputs) tokenizer.feed(bytes);
  tokenizer.end();
  return tokenizer.log;
}

const limitOptions = (limits: Limits): Record<string, number> => ({
  maxStanzaBytes: limits.stanzaBytes,
  maxDepth: limits.depth,
  maxAttributes: limits.attributes,
  maxChildren: limits.children,
  maxNameBytes: limits.nameBytes,
  maxNamespaces: limits.namespaces,
});

const errorLine = (error: { code: string; condition: string; offset: number }): string =>
  `${error.offset} error ${error.code} ${error.condition}`;

function saxLines(events: readonly Event[]): Lines {
  const lines: Lines = [];
  let start: { name: string; attributes: [string, string][] } | undefined;
  const flush = (): void => {
    if (start !== undefined) lines.push(`start ${start.name} ${JSON.stringify(start.attributes)}`);
    start = undefined;
  };
  for (const event of events) {
    if (event.kind === 'attribute' || event.kind === 'xmlns') {
      start?.attributes.push([event.name, event.value]);
      continue;
    }
    flush();
    if (event.kind === 'start') start = { name: event.name, attributes: [] };
    else if (event.kind === 'end') lines.push(`end ${event.name}`);
    else if (event.kind === 'text' || event.kind === 'cdata')
      lines.push(`text ${JSON.stringify(event.value)}`);
    else if (event.kind === 'error') lines.push(errorLine({ ...event, offset: event.at }));
  }
  flush();
  return lines;
}

interface Tree {
  readonly ns: string;
  readonly name: string;
  readonly attributes: [string, string][];
  readonly children: (Tree | string)[];
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** What StreamParser has to say to these events. */
function treeLines(events: readonly Event[]): Lines {
  const lines: Lines = [];
  const trees: Tree[] = [];
  const open: Tree[] = [];
  let header: Tree | undefined;
  const sayHeader = (): void => {
    if (header !== undefined) lines.push(`open ${JSON.stringify(plain(header))}`);
    header = undefined;
  };
  for (const event of events) {
    switch (event.kind) {
      case 'start': {
        const tree: Tree = {
          ns: event.namespace,
          name: localName(event.name),
          attributes: [],
          children: [],
        };
        if (open.length === 0) header = tree;
        else sayHeader();
        if (open.length > 1) open.at(-1)?.children.push(tree);
        open.push(tree);
        break;
      }
      case 'attribute':
      case 'xmlns':
        open.at(-1)?.attributes.push([event.name, event.value]);
        break;
      case 'text':
      case 'cdata': {
        const children = open.at(-1)?.children ?? [];
        const last = children.at(-1);
        if (typeof last === 'string') children[children.length - 1] = last + event.value;
        else children.push(event.value);
        break;
      }
      case 'end': {
        const tree = open.pop();
        if (tree === undefined || open.length !== 1) break;
        trees.push(tree);
        lines.push('stanza');
        break;
      }
      case 'close':
        sayHeader();
        open.pop();
        lines.push('close');
        break;
      case 'error':
        sayHeader();
        lines.push(errorLine({ ...event, offset: event.at }));
        break;
    }
  }
  sayHeader();
  for (const tree of trees) lines.push(JSON.stringify(plain(tree)), 'the same again');
  return lines;
}

/** Without recursion: trees may be deep. */
function plain(tree: Tree): unknown {
  const list: unknown[] = [];
  const waiting: (Tree | string | undefined)[] = [tree];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (next === undefined) list.push('/');
    else if (typeof next === 'string') list.push(next);
    else {
      list.push([next.ns, next.name, next.attributes]);
      waiting.push(undefined, ...next.children.toReversed());
    }
  }
  return list;
}

function treeOf(element: Element): string {
  const list: unknown[] = [];
  const waiting: (Element | string | undefined)[] = [element];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (next === undefined) list.push('/');
    else if (typeof next === 'string') list.push(next);
    else {
      list.push([next.ns, next.name, Object.entries(next.attrs)]);
      waiting.push(undefined, ...next.children.toReversed());
    }
  }
  return JSON.stringify(list);
}
