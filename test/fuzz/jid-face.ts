/*
 * What the public Jid makes of a string, compared with the reference: parse, check, parseWire, from,
 * withResource and toAscii agree with each other and with it.
 */

import { Jid, JidError, type JidOptions } from 'tercet/jid';
import { failureLine, partsLine } from '../jid/log.js';
import {
  type Address,
  formatAddress,
  isRule,
  type Options,
  parseAddress,
  splitAddress,
} from '../reference/jid/jid.js';
import { domainToAscii } from '../reference/jid/domain.js';

/** What is wrong, undefined for nothing. Anything that throws here and should not is wrong, too. */
export function checkFace(source: string, options: Options): string | undefined {
  const expected = parseAddress(source, options);
  const face: JidOptions = {
    allowUnderscore: options.allowUnderscore,
    strict: options.strict === true ? 'rfc8265' : undefined,
  };
  const result = Jid.check(source, face);
  const expectedLine = expected.ok ? partsLine(expected) : failureLine(expected);
  const line = result.ok ? partsLine(result.jid) : failureLine(result.error);
  // What is too long in the end may be refused for that before anything else.
  const isTooLong =
    !result.ok &&
    !expected.ok &&
    result.error.rule === 'too-long' &&
    result.error.part === expected.part &&
    isRule(expected, 'too-long');
  if (line !== expectedLine && !isTooLong) return `Jid.check: ${line}, not ${expectedLine}`;

  const parsed = attempt(() => Jid.parse(source, face));
  if (result.ok && expected.ok) {
    if (!(parsed instanceof Jid)) return `Jid.parse throws ${String(parsed)}`;
    for (const jid of [result.jid, parsed]) {
      const wrong = checkAddress(jid, expected, face);
      if (wrong !== undefined) return wrong;
    }
  } else if (!result.ok) {
    const { error } = result;
    if (!(parsed instanceof JidError) || failureLine(parsed) !== line) {
      return `Jid.parse: ${String(parsed)}, not ${line}`;
    }
    const isCode = error.code === `jid-${error.rule}` && error.number >= 600;
    if (!isCode) return `the code of ${error.rule} is ${error.code}, ${error.number}`;
    if (error.index !== undefined && !(error.index >= 0 && error.index <= source.length)) {
      return `a place outside of the source: ${error.index}`;
    }
  }
  return checkWire(source);
}

function checkAddress(jid: Jid, expected: Address, options: JidOptions): string | undefined {
  const text = formatAddress(expected);
  if (jid.toString() !== text) return `toString: ${JSON.stringify(jid.toString())}`;
  if (!jid.canonical) return 'parsed, and not canonical';
  const again = Jid.parse(text, options);
  if (again.toString() !== text || partsLine(again) !== partsLine(jid)) {
    return `parsed again: ${partsLine(again)}`;
  }
  if (!again.equals(jid)) return 'parsed again it is not equal';
  const made = Jid.from(expected, options);
  if (!made.equals(jid) || partsLine(made) !== partsLine(jid)) return `from: ${partsLine(made)}`;
  const bare = expected.local === '' ? expected.domain : `${expected.local}@${expected.domain}`;
  if (jid.bare.toString() !== bare || jid.bare.resource !== '') return `bare: ${String(jid.bare)}`;
  const other = jid.bare.withResource(expected.resource);
  if (!other.equals(jid) || partsLine(other) !== partsLine(jid)) {
    return `withResource: ${partsLine(other)}`;
  }
  const ascii = attempt(() => jid.toAscii());
  const expectedAscii = domainToAscii(expected.domain);
  if (ascii instanceof JidError) {
    return !expectedAscii.ok && ascii.rule === expectedAscii.rule
      ? undefined
      : `toAscii: ${ascii.message}`;
  }
  if (!expectedAscii.ok || ascii !== expectedAscii.text) return `toAscii: ${ascii}`;
  const back = Jid.parse(ascii, options).domain;
  return back === expected.domain ? undefined : `toAscii is another domain: ${ascii}, ${back}`;
}

/** An address of a server is kept, whatever it is: canonical where parse takes it, as it stands else. */
function checkWire(source: string): string | undefined {
  const jid = Jid.parseWire(source);
  const expected = parseAddress(source);
  if (jid.canonical !== expected.ok) return `parseWire: canonical is ${String(jid.canonical)}`;
  const text = expected.ok ? formatAddress(expected) : source;
  if (jid.toString() !== text) return `parseWire: ${JSON.stringify(jid.toString())}`;
  const { local = '', domain, resource = '' } = expected.ok ? expected : splitAddress(source);
  if (jid.local !== local || jid.domain !== domain || jid.resource !== resource) {
    return `parseWire: ${partsLine(jid)}`;
  }
  return jid.equals(Jid.parseWire(source)) ? undefined : 'parseWire twice is not equal';
}

function attempt<Value>(work: () => Value): Value | JidError {
  try {
    return work();
  } catch (error) {
    if (error instanceof JidError) return error;
    throw error;
  }
}
