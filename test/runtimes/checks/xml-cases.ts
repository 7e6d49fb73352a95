/*
 * The Markdown cases of test/cases: the tape of the core against the log that is written down, whole and
 * in pieces; then what the public parsers make of the same input, whole and in pieces, as one hash.
 */
import { Engine, parse, SaxParser, StreamParser, XmlError } from 'tercet';
import type { StreamEvent } from 'tercet';
import { parseCases, type Case } from '../../cases/case-file.js';
import { pieces, randomCut } from '../../fuzz/random.js';
import { whole, type Cut } from '../../reference/run.js';
import { Core, runCore, type CoreExports } from '../../xml/core-driver.js';
import { expectSame, hashOf, type Check } from '../check.js';

/** Texts of the case files by name; the bundle has them. */
declare const caseFiles: Readonly<Record<string, string>>;

const cuts: readonly Cut[] = [1, 2, 3, 7, 32].map(pieces).concat([randomCut(1), randomCut(2)]);

let known: Case[] | undefined;
const cases = (): Case[] =>
  (known ??= Object.entries(caseFiles).flatMap(([file, text]) => parseCases(file, text)));

/** The core that this runtime has instantiated, in an engine that nobody else uses. */
function coreOf(): Core {
  const { core } = new Engine() as unknown as { core: CoreExports };
  return new Core(core);
}

function checkLogs(selected: readonly Cut[]): string {
  const cores = new Map<string, Core>();
  for (const one of cases()) {
    const { framing } = one.settings;
    const core = cores.get(framing) ?? coreOf();
    cores.set(framing, core);
    for (const cut of selected) {
      expectSame(runCore(core, one, cut), one.log, `${one.file}: ${one.name}`);
    }
  }
  return `${cases().length} cases`;
}

/** What an event of a stream says, with all that can be asked of it. */
function textOf(event: StreamEvent): string {
  switch (event.type) {
    case 'open':
      return `open ${event.header.toString()}`;
    case 'stanza':
      return `stanza ${event.stanza.ns} ${event.stanza.text} ${event.stanza.toString()}`;
    case 'close':
      return 'close';
    case 'error':
      return `error ${event.error.message} ${event.error.condition} ${event.error.offset}`;
  }
}

/** The events of the face that the case is for. */
function eventsOf(one: Case, cut: Cut): string[] {
  const { framing, skipMisc, limits } = one.settings;
  const options = {
    limits: {
      maxStanzaBytes: limits.stanzaBytes,
      maxDepth: limits.depth,
      maxAttributes: limits.attributes,
      maxChildren: limits.children,
      maxNameBytes: limits.nameBytes,
      maxNamespaces: limits.namespaces,
    },
  };
  const log: string[] = [];
  if (framing === 'stream' || framing === 'websocket') {
    const parser = new StreamParser({ ...options, framing });
    for (const [index, { bytes }] of one.inputs.entries()) {
      if (index > 0 && framing === 'stream') parser.restart();
      // A frame is fed whole, whatever the cut.
      const parts = framing === 'stream' ? cut(bytes) : [bytes];
      for (const part of parts) log.push(...parser.feed(part).map(textOf));
    }
    if (one.end) log.push(...parser.end().map(textOf));
    parser.close();
    return log;
  }
  const [{ bytes }] = one.inputs;
  if (framing === 'element') {
    try {
      const element = parse(bytes, options);
      return [element.toString(), element.text];
    } catch (error) {
      if (error instanceof XmlError) return [error.message];
      throw error;
    }
  }
  const parser = new SaxParser(
    {
      startElement: (name, attrs) => log.push(`<${name} ${JSON.stringify(attrs)}`),
      endElement: (name) => log.push(`>${name}`),
      text: (value) => addText(log, value),
      error: (error) => log.push(error.message),
    },
    { ...options, document: skipMisc },
  );
  for (const part of cut(bytes)) parser.feed(part);
  if (one.end) parser.end();
  parser.close();
  return log;
}

/** Text comes in as many pieces as it was fed in. */
function addText(log: string[], value: string): void {
  const last = log.at(-1);
  if (last?.startsWith('"')) log[log.length - 1] = last + value;
  else log.push(`"${value}`);
}

export const xmlCases: readonly Check[] = [
  { name: 'event logs of the cases', run: () => checkLogs([whole]) },
  { name: 'event logs in pieces of any size', run: () => checkLogs(cuts) },
  {
    name: 'parsers of the package',
    run: () => hashOf(cases().flatMap((one) => eventsOf(one, whole))),
  },
  {
    name: 'parsers in pieces of any size',
    run() {
      for (const one of cases()) {
        const expected = eventsOf(one, whole);
        for (const cut of cuts) {
          expectSame(eventsOf(one, cut), expected, `${one.file}: ${one.name}`);
        }
      }
      return `${cases().length} cases`;
    },
  },
  {
    name: 'strings in and out',
    run() {
      // Every code point that XML allows, as text and as a value, from a string and from bytes.
      const texts: string[] = [];
      for (let start = 0x20; start < 0x30000; start += 0x800) {
        let text = '';
        for (let code = start; code < start + 0x800; code++) {
          const isAllowed = (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff;
          if (isAllowed && !'<&"'.includes(String.fromCodePoint(code))) {
            text += String.fromCodePoint(code);
          }
        }
        texts.push(text.replaceAll(']', ''));
      }
      const encoder = new TextEncoder();
      for (const text of texts) {
        const source = `<a b="${text}">${text}</a>`;
        for (const element of [parse(source), parse(encoder.encode(source))]) {
          expectSame([element.text, element.attr('b')], [text, text], 'text and value');
          expectSame(parse(element.toBytes()).toString(), element.toString(), 'written and read');
        }
      }
      return hashOf(texts);
    },
  },
];
