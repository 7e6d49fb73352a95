/*
 * Stanzas as trees of expanded names, for comparing what went into a stream with what came out of another: prefixes and
 * places of declarations do not count, namespaces do.
 */
import { StreamParser, parse, type Element } from 'tercet';

/** Name in braces notation, attributes in order of their names, children. */
export interface Tree {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Tree | string)[];
}

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';

/** `rename` is applied to namespaces. */
export function treeOf(
  element: Element,
  rename: (ns: string) => string = (ns) => ns,
  scope: Readonly<Record<string, string>> = { xml: xmlNamespace },
): Tree {
  const inner: Record<string, string> = { ...scope };
  for (const [name, value] of Object.entries(element.attrs)) {
    if (name.startsWith('xmlns:')) inner[name.slice(6)] = value ?? '';
  }
  const attributes: Record<string, string> = {};
  for (const name of Object.keys(element.attrs)) {
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue;
    const colon = name.indexOf(':');
    const expanded =
      colon < 0 ? name : `{${rename(inner[name.slice(0, colon)] ?? '?')}}${name.slice(colon + 1)}`;
    attributes[expanded] = element.attrs[name] ?? '';
  }
  return {
    name: `{${rename(element.ns)}}${element.name}`,
    attributes: sorted(attributes),
    children: element.children.map((child) =>
      typeof child === 'string' ? child : treeOf(child, rename, inner),
    ),
  };
}

/** In the order of their names. */
export const sorted = (attributes: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The prefixes that the header of a stream declares. */
export function prefixesOf(header: Element): Record<string, string> {
  const scope: Record<string, string> = { xml: xmlNamespace };
  for (const [name, value] of Object.entries(header.attrs)) {
    if (name.startsWith('xmlns:')) scope[name.slice(6)] = value ?? '';
  }
  return scope;
}

/** Reads the header of a stream and what follows it: header, stanzas. Throws for what is refused. */
export function readStream(source: string): { header: Element; stanzas: Element[] } {
  let header: Element | undefined;
  const stanzas: Element[] = [];
  const parser = new StreamParser();
  for (const event of parser.feed(source)) {
    if (event.type === 'open') header = event.header;
    else if (event.type === 'stanza') stanzas.push(event.stanza);
    else if (event.type === 'error') throw event.error;
  }
  parser.close();
  if (header === undefined) throw new Error('no header');
  return { header, stanzas };
}

/** Reads one element that stands alone. */
export const readFrame = (source: string): Element => parse(source);
