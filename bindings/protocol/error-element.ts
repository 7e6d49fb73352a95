/*
 * What an error of the peer's says, whatever else stands in it: its condition, and its words for people
 * (RFC 6120, sections 4.9.2, 6.5 and 8.3.2; XEP-0388). Their order is not to be relied on.
 */
import type { Element } from '../element.js';

/** Text is kept to so many characters: it is for a log or a line on a screen. */
const maxTextLength = 1024;

/** The element that names the condition, of the conditions' namespace. */
export const conditionElement = (error: Element | undefined, ns: string): Element | undefined =>
  error?.elements().find((child) => child.ns === ns && child.name !== 'text');

/** The name of the condition; undefined where none is named. */
export const conditionOf = (error: Element | undefined, ns: string): string | undefined =>
  conditionElement(error, ns)?.name;

/** The words, '' where there are none. */
export const wordsOf = (error: Element | undefined): string =>
  error?.child('text')?.text.slice(0, maxTextLength) ?? '';
