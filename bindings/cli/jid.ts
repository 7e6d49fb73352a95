/*
 * `tercet jid`: addresses in canonical form (RFC 7622), or which part broke which rule.
 */
import { createInterface } from 'node:readline';
import { Jid } from '../jid.js';
import { parseOptions } from './options.js';
import { writeLine } from './output.js';

export const jidHelp = `tercet jid: addresses in canonical form, or which part broke which rule

Usage: tercet jid [--json] [jid ...]      stdin, one a line, without arguments

  --json    one JSON object a line (NDJSON)

This version knows the rules for ASCII and refuses other characters.
Exits 1 if an address is not valid.
`;

const note = 'tercet jid: this version knows the rules for ASCII and refuses other characters\n';

export async function jid(parameters: string[]): Promise<number> {
  const options = { json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseOptions('jid', parameters, options, true);
  const print = values.json ? jsonLine : textLine;
  const input: Iterable<string> | AsyncIterable<string> =
    positionals.length > 0 ? positionals : createInterface({ input: process.stdin });
  let isValid = true;
  let isNoted = false;
  for await (const text of input) {
    const checked = Jid.check(text);
    isValid &&= checked.ok;
    if (!isNoted && /[^\0-\x7f]/.test(text)) {
      process.stderr.write(note);
      isNoted = true;
    }
    await writeLine(print(text, checked));
  }
  return isValid ? 0 : 1;
}

type Checked = ReturnType<typeof Jid.check>;

function textLine(text: string, checked: Checked): string {
  if (checked.ok) return checked.jid.toString();
  return `error ${checked.error.code} ${JSON.stringify(text)}: ${checked.error.message}`;
}

function jsonLine(input: string, checked: Checked): string {
  if (!checked.ok) {
    const { code, part, rule } = checked.error;
    return JSON.stringify({ input, ok: false, code, part, rule });
  }
  const { local, domain, resource } = checked.jid;
  return JSON.stringify({ input, ok: true, jid: checked.jid.toString(), local, domain, resource });
}
