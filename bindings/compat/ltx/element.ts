/*
 * The Element of ltx: the same fields in the same order, the same methods, all of it mutable.
 *
 * Differences: `xmlns=''` undeclares the default namespace (Namespaces in XML 1.0, section 6.2), so
 * `getNS()` is '' there; an attribute may be called `__proto__`; walks up and down a tree use no
 * recursion, so that no depth overflows the stack; what is written reads back as the same values.
 * Elements of other copies of ltx may be children: they are told by their methods, not their class.
 */
import { put } from '../attributes.js';
import { writtenText, writtenValue } from './escape.js';

/** What may stand among the children; users of ltx also put numbers there. */
export type Child = Element | string | number | null | undefined;

/** Names as written to values; null and undefined are not written. */
export type Attrs = Record<string, unknown>;

type Writer = (piece: string) => void;

export class Element {
  // Declared, so that the constructor alone makes them, in this order.
  /** As written, with its prefix. */
  declare name: string;
  declare parent: Element | null;
  declare children: Child[];
  /** Strings from a parser; a program may put there whatever has a text. */
  declare attrs: Record<string, string>;

  /**
   * `attrs` is copied; a string is the default namespace.
   *
   *     new Element('body', { 'xml:lang': 'it' }).t('Ciao').toString()
   *     // '<body xml:lang="it">Ciao</body>'
   */
  constructor(name: string, attrs?: Attrs | string | null) {
    this.name = name;
    this.parent = null;
    this.children = [];
    if (attrs === undefined || attrs === null) {
      this.attrs = {};
    } else if (typeof attrs === 'object' && (this as Methods).setAttrs === own.setAttrs) {
      // Half the cost of setting one after the other; `__proto__` is copied like any other.
      this.attrs = { ...(attrs as Record<string, string>) };
    } else {
      this.attrs = {};
      this.setAttrs(attrs);
    }
  }

  /** Whether the local name, and the namespace if one is given, are these. */
  is(name: string, xmlns?: string | null): boolean {
    return this.getName() === name && (!xmlns || this.getNS() === xmlns);
  }

  /** The name without its prefix. */
  getName(): string {
    return this.name.substring(this.name.indexOf(':') + 1);
  }

  /** The namespace, '' where `xmlns=''` says that there is none, undefined where nothing says. */
  getNS(): string | undefined {
    const colon = this.name.indexOf(':');
    return this.findNS(colon < 0 ? undefined : this.name.substring(0, colon));
  }

  /** The namespace of a prefix, or the default one, as declared here or in a parent. */
  findNS(prefix?: string | null): string | undefined {
    return declared(this, prefix ? `xmlns:${prefix}` : 'xmlns', prefix);
  }

  /** Namespaces in scope, as `{ uri: prefix }`, '' for the default one. */
  getXmlns(): Record<string, string> {
    const namespaces: Record<string, string> = {};
    for (const { attrs } of withParents(this).reverse()) {
      for (const name of Object.keys(attrs)) {
        if (name === 'xmlns') put(namespaces, attrs[name], '');
        else if (name.startsWith('xmlns:')) put(namespaces, attrs[name], name.substring(6));
      }
    }
    return namespaces;
  }

  /** Adds attributes; a string is the default namespace. */
  setAttrs(attrs?: Attrs | string | null): void {
    if (typeof attrs === 'string') {
      this.attrs.xmlns = attrs;
    } else if (attrs) {
      for (const name of Object.keys(attrs)) put<unknown>(this.attrs, name, attrs[name]);
    }
  }

  /** An attribute; with a namespace, the one whose prefix stands for it, null if none does. */
  getAttr(name: string, xmlns?: string | null): string | null | undefined {
    if (!xmlns) return this.attrs[name];
    const prefix = (this.getXmlns() as Record<string, string | undefined>)[xmlns];
    return prefix ? this.attrs[`${prefix}:${name}`] : null;
  }

  getChild(name: string, xmlns?: string | null): Element | undefined {
    // Who replaces the other method changes this one as well.
    if ((this as Methods).getChildren !== own.getChildren) {
      return this.getChildren(name, xmlns)[0];
    }
    for (const child of this.children) {
      if (isNamed(child, name) && (!xmlns || child.getNS() === xmlns)) return child;
    }
    return undefined;
  }

  getChildren(name: string, xmlns?: string | null): Element[] {
    return this.children.filter(
      (child): child is Element => isNamed(child, name) && (!xmlns || child.getNS() === xmlns),
    );
  }

  getChildByAttr(
    attr: string,
    val: unknown,
    xmlns?: string | null,
    recursive?: boolean | null,
  ): Element | undefined {
    return this.getChildrenByAttr(attr, val, xmlns, recursive)[0];
  }

  /** Children, or all descendants in document order, with an attribute of this value. */
  getChildrenByAttr(
    attr: string,
    val: unknown,
    xmlns?: string | null,
    recursive?: boolean | null,
  ): Element[] {
    return descendants(this, Boolean(recursive)).filter(
      (child): child is Element =>
        hasAttributes(child) && child.attrs[attr] === val && (!xmlns || child.getNS() === xmlns),
    );
  }

  /** Children, or all descendants in document order, that `filter` takes; texts are asked too. */
  getChildrenByFilter(filter: (child: Child) => unknown, recursive?: boolean | null): Child[] {
    return descendants(this, Boolean(recursive)).filter((child) => Boolean(filter(child)));
  }

  /** The texts among the children, joined. */
  getText(): string {
    let text = '';
    for (const child of this.children) {
      if (typeof child === 'string' || typeof child === 'number') text += String(child);
    }
    return text;
  }

  /** The text of the first such child, null if there is none. */
  getChildText(name: string, xmlns?: string | null): string | null {
    const child = this.getChild(name, xmlns);
    return child ? child.getText() : null;
  }

  /** The children that are elements. */
  getChildElements(): Element[] {
    return this.getChildrenByFilter(isElementLike) as Element[];
  }

  /** The uppermost parent, or the element itself. */
  root(): Element {
    return withParents(this).at(-1) ?? this;
  }

  /** The same as `root`. */
  declare tree: () => Element;

  /** The parent, or the element itself. */
  up(): Element {
    return this.parent ?? this;
  }

  /** Adds a new child and returns it. */
  c(name: string, attrs?: Attrs | string | null): Element {
    return this.cnode(new Element(name, attrs));
  }

  /** Adds a child and returns it. */
  cnode<Node extends Child>(child: Node): Node {
    this.children.push(child);
    adopt(this, child);
    return child;
  }

  append(...nodes: Child[]): void {
    for (const node of nodes) {
      this.children.push(node);
      adopt(this, node);
    }
  }

  /** Adds children at the front, one after the other, so that the last is first. */
  prepend(...nodes: Child[]): void {
    for (const node of nodes) {
      this.children.unshift(node);
      adopt(this, node);
    }
  }

  /** Adds a text and returns the element. */
  t(text: string): this {
    this.children.push(text);
    return this;
  }

  /** Removes a child, or all children of a name. */
  remove(el: Child, xmlns?: string | null): this {
    this.children = this.children.filter((child) =>
      typeof el === 'string' ? !(isElementLike(child) && child.is(el, xmlns)) : child !== el,
    );
    return this;
  }

  /** The text; with a value, replaces the only child by it and returns the element. */
  text(): string;
  text(val: string): this | string;
  text(val?: string): this | string {
    if (val && this.children.length === 1) {
      this.children[0] = val;
      return this;
    }
    return this.getText();
  }

  /** An attribute; with a value (null, too), sets it and returns the element. */
  attr(attr: string): string | undefined;
  attr(attr: string, val: unknown): this;
  attr(attr: string, val?: unknown): this | string | undefined {
    if (val === undefined) return this.attrs[attr];
    // Users of ltx may have taken the object away.
    (this as { attrs?: Attrs }).attrs ??= {};
    put<unknown>(this.attrs, attr, val);
    return this;
  }

  /** The element as XML. Throws UsageError for a value that no XML can hold. */
  toString(): string {
    let source = '';
    this.write((piece) => {
      source += piece;
    });
    return source;
  }

  /** Calls `writer` with the element's XML, piece by piece. Throws like toString. */
  write(writer: Writer): void {
    writeTree(this, writer);
  }
}

Object.defineProperty(Element.prototype, 'tree', {
  value: Reflect.get(Element.prototype, 'root'),
  configurable: true,
  writable: true,
  enumerable: false,
});

/** Methods that others may have replaced, in a subclass or for all elements. */
interface Methods {
  readonly setAttrs: unknown;
  readonly getChildren: unknown;
  readonly findNS: unknown;
  readonly write: unknown;
}

const own: Methods = /* @__PURE__ */ methodsOf(Element.prototype);

function methodsOf({ setAttrs, getChildren, findNS, write }: Methods): Methods {
  return { setAttrs, getChildren, findNS, write };
}

function adopt(parent: Element, child: Child): void {
  if (typeof child === 'object' && child !== null) child.parent = parent;
}

function isWriter(child: unknown): child is { write(this: unknown, writer: Writer): void } {
  return typeof (child as { write?: unknown }).write === 'function';
}

/** Whether a child has the methods of an element. */
export function isElementLike(child: unknown): child is Element {
  return (
    typeof child === 'object' &&
    child !== null &&
    typeof (child as { getName?: unknown }).getName === 'function'
  );
}

/** Children that are plain objects with attributes count where attributes are looked for. */
function hasAttributes(child: unknown): child is Element {
  return (
    typeof child === 'object' && child !== null && Boolean((child as { attrs?: unknown }).attrs)
  );
}

function isNamed(child: unknown, name: string): child is Element {
  return isElementLike(child) && child.getName() === name;
}

/** The children, or what is below them too, in document order. */
function descendants(element: Element, recursive: boolean): Child[] {
  if (!recursive) return [...element.children];
  const found: Child[] = [];
  const waiting: Child[] = element.children.toReversed();
  while (waiting.length > 0) {
    const child = waiting.pop();
    found.push(child);
    if (!isElementLike(child)) continue;
    for (let index = child.children.length - 1; index >= 0; index--) {
      waiting.push(child.children[index]);
    }
  }
  return found;
}

/** The start tag, also of an element of another class. */
export function startTag(element: Element, isEmpty: boolean): string {
  const attrs = element.attrs as Record<string, string | number | null | undefined>;
  let source = `<${element.name}`;
  for (const key of Object.keys(attrs)) {
    const value = attrs[key];
    if (value === null || value === undefined) continue;
    source += ` ${key}="${writtenValue(String(value))}"`;
  }
  return isEmpty ? `${source}/>` : `${source}>`;
}

/** An element and its parents, the root last. */
function withParents(element: Element): Element[] {
  const chain: Element[] = [];
  for (let each: Element | null = element; each; each = each.parent) chain.push(each);
  return chain;
}

/** The nearest declaration; only the default namespace can be undeclared. */
function declared(element: Element, attribute: string, prefix?: string | null): string | undefined {
  // Bounded by the depth of the element.
  for (let each: Element | null = element; each; each = each.parent) {
    // A parent of another class may know more.
    if (each !== element && (each as Methods).findNS !== own.findNS) return each.findNS(prefix);
    const value = (each.attrs as Attrs)[attribute] as string | null | undefined;
    // Whatever a program has put there, the text of an address for example.
    if (value || (value === '' && attribute === 'xmlns')) return value;
  }
  return undefined;
}

function writeTree(root: Element, writer: Writer): void {
  /** The elements that are open, and the child that comes next in each. */
  const open: { readonly element: Element; next: number }[] = [];
  let element: Element | undefined = root;
  for (;;) {
    if (element !== undefined) {
      const { length } = element.children;
      writer(startTag(element, length === 0));
      if (length > 0) open.push({ element, next: 0 });
      element = undefined;
    }
    const frame = open.at(-1);
    if (frame === undefined) return;
    const { children, name } = frame.element;
    if (frame.next >= children.length) {
      writer(`</${name}>`);
      open.pop();
      continue;
    }
    const child = children[frame.next++];
    if (child === null || child === undefined) continue;
    if (typeof child === 'string') writer(writtenText(child));
    else if (!isWriter(child)) writer(writtenText(String(child)));
    // An element that writes itself in another way is asked to.
    else if ((child as Methods).write === own.write) element = child;
    else child.write(writer);
  }
}
