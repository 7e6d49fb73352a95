/*
 * The error table: one row an error, from which core, bindings and docs are written.
 *
 * scripts/data/errors.json holds the rows in the order of their numbers. A number or a name is never
 * used again for something else: users compare names, and the core returns numbers.
 *
 * Writes assembly/errors.ts (the enum), bindings/error-table.ts (number -> name, condition, message),
 * the same for addresses in a file of their own, since programs load the one or the other, and
 * docs/ERRORS.md.
 */
import { blockComment, headerLines, readInput } from './header.mjs';

const input = 'scripts/data/errors.json';
const script = 'scripts/generate/errors.mjs';

/** The ranges of numbers. A row belongs to the last range that starts at or below its number. */
const ranges = [
  { start: 100, title: 'Encoding' },
  { start: 200, title: 'Well-formedness' },
  { start: 300, title: 'Namespaces' },
  { start: 400, title: 'Restricted XML' },
  { start: 500, title: 'Limits' },
  { start: 600, title: 'Addresses' },
  { start: 700, title: 'Routing' },
  { start: 900, title: 'Misuse' },
];

const isAddress = ({ number }) => number >= 600 && number < 700;
const not = (predicate) => (row) => !predicate(row);

export default async function generate(root) {
  const { value, source } = await readInput(root, input);
  const { errors } = value;
  check(errors);
  const common = { script, sources: [source], size: `${errors.length} errors` };
  return {
    'assembly/errors.ts': coreText(errors, common),
    'bindings/error-table.ts': bindingsText(errors.filter(not(isAddress)), common),
    'bindings/jid-error-table.ts': addressesText(errors.filter(isAddress), common),
    'docs/ERRORS.md': pageText(errors, common),
  };
}

function check(errors) {
  const names = new Set();
  let previous = 0;
  for (const { number, name, condition, sentence, section } of errors) {
    const fail = (why) => {
      throw new Error(`${input}: ${number} ${name}: ${why}`);
    };
    if (!Number.isInteger(number) || number <= previous) fail('numbers must rise');
    if (number < ranges[0].start || number > 999) fail('the number is in no range');
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) fail('a name is lower-case words and hyphens');
    if (names.has(name)) fail('the name stands there twice');
    if (isAddress({ number }) !== name.startsWith('jid-'))
      fail('names of addresses start with jid-');
    if (!/^([a-z]+(-[a-z]+)*)?$/.test(condition)) fail('a condition is lower-case words');
    if (!/^[^A-Z].*[^.]$/.test(sentence) && !/^[A-Z]{2}/.test(sentence)) {
      fail('a sentence starts in lower case and has no full stop');
    }
    if (/['"`\\|\n]/.test(sentence + section)) fail('quotes, backslashes and bars cannot be held');
    names.add(name);
    previous = number;
  }
}

function coreText(errors, common) {
  const header = blockComment({
    what: 'The numbers of the errors. Calls of the ABI return them negated; error events carry them as they are.',
    ...common,
  });
  const members = errors.map(
    ({ number, name, sentence }) => `  /** ${sentence} */\n  ${pascalCase(name)} = ${number},`,
  );
  return `${header}\nexport const enum ErrorCode {\n${members.join('\n')}\n}\n`;
}

function bindingsText(errors, common) {
  const header = blockComment({
    what: 'What each error number of the core is called, what a peer is told, and what a person reads.',
    ...common,
  });
  const names = errors.map(({ name }) => `  | '${name}'`);
  const rows = errors.map(
    ({ number, name, condition, sentence }) =>
      `  ${number}: {\n    code: '${name}',\n    condition: '${condition}',\n    message: '${sentence}',\n  },`,
  );
  return `${header}
/** The stable code of an error. */
export type ErrorName =
${names.join('\n')};

export interface ErrorEntry {
  readonly code: ErrorName;
  /** The defined condition to send: RFC 6120, section 4.9.3 for streams, 8.3.3 for stanzas. */
  readonly condition: string;
  readonly message: string;
}

export const errorTable: Readonly<Record<number, ErrorEntry | undefined>> = {
${rows.join('\n')}
};
`;
}

function addressesText(errors, common) {
  const header = blockComment({
    what: 'The rules of addresses by the error numbers of the core, and what a person reads.',
    ...common,
  });
  const rules = errors.map(({ name }) => `  | '${ruleOf(name)}'`);
  const rows = errors.map(
    ({ number, name, sentence }) =>
      `  ${number}: { rule: '${ruleOf(name)}', message: '${sentence}' },`,
  );
  return `${header}
/** The rule that an address breaks; the code of the error is \`jid-\` and this. */
export type JidRule =
${rules.join('\n')};

export interface JidErrorEntry {
  readonly rule: JidRule;
  readonly message: string;
}

export const jidErrorTable: Readonly<Record<number, JidErrorEntry | undefined>> = {
${rows.join('\n')}
};
`;
}

const ruleOf = (name) => name.replace(/^jid-/, '');

function pageText(errors, common) {
  const header = headerLines({ what: 'The page of all errors.', ...common });
  const lines = [
    `<!--\n${header.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n-->`,
    '',
    '# Errors',
    '',
    'Each error has a code that stays the same over releases, and a number that the core uses. The',
    'condition is what the other side is told: of a stream (RFC 6120, section 4.9.3), or, for addresses,',
    'of a stanza (section 8.3.3).',
  ];
  ranges.forEach(({ start, title }, index) => {
    const end = ranges[index + 1]?.start ?? 1000;
    const rows = errors.filter(({ number }) => number >= start && number < end);
    if (rows.length === 0) return;
    lines.push('', `## ${title}`, '');
    lines.push('| Number | Code | Condition | Meaning | Rule |', '|---|---|---|---|---|');
    for (const { number, name, condition, sentence, section } of rows) {
      const cells = [number, `\`${name}\``, condition && `\`${condition}\``, sentence, section];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  });
  return `${lines.join('\n')}\n`;
}

function pascalCase(name) {
  return name.replace(/(?:^|-)(.)/g, (_, letter) => letter.toUpperCase());
}
