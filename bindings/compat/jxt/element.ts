/*
 * The XMLElement of stanza's jxt: the same fields in the same order, the same methods, mutable.
 *
 * Differences: `xmlns=''` undeclares the default namespace; walks up and down a tree use no
 * recursion; what is written reads back as the same values (a CR, and in attributes a tab or LF, is
 * a reference), and what no XML can hold is a UsageError.
 */
import { writtenText, writtenValue } from '../ltx/builder.js';
import { put } from '../attributes.js';

/** Undefined values are not written. */
export type Attributes = Record<string, string | undefined>;

/** An element as plain data. */
export interface JSONElement {
  name: string;
  children: (JSONElement | string)[];
  attributes: Attributes;
}

type Nullable = string | null | undefined;

export class XMLElement {
  name: string;
  parent: XMLElement | undefined;
  children: (XMLElement | string)[];
  attributes: Attributes;
  /** Namespaces to prefixes that may be used for them. */
  optionalNamespaces: Record<string, string>;

  /** `attributes` becomes the element's own; `children` are copied. */
  constructor(
    name: string,
    attributes: Attributes = {},
    children: readonly (XMLElement | JSONElement | string)[] = [],
  ) {
    this.name = name;
    this.attributes = attributes;
    this.children = [];
    this.optionalNamespaces = {};
    if (children.length > 0) copyChildren(this, children);
  }

  /** The name without its prefix. */
  getName(): string {
    return this.name.substring(this.name.indexOf(':') + 1);
  }

  /** The namespace, '' for none. */
  getNamespace(): string {
    const colon = this.name.indexOf(':');
    return declared(this, colon < 0 ? 'xmlns' : `xmlns:${this.name.substring(0, colon)}`);
  }

  /** Namespaces that have prefixes in scope, to these prefixes. */
  getNamespaceContext(): Record<string, string> {
    const namespaces: Record<string, string> = {};
    for (const { attributes } of withParents(this).reverse()) {
      for (const [name, uri] of Object.entries(attributes)) {
        if (name.startsWith('xmlns:') && uri !== undefined) put(namespaces, uri, name.substring(6));
      }
    }
    return namespaces;
  }

  getDefaultNamespace(): string {
    return declared(this, 'xmlns');
  }

  /** The uppermost element that declares a prefix for the namespace, or may. */
  getNamespaceRoot(namespace: string): XMLElement | undefined {
    return withParents(this).findLast(
      ({ attributes, optionalNamespaces }) =>
        Object.hasOwn(optionalNamespaces, namespace) ||
        Object.entries(attributes).some(
          ([name, uri]) => name.startsWith('xmlns:') && uri === namespace,
        ),
    );
  }

  /** An attribute; with a namespace, the one whose prefix stands for it. */
  getAttribute(name: string, xmlns?: Nullable): string | undefined {
    if (!xmlns) return this.attributes[name];
    const prefix = (this.getNamespaceContext() as Attributes)[xmlns];
    return prefix ? this.attributes[`${prefix}:${name}`] : undefined;
  }

  getChild(name: string, xmlns?: Nullable): XMLElement | undefined {
    return this.getChildren(name, xmlns)[0];
  }

  getChildren(name: string, xmlns?: Nullable): XMLElement[] {
    return this.children.filter(
      (child): child is XMLElement =>
        typeof child !== 'string' &&
        child.getName() === name &&
        (!xmlns || child.getNamespace() === xmlns),
    );
  }

  /** The texts among the children, joined. */
  getText(): string {
    return this.children.filter((child) => typeof child === 'string').join('');
  }

  appendChild<Child extends XMLElement | string>(child: Child): Child {
    this.children.push(child);
    if (typeof child !== 'string') child.parent = this;
    return child;
  }

  /** Sets an attribute; an empty value removes it, unless `force` is true. */
  setAttribute(attr: string, val: Nullable, force = false): void {
    const isEmpty = val === undefined || val === null || (val === '' && !force);
    put<string | undefined>(this.attributes, attr, isEmpty ? undefined : val);
  }

  addOptionalNamespace(prefix: string, namespace: string): void {
    put(this.optionalNamespaces, namespace, prefix);
  }

  /** Declares a prefix for a namespace, the optional one if there is one, and returns it. */
  useNamespace(prefix: string, namespace: string): string {
    const known = Object.hasOwn(this.optionalNamespaces, namespace);
    const used = known ? this.optionalNamespaces[namespace] : prefix;
    this.setAttribute(`xmlns:${used}`, namespace);
    return used;
  }

  toJSON(): JSONElement {
    const result = jsonOf(this);
    const waiting: [XMLElement, JSONElement][] = [[this, result]];
    for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
      const [element, json] = pair;
      for (const child of element.children) {
        // Empty texts, and what is no child at all, are left out.
        if (!child) continue;
        const copy = typeof child === 'string' ? child : jsonOf(child);
        json.children.push(copy);
        if (typeof child !== 'string' && typeof copy !== 'string') waiting.push([child, copy]);
      }
    }
    return result;
  }

  /** The element as XML. Throws UsageError for a value that no XML can hold. */
  toString(): string {
    let source = this.openTag(true);
    const open = this.children.length === 0 ? [] : [{ element: this as XMLElement, next: 0 }];
    for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
      const { element } = frame;
      if (frame.next === element.children.length) {
        source += element.closeTag();
        open.pop();
        continue;
      }
      const child = element.children[frame.next++];
      if (typeof child === 'string') {
        source += writtenText(child);
      } else if (child as XMLElement | undefined) {
        source += child.openTag(true);
        if (child.children.length > 0) open.push({ element: child, next: 0 });
      }
    }
    return source;
  }

  /** The start tag; that of an empty element if `allowSelfClose` is true and there are no children. */
  openTag(allowSelfClose = false): string {
    let source = `<${this.name}`;
    for (const [name, value] of Object.entries(this.attributes)) {
      if (value !== undefined) source += ` ${name}="${writtenValue(value)}"`;
    }
    return allowSelfClose && this.children.length === 0 ? `${source}/>` : `${source}>`;
  }

  closeTag(): string {
    return `</${this.name}>`;
  }
}

function jsonOf({ name, attributes }: XMLElement): JSONElement {
  const values = Object.entries(attributes).filter(
    ([, value]) => value !== undefined && (value as string | null) !== null,
  );
  return { attributes: Object.fromEntries(values), children: [], name };
}

function copyChildren(
  parent: XMLElement,
  children: readonly (XMLElement | JSONElement | string)[],
): void {
  const waiting = [{ element: parent, children }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const child of next.children) {
      if (typeof child === 'string') {
        next.element.children.push(child);
        continue;
      }
      const element = new XMLElement(child.name, child.attributes);
      next.element.appendChild(element);
      waiting.push({ element, children: child.children });
    }
  }
}

/** An element and its parents, the root last. */
function withParents(element: XMLElement): XMLElement[] {
  const chain: XMLElement[] = [];
  for (let each: XMLElement | undefined = element; each; each = each.parent) chain.push(each);
  return chain;
}

/** The nearest declaration, '' where there is none; only the default namespace can be undeclared. */
function declared(element: XMLElement, attribute: string): string {
  // Bounded by the depth of the element.
  for (let each: XMLElement | undefined = element; each; each = each.parent) {
    const value = each.attributes[attribute];
    if (value !== undefined && (value !== '' || attribute === 'xmlns')) return value;
  }
  return '';
}
