/*
 * Messages: what people read must not depend on the runtime, such as on its texts for thrown values.
 */
import {
  escapeText,
  escapeValue,
  Jid,
  parse,
  Router,
  SaxParser,
  StreamParser,
  TercetError,
  xml,
  XmlError,
} from 'tercet';
import { hashOf, type Check } from '../check.js';

/** A value that the types would not let through. */
const wrong = (value: unknown): never => value as never;

const misuse: readonly (() => unknown)[] = [
  () => new StreamParser({ limits: { maxDepth: 0 } }),
  () => new StreamParser(wrong({ limits: { maxDept: 1 } })),
  () => new StreamParser(wrong({ framing: 'udp' })),
  () => new StreamParser(wrong({ engine: {} })),
  () => new StreamParser().feed(wrong(7)),
  () => new SaxParser(wrong({ start: 1 })),
  () => new SaxParser({}, wrong({ documents: true })),
  () => parse(wrong(null)),
  () => xml(wrong('a b')),
  () => xml('a', { b: '\u0000' }),
  () => xml('a', {}, '\ud800'),
  () => escapeText(wrong(1)),
  () => escapeValue('\u0001'),
  () => Jid.parse(wrong(1)),
  () => Jid.from(wrong({ local: 'a' })),
  () => new Router(wrong({ domains: [] })),
  () => parse('<a>').child('b'),
  () => parse('<!DOCTYPE a><a/>'),
  () => parse('<a b="1" b="2"/>'),
  () => parse('<a>&nbsp;</a>'),
  () => parse('\ufeff<a/>'),
  () => parse('<a:b/>'),
];

function messageOf(action: () => unknown): string {
  try {
    action();
    return 'nothing';
  } catch (error) {
    if (!(error instanceof TercetError)) throw error;
    const shown = [error.name, error.code, error.message];
    if (error instanceof XmlError) shown.push(error.condition, error.toStreamError());
    return shown.join(' | ');
  }
}

export const errorTexts: readonly Check[] = [
  { name: 'texts of errors', run: () => hashOf(misuse.map(messageOf)) },
];
