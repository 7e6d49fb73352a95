/*
 * Elements from a program: the function that JSX calls, and the template tag.
 */
import { Element, type Child } from './element.js';
import { escapeXML } from './escape.js';
import { parse } from './parser.js';

/** What stands between the tags in JSX; nothing for null, undefined, booleans and ''. */
export type ChildInput = Child | boolean | readonly ChildInput[];

/**
 * Builds an element; use it as the pragma of JSX.
 *
 *     createElement('a', { b: 1, c: null }, 'x', [createElement('d')]).toString()
 *     // '<a b="1">x<d/></a>'
 *
 * Values become text; those that are null or undefined are left out. Lists of children are
 * flattened. Unlike the original it leaves the object of attributes as it is.
 */
export function createElement(
  name: string,
  attrs?: Readonly<Record<string, unknown>> | string | null,
  ...children: readonly ChildInput[]
): Element {
  if (typeof attrs !== 'object' || attrs === null) {
    return filled(new Element(name, attrs), children);
  }
  const values = Object.entries(attrs)
    // Compilers of JSX add these two while a program is developed.
    .filter(([key]) => key !== '__self' && key !== '__source')
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => [key, String(value)] as const);
  return filled(new Element(name, Object.fromEntries(values)), children);
}

function filled(element: Element, children: readonly ChildInput[]): Element {
  // Lists inside lists wait here, the innermost last.
  const waiting: { readonly list: readonly ChildInput[]; next: number }[] = [
    { list: children, next: 0 },
  ];
  for (let frame = waiting.at(-1); frame !== undefined; frame = waiting.at(-1)) {
    if (frame.next === frame.list.length) {
      waiting.pop();
      continue;
    }
    const child = frame.list[frame.next++];
    if (isList(child)) waiting.push({ list: child, next: 0 });
    else if (child !== '' && typeof child !== 'boolean' && child !== null && child !== undefined)
      element.cnode(child);
  }
  return element;
}

function isList(child: ChildInput): child is readonly ChildInput[] {
  return Array.isArray(child);
}

/**
 * The text of a template, with what is put in escaped.
 *
 *     tagString`<a b="${'<'}"/>`   // '<a b="&lt;"/>'
 */
export function tagString(
  literals: readonly string[],
  ...substitutions: readonly (string | number)[]
): string {
  return literals.reduce(
    (source, literal, index) => source + escapeXML(String(substitutions[index - 1])) + literal,
  );
}

/** The element of a template; throws like parse. */
export function tag(
  literals: readonly string[],
  ...substitutions: readonly (string | number)[]
): Element {
  return parse(tagString(literals, ...substitutions));
}
