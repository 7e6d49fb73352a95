/*
 * Reads the Markdown cases of addresses, test/cases/jid. A case is a section:
 *
 *     ## Its name, a sentence about behaviour
 *
 *     Why, with the section of the RFC.
 *
 *     Options: allowUnderscore strict
 *
 *     ```jid             addresses, one a line
 *     ```log             what becomes of each, one a line
 *
 * Instead of `jid` a block can be `ascii` (the domain of each address for DNS), `escape` and `unescape`
 * (localparts, XEP-0106) or `equal` (two addresses a line, with ` | ` between them). In a line \u{20} is a
 * code point and \{1023*a} a text so many times.
 */

import { readdirSync, readFileSync } from 'node:fs';

export const operations = ['jid', 'ascii', 'escape', 'unescape', 'equal'] as const;
export type Operation = (typeof operations)[number];

export interface JidCase {
  readonly name: string;
  readonly file: string;
  readonly operation: Operation;
  readonly options: { readonly allowUnderscore?: boolean; readonly strict?: boolean };
  /** As they stand in the file; `decode` gives the text. */
  readonly lines: readonly string[];
  readonly log: readonly string[];
}

const folder = new URL('../cases/jid/', import.meta.url);

export function readJidCases(): JidCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .flatMap((name) => parseJidCases(name, readFileSync(new URL(name, folder), 'utf8')));
}

export function parseJidCases(file: string, source: string): JidCase[] {
  const [, ...sections] = source.split(/^## /mu);
  return sections.map((section) => {
    const name = section.slice(0, section.indexOf('\n')).trim();
    const words = /^Options: (.*)$/mu.exec(section)?.[1]?.split(' ') ?? [];
    const blocks = [...section.matchAll(/^```(\w+)\n(.*?)\n?^```$/gmsu)];
    const content = (language: string): string | undefined =>
      blocks.find(([, word]) => word === language)?.[2];
    const operation = operations.find((one) => content(one) !== undefined);
    const log = content('log');
    if (operation === undefined || log === undefined || blocks.length !== 2) {
      throw new Error(`${file}: ${name}: an input and a log, no less and no more`);
    }
    return {
      name,
      file,
      operation,
      options: {
        allowUnderscore: words.includes('allowUnderscore'),
        strict: words.includes('strict'),
      },
      lines: (content(operation) ?? '').split('\n'),
      log: log.split('\n'),
    };
  });
}

/** The text that a line stands for. */
export function decode(line: string): string {
  return line
    .replaceAll(/\\u\{([0-9a-fA-F]+)\}/gu, (_, code: string) =>
      String.fromCodePoint(parseInt(code, 16)),
    )
    .replaceAll(/\\\{(\d+)\*([^}]*)\}/gu, (_, count: string, text: string) =>
      text.repeat(Number(count)),
    );
}
