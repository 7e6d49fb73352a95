/*
 * What the stanzas of a stream have from its header (RFC 6120, section 4.8): its default namespace, its prefixes and its
 * language, as the core wants to be told of them when a seat is bound (assembly/router/prefixes.ts).
 */
import type { Element } from '../element.js';
import { NS } from '../namespaces.js';
import { escapeValue } from '../escape.js';

/** Prefix and namespace; the prefix of the default is ''. */
type Declaration = readonly [string, string];

export type Scope = readonly Declaration[];

const encoder = /* @__PURE__ */ new TextEncoder();

/** RFC 7395: nothing is declared around a frame. */
export const frameScope: Scope = [];

/** What a header declares; without one, that of a stream with the content namespace as its default. */
export function scopeOf(header: Element | undefined, content: string): Scope {
  if (header === undefined) return [['', content]];
  const scope: Declaration[] = [];
  for (const [name, value = ''] of Object.entries(header.attrs)) {
    if (name === 'xmlns') scope.push(['', value]);
    else if (name.startsWith('xmlns:')) scope.push([name.slice(6), value]);
  }
  return scope;
}

/** ` xml:lang='...'` */
export function languageOf(header: Element | undefined): string {
  const language = header?.attr('xml:lang');
  return language === undefined ? '' : ` xml:lang='${escapeValue(language)}'`;
}

/** A stream header with nothing but its namespaces. */
export function headerOf(scope: Scope): string {
  let source = '<stream:stream';
  if (!scope.some(([prefix]) => prefix === 'stream')) source += textOf('stream', NS.streams);
  for (const [prefix, namespace] of scope) source += textOf(prefix, namespace);
  return `${source}>`;
}

/** Prefixes, and a default that is not the content namespace: bytes of the prefix, two of length, the declaration. */
export function packed(scope: Scope, content: string): Uint8Array {
  const pieces: number[] = [];
  for (const [prefix, namespace] of scope) {
    if (prefix === '' && namespace === content) continue;
    const bytes = encoder.encode(textOf(prefix, namespace));
    pieces.push(encoder.encode(prefix).length, bytes.length & 0xff, bytes.length >>> 8, ...bytes);
  }
  return Uint8Array.from(pieces);
}

const textOf = (prefix: string, namespace: string): string =>
  ` xmlns${prefix === '' ? '' : ':'}${prefix}='${escapeValue(namespace)}'`;
