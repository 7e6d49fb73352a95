/*
 * Stream management as XML (XEP-0198): what both sides write and read. Counts are decimal numbers below
 * 2^32; a boolean is `true` or `1`.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { NS } from '../namespaces.js';
import type { StanzaCondition } from './stanza-error.js';

const xmlns = NS.streamManagement;

/** A count as it is written, or undefined where it is none. */
export function readCount(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined;
  const count = Number(text);
  return count < 2 ** 32 ? count : undefined;
}

export interface EnableRequest {
  readonly wantsResume: boolean;
  /** undefined: it leaves the time to the server. */
  readonly maxSeconds: number | undefined;
}

export function readEnable(element: Element): EnableRequest {
  const resume = element.attr('resume');
  return {
    wantsResume: resume === 'true' || resume === '1',
    maxSeconds: readCount(element.attr('max')),
  };
}

export interface ResumeRequest {
  readonly id: string;
  readonly h: number;
}

/** undefined: it does not say which session, or what was handled of it. */
export function readResume(element: Element): ResumeRequest | undefined {
  const id = element.attr('previd');
  const h = readCount(element.attr('h'));
  return id && h !== undefined ? { id, h } : undefined;
}

export const writeRequest = (): Element => xml('r', { xmlns });

export const writeAck = (h: number): Element => xml('a', { xmlns, h });

export const writeEnable = (wantsResume: boolean, maxSeconds?: number): Element =>
  xml('enable', { xmlns, resume: wantsResume ? 'true' : undefined, max: maxSeconds });

export function writeEnabled(id?: string, maxSeconds?: number, location?: string): Element {
  if (!id) return xml('enabled', { xmlns });
  return xml('enabled', { xmlns, id, resume: 'true', max: maxSeconds, location });
}

export const writeResume = (id: string, h: number): Element =>
  xml('resume', { xmlns, previd: id, h });

export const writeResumed = (id: string, h: number): Element =>
  xml('resumed', { xmlns, previd: id, h });

export const writeFailed = (condition: StanzaCondition, h?: number): Element =>
  xml('failed', { xmlns, h }, xml(condition, { xmlns: NS.stanzas }));

/** The peer acknowledged more than it was sent (XEP-0198, section 6). */
export const writeCountTooHigh = (h: number, sentCount: number): Element =>
  xml('handled-count-too-high', { xmlns, h, 'send-count': sentCount });
