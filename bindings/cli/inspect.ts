/*
 * `tercet inspect`: what a stream says, stanza by stanza, and where it goes wrong. The place is shown as
 * the line of input around it with a caret below the offending character.
 */
import { createReadStream } from 'node:fs';
import type { Element } from '../element.js';
import { UsageError } from '../errors.js';
import { StreamParser } from '../stream-parser.js';
import type { StreamEvent } from '../stream-parser.js';
import type { XmlError } from '../xml-error.js';
import { columns } from './columns.js';
import { standardInput } from './input.js';
import { parseOptions } from './options.js';
import { writeLine } from './output.js';

export const inspectHelp = `tercet inspect: an XMPP stream -> its events

Usage: tercet inspect [--json] [file]      stdin without a file, or with -

  --json    one JSON object a line (NDJSON)

Exits 1 if the stream is not well-formed, breaks the rules of RFC 6120 or ends before its end tag.
`;

/** What is kept of the input to show the place of an error: more than a stanza may have. */
const keptBytes = 524_288;

export async function inspect(parameters: string[]): Promise<number> {
  const options = { json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseOptions('inspect', parameters, options, true);
  const [path = '-', ...others] = positionals;
  if (others.length > 0) {
    throw new UsageError(
      `one file at a time, not ${positionals.length}\ntercet inspect --help lists the options`,
    );
  }
  const input: AsyncIterable<Buffer> = path === '-' ? standardInput() : createReadStream(path);

  const parser = new StreamParser();
  const tail = new Tail();
  const print = values.json ? jsonLine : textLine;
  const report = async (events: readonly StreamEvent[]): Promise<XmlError | undefined> => {
    for (const event of events) {
      if (event.type !== 'error') await writeLine(print(event));
      else return event.error;
    }
    return undefined;
  };

  let error: XmlError | undefined;
  for await (const chunk of input) {
    tail.push(chunk);
    error = await report(parser.feed(chunk));
    if (error) break;
  }
  error ??= await report(parser.end());
  if (!error) return 0;
  if (values.json) {
    const { code, condition, offset, message } = error;
    process.stdout.write(
      `${JSON.stringify({ type: 'error', code, condition, offset, message })}\n`,
    );
  } else {
    process.stdout.write(
      `error   ${error.code} ${error.condition}: ${error.message}\n${tail.show(error.offset)}\n`,
    );
  }
  return 1;
}

function textLine(event: Exclude<StreamEvent, { type: 'error' }>): string {
  switch (event.type) {
    case 'open': {
      const attrs = Object.entries(event.header.attrs);
      return [
        'open   ',
        ...attrs.map(([name, value = '']) => `${name}=${printable(JSON.stringify(value))}`),
      ].join(' ');
    }
    case 'stanza':
      return `stanza  ${printable(event.stanza.toString())}`;
    case 'close':
      return 'close';
  }
}

/** What moves the cursor or turns the direction of text, as references; lines stay lines. */
function printable(text: string): string {
  return text.replace(
    /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `&#x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()};`,
  );
}

function jsonLine(event: Exclude<StreamEvent, { type: 'error' }>): string {
  switch (event.type) {
    case 'open':
      return JSON.stringify({ type: 'open', ...described(event.header) });
    case 'stanza':
      return JSON.stringify({
        type: 'stanza',
        ...described(event.stanza),
        xml: event.stanza.toString(),
      });
    case 'close':
      return JSON.stringify({ type: 'close' });
  }
}

const described = ({ name, ns, attrs }: Element): object => ({ name, ns, attrs: { ...attrs } });

/** The end of what was read, by offset in the stream. */
class Tail {
  #bytes = Buffer.alloc(0);
  #start = 0;

  push(chunk: Buffer): void {
    const whole = Buffer.concat([this.#bytes, chunk]);
    const excess = Math.max(0, whole.length - keptBytes);
    this.#bytes = whole.subarray(excess);
    this.#start += excess;
  }

  /** The line around an offset, 60 bytes on each side at most, with a caret below it. */
  show(offset: number): string {
    const index = Math.min(Math.max(0, offset - this.#start), this.#bytes.length);
    const newline = 0x0a;
    const lineStart = index === 0 ? 0 : this.#bytes.lastIndexOf(newline, index - 1) + 1;
    const lineEnd = this.#bytes.indexOf(newline, index);
    const start = Math.max(lineStart, index - 60);
    const end = Math.min(lineEnd < 0 ? this.#bytes.length : lineEnd, index + 60);
    const before = visible(this.#bytes.subarray(start, index));
    const after = visible(this.#bytes.subarray(index, end));
    return `        ${before}${after}\n        ${' '.repeat(columns(before))}^`;
  }
}

/** Nothing that moves the cursor or stands on another character, whatever the peer sent. */
const visible = (bytes: Buffer): string =>
  bytes.toString('utf8').replace(/[\p{C}\p{M}]/gu, '\u00b7');
