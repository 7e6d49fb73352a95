/*
 * Invariant: on any string and with any options the core gives the reference's address, or refuses the
 * reference's part for the same rule at the same place; from UTF-16, from UTF-8, part by part, and through
 * Jid, where parse, check, parseWire and from agree. What is accepted is its own canonical form, has the
 * same parts when it is parsed again, and its ASCII domain is the same domain. Nothing throws but what it
 * should, memory does not grow, and no string takes long. Any other result is a bug.
 */

import {
  domainToAscii,
  formatAddress,
  isRule,
  type Options,
  parseAddress,
  type Part,
  splitAddress,
} from '../reference/jid/jid.js';
import { prepareDomain } from '../reference/jid/domain.js';
import { prepareLocal, prepareResource } from '../reference/jid/parts.js';
import { failureLine, partsLine } from '../jid/log.js';
import { type CoreAddress, type CoreRefusal, JidCore } from '../jid/wasm.js';
import { generateAddress } from './generate-address.js';
import { checkFace } from './jid-face.js';
import { Random } from './random.js';

export interface JidFinding {
  readonly seed: number;
  readonly message: string;
  readonly source: string;
  readonly options: Options;
  /** What no earlier case has to do with. */
  readonly alone: true;
}

const encoder = new TextEncoder();
/** Units that jid_parse takes, and octets of jid_parse_utf8. */
const unitsMax = 7169;
const octetsMax = 15_360;
/** Octets of a part that nothing makes short enough. */
const octetsLongest = { local: 3580, domain: 8192, resource: 3580 };

export class JidTarget {
  readonly #core: JidCore;
  readonly #memorySize: number;

  constructor(wasm: Uint8Array<ArrayBuffer>) {
    this.#core = new JidCore(wasm);
    this.#memorySize = this.#core.memorySize;
  }

  run(seed: number): JidFinding | undefined {
    const random = new Random(seed);
    const source = generateAddress(random);
    const options = {
      allowUnderscore: random.oneIn(8),
      strict: random.oneIn(8),
    };
    const message = this.check(source, options);
    return message === undefined ? undefined : { seed, message, source, options, alone: true };
  }

  /** What is wrong with what becomes of a string, undefined for nothing. */
  check(source: string, options: Options): string | undefined {
    try {
      const expected = parseAddress(source, options);
      return (
        this.#checkUnits(source, options, expected) ??
        this.#checkOctets(source, options, expected) ??
        this.#checkParts(source, options) ??
        checkFace(source, options) ??
        (this.#core.memorySize === this.#memorySize ? undefined : 'memory grew')
      );
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  }

  #checkUnits(source: string, options: Options, expected: Expected): string | undefined {
    if (source.length > unitsMax) return undefined;
    const found = this.#core.parse(source, options);
    const wrong = difference('units', expected, found) ?? sameness('units', source, found);
    if (wrong !== undefined || !found.ok || !expected.ok) return wrong;

    const again = this.#core.parse(found.text, options);
    if (!again.ok) return `the result is refused: ${failureLine(again)}`;
    if (!again.isSame) return `the result changes: ${JSON.stringify(again.text)}`;

    const ascii = this.#core.ascii(found.domain);
    const expectedAscii = domainToAscii(found.domain);
    if (ascii.ok !== expectedAscii.ok)
      return `toAscii of ${found.domain}: ${JSON.stringify(ascii)}`;
    if (!ascii.ok || !expectedAscii.ok) return undefined;
    if (ascii.text !== expectedAscii.text)
      return `toAscii: ${ascii.text}, not ${expectedAscii.text}`;
    const back = this.#core.parse(ascii.text, options);
    const isBack = back.ok && back.domain === found.domain && back.local === '';
    return isBack ? undefined : `toAscii is another domain: ${ascii.text}`;
  }

  #checkOctets(source: string, options: Options, expected: Expected): string | undefined {
    const octets = encoder.encode(source);
    // The encoder replaces lone surrogates, which UTF-8 cannot hold.
    if (octets.length > octetsMax || /\p{Surrogate}/u.test(source)) return undefined;
    const found = this.#core.parseUtf8(octets, options);
    // The bound for what is refused at a look is another one in octets.
    if (!found.ok && found.rule === 'too-long' && !expected.ok && found.part === expected.part) {
      const text = splitAddress(source)[found.part] ?? '';
      if (encoder.encode(text).length > octetsLongest[found.part]) return undefined;
    }
    if (found.ok) return difference('octets', expected, found) ?? sameness('octets', source, found);
    const index = found.index;
    const units =
      index === undefined ? undefined : new TextDecoder().decode(octets.subarray(0, index)).length;
    return difference('octets', expected, { ...found, index: units });
  }

  /** Each part alone, as Jid.from does it: what is a separator in an address is a character here. */
  #checkParts(source: string, options: Options): string | undefined {
    for (const [part, text] of Object.entries(splitAddress(source)) as [Part, string][]) {
      if (text.length > 4097) continue;
      const wrong =
        this.#checkPart(part, text, options) ??
        this.#checkPart(part, source.slice(0, 2000), options);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  #checkPart(part: Part, text: string, options: Options): string | undefined {
    const prepare = { local: prepareLocal, domain: prepareDomain, resource: prepareResource }[part];
    const expected = prepare(text, 0, options);
    const found = this.#core.part(part, text, options);
    if (expected.ok && found.ok) {
      if (expected.text === found.text) return undefined;
      return `${part} alone: ${JSON.stringify(found.text)}, not ${JSON.stringify(expected.text)}`;
    }
    if (!expected.ok && !found.ok) {
      return difference(
        `${part} alone`,
        { ok: false, part, ...expected.faults[0], faults: expected.faults },
        found,
      );
    }
    return `${part} alone: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`;
  }
}

type Expected = ReturnType<typeof parseAddress>;

function difference(
  how: string,
  expected: Expected,
  found: CoreAddress | CoreRefusal,
): string | undefined {
  const expectedLine = lineOf(expected);
  const foundLine = lineOf(found);
  if (expectedLine === foundLine) return undefined;
  // What is too long in the end may be refused for that before anything else is looked at, and the bound
  // for octets is another than that for units.
  if (!expected.ok && !found.ok && expected.part === found.part) {
    if (found.rule === 'too-long' && isRule(expected, 'too-long')) return undefined;
    if (how === 'octets' && expected.rule === 'too-long') return undefined;
  }
  return `${how}: ${foundLine}, not ${expectedLine}`;
}

function lineOf(result: Expected | CoreAddress | CoreRefusal): string {
  if (!result.ok) return failureLine(result);
  return `${partsLine(result)} ${JSON.stringify(formatAddress(result))}`;
}

function sameness(
  how: string,
  source: string,
  found: CoreAddress | CoreRefusal,
): string | undefined {
  if (!found.ok) return undefined;
  if (found.isSame !== (found.text === source))
    return `${how}: said to be ${found.isSame ? 'the same' : 'changed'}`;
  return undefined;
}

/** A finding as a Markdown case with the reference's log. */
export function toJidCase({ seed, message, source, options }: JidFinding): string {
  const words = [
    ...(options.allowUnderscore === true ? ['allowUnderscore'] : []),
    ...(options.strict === true ? ['strict'] : []),
  ];
  const result = parseAddress(source, options);
  const log = result.ok ? partsLine(result) : failureLine(result);
  return [
    `## The fuzzer's seed ${seed}\n`,
    `${message.split('\n')[0] ?? ''}\n`,
    ...(words.length > 0 ? [`Options: ${words.join(' ')}\n`] : []),
    `\`\`\`jid\n${escape(source)}\n\`\`\`\n`,
    `\`\`\`log\n${log}\n\`\`\`\n`,
  ].join('\n');
}

const escape = (source: string): string =>
  Array.from(source, (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    const isPlain = codePoint > 0x20 && codePoint < 0x7f && character !== '\\';
    return isPlain ? character : `\\u{${codePoint.toString(16)}}`;
  }).join('');
