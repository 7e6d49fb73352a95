/*
 * Prefixes in scope and the checks of a start tag (Namespaces in XML 1.0, sections 3, 5, 6).
 *
 * The order of the checks is that of the design note: each declaration in document order, the element's
 * prefix, the attributes' prefixes, then duplicates. Two bindings need no declaration: xml and xmlns.
 */

import { Fault } from './faults.js';

export interface Attribute {
  readonly name: string;
  readonly at: number;
  readonly value: string;
}

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';

export const isDeclaration = (name: string): boolean =>
  name === 'xmlns' || name.startsWith('xmlns:');

/** The prefix that a declaration binds, '' for the default namespace. */
const declaredPrefix = (name: string): string => name.slice('xmlns:'.length);

function prefixOf(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? '' : name.slice(0, colon);
}

export class Scopes {
  readonly #bindings = new Map<string, string[]>();
  readonly #limit: number;
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Checks a start tag at its `>`, brings its declarations into scope and returns the element's
   * namespace. `leave` with the same attributes takes them out again.
   */
  enter(name: string, at: number, attributes: readonly Attribute[]): string {
    for (const attribute of attributes) {
      if (isDeclaration(attribute.name)) this.#declare(attribute);
    }
    if (prefixOf(name) === 'xmlns') throw new Fault('xml-prefix-reserved', at);
    const namespace = this.#resolve(name, at);
    this.#checkAttributes(attributes);
    return namespace;
  }

  leave(attributes: readonly Attribute[]): void {
    for (const attribute of attributes) {
      if (!isDeclaration(attribute.name)) continue;
      this.#bindings.get(declaredPrefix(attribute.name))?.pop();
      this.#count -= 1;
    }
  }

  #declare({ name, at, value }: Attribute): void {
    const prefix = declaredPrefix(name);
    const isXml = prefix === 'xml';
    const bindsXml = value === xmlNamespace;
    if (prefix === 'xmlns' || value === xmlnsNamespace || isXml !== bindsXml) {
      throw new Fault('xml-prefix-reserved', at);
    }
    if (prefix !== '' && value === '') throw new Fault('xml-prefix-undeclaring', at);
    this.#count += 1;
    if (this.#count > this.#limit) throw new Fault('limit-namespaces', at);
    const stack = this.#bindings.get(prefix);
    if (stack === undefined) this.#bindings.set(prefix, [value]);
    else stack.push(value);
  }

  /** The namespace of a qualified name; without a prefix, the default namespace. */
  #resolve(name: string, at: number): string {
    const prefix = prefixOf(name);
    if (prefix === 'xml') return xmlNamespace;
    const bound = this.#bindings.get(prefix)?.at(-1);
    if (bound !== undefined) return bound;
    if (prefix === '') return '';
    throw new Fault('xml-prefix-undeclared', at);
  }

  #checkAttributes(attributes: readonly Attribute[]): void {
    // The expanded name of an attribute without a prefix is in no namespace, so it can only be a
    // duplicate of the same qualified name, and so can a declaration.
    const expandedNames: string[] = [];
    for (const { name, at } of attributes) {
      const prefix = isDeclaration(name) ? '' : prefixOf(name);
      expandedNames.push(
        prefix === '' ? '' : `${name.slice(prefix.length + 1)} ${this.#resolve(name, at)}`,
      );
    }
    const names = new Set<string>();
    const expanded = new Set<string>();
    attributes.forEach(({ name, at }, index) => {
      if (names.has(name)) throw new Fault('xml-duplicate-attribute', at);
      names.add(name);
      const full = expandedNames[index] ?? '';
      if (full === '') return;
      if (expanded.has(full)) throw new Fault('xml-duplicate-expanded-name', at);
      expanded.add(full);
    });
  }
}
