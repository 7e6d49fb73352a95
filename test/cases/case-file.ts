/*
 * Reads the Markdown cases. A case is a section:
 *
 *     ## Its name, a sentence about behaviour
 *
 *     Why, with the section of the RFC or recommendation.
 *
 *     Options: framing=stream skipMisc lenientBom stanzaBytes=20 depth=2 end=no
 *
 *     ```xml            the input; or ```bytes, where \x00 is a byte, \r \n \t \\ and \u{fffe} are characters
 *     ```               and line breaks are dropped. The line break before the closing fence is not part of it.
 *     ```log            the expected events, docs/design/001-events-and-errors.md
 *     ```
 *
 * An options line before the first case holds for the whole file. Several input blocks are the frames of
 * framing=websocket (`unfinished` after the language: the frame is not complete); in the other framings
 * the stream is restarted before each but the first. `end=no`: the connection stays open.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { defaultLimits, defaultSettings, type Framing, type Settings } from '../reference/settings.js';

export interface CaseInput {
  readonly bytes: Uint8Array;
  /** The frame is complete with these bytes. */
  readonly finished: boolean;
}

export interface Case {
  readonly name: string;
  readonly file: string;
  readonly settings: Settings;
  /** Whether `end` is called after the input. */
  readonly end: boolean;
  readonly inputs: readonly CaseInput[];
  readonly log: string;
}

interface Options {
  readonly settings: Settings;
  readonly end: boolean;
}

const encoder = new TextEncoder();
const framings: readonly string[] = ['stream', 'websocket', 'element', 'document'];
const isFraming = (value: string): value is Framing => framings.includes(value);
const isLimit = (name: string): name is keyof typeof defaultLimits => Object.hasOwn(defaultLimits, name);

/** All cases below this folder, in order of file and position. */
export function readCases(folder: string | URL = new URL('.', import.meta.url)): Case[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .flatMap((name) => parseCases(name, readFileSync(new URL(name, folder), 'utf8')));
}

export function parseCases(file: string, source: string): Case[] {
  const cases: Case[] = [];
  const [head = '', ...sections] = source.split(/^## /mu);
  const fileOptions = readOptions(head, { settings: defaultSettings, end: true }, file);
  for (const section of sections) {
    const name = section.slice(0, section.indexOf('\n')).trim();
    const { settings, end } = readOptions(section, fileOptions, `${file}: ${name}`);
    const inputs: CaseInput[] = [];
    let log: string | undefined;
    const blocks = section.matchAll(/^```(\w+)( unfinished)?\n(.*?)\n?^```$/gmsu);
    for (const block of blocks) {
      const [, language = '', unfinished, content = ''] = optional(block);
      if (language === 'log') log = content;
      else inputs.push({ bytes: decode(language, content), finished: unfinished === undefined });
    }
    if (inputs.length === 0 || log === undefined) throw new Error(`${file}: ${name}: a block is missing`);
    cases.push({ name, file, settings, end, inputs, log });
  }
  return cases;
}

function readOptions(text: string, inherited: Options, where: string): Options {
  const line = /^Options: (.*)$/mu.exec(text.replaceAll(/^```.*?^```$/gmsu, ''))?.[1] ?? '';
  const limits = { ...inherited.settings.limits };
  let { framing, skipMisc, lenientBom } = inherited.settings;
  let { end } = inherited;
  for (const word of line.split(' ').filter((part) => part !== '')) {
    const [name = '', value = 'yes'] = word.split('=');
    if (name === 'framing' && isFraming(value)) framing = value;
    else if (name === 'skipMisc') skipMisc = value === 'yes';
    else if (name === 'lenientBom') lenientBom = value === 'yes';
    else if (name === 'end') end = value === 'yes';
    else if (isLimit(name)) limits[name] = Number(value);
    else throw new Error(`${where}: no such option: ${word}`);
  }
  return { settings: { framing, skipMisc, lenientBom, limits }, end };
}

function decode(language: string, content: string): Uint8Array {
  if (language === 'xml') return encoder.encode(content);
  if (language !== 'bytes') throw new Error(`no such block: ${language}`);
  const parts: number[] = [];
  const escapes = /\\x([0-9a-f]{2})|\\u\{([0-9a-f]+)\}|\\([rnt\\])|\n|([^\\\n]+)/guy;
  const controls: Record<string, number> = { r: 13, n: 10, t: 9, '\\': 92 };
  for (const escape of content.matchAll(escapes)) {
    const [, byte, point, control, text] = optional(escape);
    if (byte !== undefined) parts.push(parseInt(byte, 16));
    else if (point !== undefined) parts.push(...encoder.encode(String.fromCodePoint(parseInt(point, 16))));
    else if (control !== undefined) parts.push(controls[control] ?? 0);
    else if (text !== undefined) parts.push(...encoder.encode(text));
  }
  return Uint8Array.from(parts);
}

/** The groups of a match: one that took no part is undefined, which the type of a match leaves out. */
const optional = (match: RegExpExecArray): readonly (string | undefined)[] => match;
