/*
 * Stamps of stanzas that were kept for a while (XEP-0203, with the times of XEP-0082).
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { NS } from '../namespaces.js';

/** `from` is who kept it, `date` when it came: milliseconds since 1970. */
export const delay = (date: number, from: string): Element =>
  xml('delay', { xmlns: NS.delay, from, stamp: new Date(date).toISOString() });
