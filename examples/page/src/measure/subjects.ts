/*
 * What is measured, each in the way its users have it: one stanza a string in, and the length of six fields
 * of it out, so that the work is the same and can be compared.
 */
import { parse as parseLtx } from 'ltx';
import { SaxesParser } from 'saxes';
import { StreamParser } from 'tercet';

export interface Subject {
  readonly name: string;
  /** What it does and does not check. */
  readonly note: string;
  /** Reads stanzas; returns the length of what it read. */
  read(stanzas: readonly string[]): number;
}

type Value = string | null | undefined;

const lengthOf = (...values: Value[]): number =>
  values.reduce((sum: number, value) => sum + (value?.length ?? 0), 0);

export const subjects: readonly Subject[] = [
  {
    name: 'tercet',
    note: 'elements read on demand; all checks of RFC 6120, section 11',
    read: readWithTercet,
  },
  { name: 'ltx', note: 'a tree; few checks, no namespaces', read: readWithLtx },
  {
    name: 'saxes',
    note: 'a tree of its events; well-formedness and namespaces',
    read: readWithSaxes,
  },
  {
    name: 'DOMParser',
    note: "the browser's own, a document a stanza; well-formedness and namespaces",
    read: readWithBrowser,
  },
];

function readWithTercet(stanzas: readonly string[]): number {
  const parser = new StreamParser({ framing: 'websocket' });
  let sum = 0;
  for (const source of stanzas) {
    for (const event of parser.feed(source)) {
      if (event.type !== 'stanza') continue;
      const { stanza } = event;
      sum += lengthOf(
        stanza.name,
        stanza.attr('to'),
        stanza.attr('from'),
        stanza.attr('type'),
        stanza.attr('id'),
        stanza.child('body')?.text,
      );
    }
  }
  parser.close();
  return sum;
}

function readWithLtx(stanzas: readonly string[]): number {
  let sum = 0;
  for (const source of stanzas) {
    const stanza = parseLtx(source);
    const { to, from, type, id } = stanza.attrs;
    sum += lengthOf(stanza.name, to, from, type, id, stanza.getChildText('body'));
  }
  return sum;
}

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, { readonly value: string } | undefined>>;
  readonly children: (Node | string)[];
}

function readWithSaxes(stanzas: readonly string[]): number {
  let sum = 0;
  const open: Node[] = [];
  const parser = new SaxesParser({ xmlns: true, fragment: true });
  parser.on('opentag', ({ local, attributes }) => {
    const node: Node = { name: local, attributes, children: [] };
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  parser.on('text', (text) => {
    open.at(-1)?.children.push(text);
  });
  parser.on('closetag', () => {
    const node = open.pop();
    if (node === undefined || open.length > 0) return;
    const { to, from, type, id } = node.attributes;
    const body = node.children.find((child) => typeof child !== 'string' && child.name === 'body');
    const texts = typeof body === 'object' ? body.children : [];
    const text = texts.filter((child) => typeof child === 'string').join('');
    sum += lengthOf(node.name, to?.value, from?.value, type?.value, id?.value, text);
  });
  for (const source of stanzas) parser.write(source);
  return sum;
}

function readWithBrowser(stanzas: readonly string[]): number {
  const parser = new DOMParser();
  let sum = 0;
  for (const source of stanzas) {
    const stanza = parser.parseFromString(source, 'text/xml').documentElement;
    const body = Array.from(stanza.children).find(({ localName }) => localName === 'body');
    sum += lengthOf(
      stanza.localName,
      stanza.getAttribute('to'),
      stanza.getAttribute('from'),
      stanza.getAttribute('type'),
      stanza.getAttribute('id'),
      body?.textContent,
    );
  }
  return sum;
}
