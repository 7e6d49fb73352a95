/*
 * Elements from a program: the builder that users of xmpp.js know.
 */
import { bareObject } from './bare-object.js';
import { prefixPart, localPart } from './document.js';
import { Element, knownPrefixes, type Attributes, type Child } from './element.js';
import { echo, UsageError } from './errors.js';
import { NS } from './namespaces.js';
import { checkedName } from './xml-name.js';

/** What may stand between the parentheses of `xml`: nothing at all for null, undefined and booleans. */
export type ChildInput =
  Element | string | number | bigint | boolean | null | undefined | readonly ChildInput[];

/** Attributes for `xml`; those without a value are left out. */
export type AttributesInput = Readonly<
  Record<string, string | number | bigint | boolean | null | undefined>
>;

/**
 * Builds an element.
 *
 *     xml('message', { to: 'juliet@example.com' }, xml('body', {}, 'Hi & bye')).toString()
 *     // '<message to="juliet@example.com"><body>Hi &amp; bye</body></message>'
 *
 * `name` may have a prefix, which `attrs` declares; `stream`, `db` and `xml` need no declaration.
 * An element without `xmlns` takes the default namespace of the element it is put into. Attributes
 * that are undefined or null are left out, numbers become text, lists of children are flattened.
 * Throws UsageError for what is not a name, for values that are no text, and for forbidden namespace
 * declarations.
 */
export function xml(
  name: string,
  attrs?: AttributesInput | null,
  ...children: readonly ChildInput[]
): Element {
  checkedName(name);
  const attributes = bareObject() as Record<string, string>;
  if (attrs !== undefined && attrs !== null) {
    if (typeof attrs !== 'object') throw new UsageError('attrs is not an object');
    for (const key of Object.keys(attrs)) {
      const value = attrs[key];
      if (value === undefined || value === null) continue;
      if (isNoText(value)) throw new UsageError(`the attribute ${key} is not a text or a number`);
      attributes[checkedName(key)] = String(value);
      if (key === 'xmlns') checkDeclaration('', attributes[key]);
      else if (key.startsWith('xmlns:')) checkDeclaration(key.substring(6), attributes[key]);
    }
  }
  const prefix = prefixPart(name);
  const own = (attributes as Attributes).xmlns;
  let ns = own;
  if (prefix !== '') {
    ns = (attributes as Attributes)[`xmlns:${prefix}`] ?? knownPrefixes[prefix];
    if (ns === undefined) {
      throw new UsageError(`the prefix ${prefix} is not declared: give xmlns:${prefix}`);
    }
  }
  return Element.build(localPart(name), ns, attributes, {
    prefix,
    defaultNamespace: own,
    children: normalised(children),
  });
}

/** Children without nesting, without what is nothing, and without adjacent or empty texts. */
function normalised(inputs: readonly ChildInput[]): readonly Child[] {
  const children: Child[] = [];
  // Lists inside lists wait here, the innermost last.
  const waiting: { readonly list: readonly ChildInput[]; index: number }[] = [
    { list: inputs, index: 0 },
  ];
  for (let frame = waiting.at(-1); frame !== undefined; frame = waiting.at(-1)) {
    if (frame.index === frame.list.length) {
      waiting.pop();
      continue;
    }
    const input = frame.list[frame.index++];
    if (input === undefined || input === null || typeof input === 'boolean') continue;
    if (isList(input)) {
      waiting.push({ list: input, index: 0 });
    } else if (input instanceof Element) {
      children.push(input);
    } else if (typeof input === 'object' || isNoText(input)) {
      throw new UsageError('a child is an element, a text, a number or a list of these');
    } else {
      const text = String(input);
      const last = children.at(-1);
      if (typeof last === 'string') children[children.length - 1] = last + text;
      else if (text !== '') children.push(text);
    }
  }
  return children;
}

/** What String() would turn into source text or a description. */
function isNoText(value: unknown): boolean {
  return typeof value === 'function' || typeof value === 'symbol';
}

function isList(input: ChildInput): input is readonly ChildInput[] {
  return Array.isArray(input);
}

/** Throws UsageError for declarations that Namespaces in XML 1.0, section 3 forbids. */
function checkDeclaration(prefix: string, uri: string): void {
  if (prefix === 'xmlns' || uri === NS.xmlns) {
    throw new UsageError('the prefix xmlns and its namespace cannot be declared');
  }
  if ((prefix === 'xml') !== (uri === NS.xml)) {
    throw new UsageError('the prefix xml and its namespace belong to each other');
  }
  if (prefix !== '' && uri === '') {
    throw new UsageError(`the prefix ${echo(prefix)} cannot be undeclared`);
  }
}
