/*
 * The test files of the Unicode Consortium: NormalizationTest.txt and IdnaTestV2.txt.
 */

import { parseCodePoints, readUnicodeFile } from './unicode-files.js';

/** One line: a source and what each of the four forms makes of it. */
export interface NormalizationLine {
  /** Part 1 lists code points one by one. */
  readonly part: number;
  readonly source: string;
  readonly nfc: string;
  readonly nfd: string;
  readonly nfkc: string;
  readonly nfkd: string;
}

export function readNormalizationTest(): NormalizationLine[] {
  const lines: NormalizationLine[] = [];
  let part = 0;
  for (const line of readUnicodeFile('NormalizationTest.txt').split('\n')) {
    const header = /^@Part(\d)/u.exec(line);
    if (header !== null) part = Number(header[1]);
    if (!/^[0-9A-F]/u.test(line)) continue;
    const [source = '', nfc = '', nfd = '', nfkc = '', nfkd = ''] = line
      .split(';', 5)
      .map((field) => String.fromCodePoint(...parseCodePoints(field)));
    lines.push({ part, source, nfc, nfd, nfkc, nfkd });
  }
  return lines;
}

/** One line of IdnaTestV2.txt, blanks filled in; the columns of transitional processing left out. */
export interface IdnaLine {
  readonly source: string;
  readonly unicode: string;
  readonly ascii: string;
  /** Codes of both directions. */
  readonly status: readonly string[];
  /** Codes that are not about lengths and the root's dot. */
  readonly faults: readonly string[];
}

export function readIdnaTest(): IdnaLine[] {
  return readUnicodeFile('IdnaTestV2.txt')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const fields = line.replace(/#[^#]*$/u, '').split(';');
      const [source = '', unicode = '', status = '', ascii = '', asciiStatus = ''] = fields.map(
        (field) => unescape(field.trim()),
      );
      const codes = [...codesOf(status), ...codesOf(asciiStatus === '' ? status : asciiStatus)];
      const unicodeForm = unicode === '' ? source : unicode;
      const quoted = (text: string): string => (text === '""' ? '' : text);
      return {
        source: quoted(source),
        unicode: quoted(unicodeForm),
        ascii: quoted(ascii === '' ? unicodeForm : ascii),
        status: codes,
        faults: codes.filter((code) => code !== 'A4_1' && code !== 'A4_2'),
      };
    });
}

const codesOf = (status: string): string[] => status.match(/\w+/gu) ?? [];

function unescape(text: string): string {
  return text.replaceAll(
    /\\u([0-9A-F]{4})|\\x\{([0-9A-F]+)\}/gu,
    (_, short: string | undefined, long: string | undefined) => {
      // A surrogate stands alone there, which String.fromCodePoint allows.
      return String.fromCodePoint(parseInt(short ?? long ?? '', 16));
    },
  );
}
