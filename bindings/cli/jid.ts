/*
 * `tercet jid`: addresses in canonical form (RFC 7622), or which part broke which rule at which
 * character. Without arguments the addresses come from stdin, one a line; nothing but the line's end is
 * taken off. Output is gathered and written piece by piece of input, so that a file of a million
 * addresses is a matter of a second or two, and an address that is typed is answered at once.
 */
import { Jid, type JidError } from '../jid.js';
import { standardInput } from './input.js';
import { placeLines } from './jid-place.js';
import { lines } from './lines.js';
import { parseOptions } from './options.js';
import { write } from './output.js';
import { Progress } from './progress.js';

export const jidHelp = `tercet jid: addresses in canonical form, or which part broke which rule

Usage: tercet jid [--json] [jid ...]      stdin, one a line, without arguments

  --json    one JSON object a line (NDJSON), in the order of the input:
            {"input","ok":true,"jid","local","domain","resource","ascii"}, ascii being the
            domain for DNS, or null where DNS has no room for it, or
            {"input","ok":false,"part","rule","code","index","codePoint","message"}, where
            index is in UTF-16 units; it and codePoint are null where the fault is in no place

A line of more than 64 KiB is no address; its input is shown up to there.
Exits 1 if an address is not valid.
`;

/** Characters of output that are gathered before they are written. */
const pieceLength = 65_536;

export async function jid(parameters: string[]): Promise<number> {
  const options = { json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseOptions('jid', parameters, options, true);
  const print = values.json ? jsonLine : textLines;

  let badCount = 0;
  let output = '';
  const answer = (source: string): void => {
    const checked = Jid.check(source);
    if (!checked.ok) badCount++;
    output += `${print(source, checked)}\n`;
  };
  const flush = async (): Promise<void> => {
    const piece = output;
    output = '';
    if (piece !== '') await write(piece);
  };

  if (positionals.length > 0) {
    for (const source of positionals) answer(source);
    await flush();
    return badCount === 0 ? 0 : 1;
  }
  const progress = new Progress('addresses');
  for await (const group of lines(standardInput())) {
    for (const source of group) {
      answer(source);
      if (output.length > pieceLength) await flush();
    }
    await flush();
    progress.add(group.length, badCount === 0 ? '' : `${badCount} not valid`);
  }
  progress.end();
  return badCount === 0 ? 0 : 1;
}

type Checked = ReturnType<typeof Jid.check>;

function textLines(source: string, checked: Checked): string {
  if (checked.ok) return checked.jid.toString();
  const { error } = checked;
  const place = placeLines(source, error).map((line) => `        ${line}`.trimEnd());
  return [`error   ${error.code} ${error.message}`, ...place].join('\n');
}

function jsonLine(input: string, checked: Checked): string {
  if (!checked.ok) {
    const { part, rule, code, index = null, codePoint = null, message } = checked.error;
    return JSON.stringify({ input, ok: false, part, rule, code, index, codePoint, message });
  }
  const { jid } = checked;
  const { local, domain, resource } = jid;
  const ascii = asciiOf(jid);
  return JSON.stringify({ input, ok: true, jid, local, domain, resource, ascii });
}

/** The domainpart for DNS; null where a label or the name is too long for it. */
function asciiOf(jid: Jid): string | null {
  try {
    return jid.toAscii();
  } catch (error) {
    if ((error as JidError).part === 'domain') return null;
    throw error;
  }
}
