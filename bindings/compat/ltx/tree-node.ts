/*
 * Elements for parsers. A parser has made the attributes itself, so it needs no copy of them: a
 * constructor that shares the prototype of a class sets the four fields and nothing else. What it
 * makes is an instance of that class by every test (`instanceof`, `constructor`, own fields and their
 * order), at a fraction of the cost (design note 051).
 *
 * Only where nobody can see the difference: a subclass, and a class whose methods for building were
 * replaced, have their constructor and these methods called instead, as the originals call them.
 */
import type { Attributes } from '../attributes.js';
import { Element, type Child } from './element.js';

/** A class of elements: this one, ltx's own of either module format, or a subclass. */
export type ElementClass = new (name: string, attrs?: Attributes) => Element;

/** Makes an element without parent, which takes `attrs` and `children` over. */
export type NodeMaker = (name: string, attrs: Attributes, children: Child[]) => Element;

interface Node {
  name: string;
  parent: null;
  children: Child[];
  attrs: Attributes;
}

/** What the originals call while they build a tree. */
type BuilderMethods = Pick<Element, 'setAttrs' | 'cnode' | 'append' | 't'>;

interface PlainClass {
  readonly make: NodeMaker;
  readonly methods: BuilderMethods;
}

/** Classes that were met; undefined for those that are not plain. */
const classes = new WeakMap<ElementClass, PlainClass | undefined>();
const ownClass: PlainClass = /* @__PURE__ */ plainClass(Element);

/** Makes what the constructor of a class makes; undefined where constructor or methods must be called. */
export function makerOf(type: ElementClass): NodeMaker | undefined {
  let plain: PlainClass | undefined = ownClass;
  if (type !== Element) {
    plain = classes.get(type);
    if (plain === undefined && !classes.has(type)) {
      plain = isPlain(type) ? plainClass(type) : undefined;
      classes.set(type, plain);
    }
    if (plain === undefined) return undefined;
  }
  const { methods, make } = plain;
  const { prototype } = type as { readonly prototype: BuilderMethods };
  const isUnchanged =
    prototype.setAttrs === methods.setAttrs &&
    prototype.cnode === methods.cnode &&
    prototype.append === methods.append &&
    prototype.t === methods.t;
  return isUnchanged ? make : undefined;
}

function plainClass(type: ElementClass): PlainClass {
  // One constructor a class, so that its elements have one hidden class.
  function made(this: Node, name: string, attrs: Attributes, children: Child[]): void {
    this.name = name;
    this.parent = null;
    this.children = children;
    this.attrs = attrs;
  }
  const prototype = type.prototype as Element;
  made.prototype = prototype;
  const Maker = made as unknown as new (...values: Parameters<NodeMaker>) => Element;
  const make: NodeMaker = (name, attrs, children) => new Maker(name, attrs, children);
  const { setAttrs, cnode, append, t } = prototype as BuilderMethods;
  return { make, methods: { setAttrs, cnode, append, t } };
}

/**
 * Whether a class is the Element of another copy of ltx: told by its name, its methods, which stand in
 * its own source (those that somebody put there later do not), and what its constructor makes.
 */
function isPlain(type: ElementClass): boolean {
  const prototype = type.prototype as object;
  if (type.name !== 'Element' || Object.getPrototypeOf(prototype) !== Object.prototype)
    return false;
  const source = String(type);
  for (const name of ['setAttrs', 'cnode', 'append', 't', 'getChildrenByFilter', '_addChildren']) {
    if (!Object.hasOwn(prototype, name)) return false;
    if (!source.includes(String(Reflect.get(prototype, name)))) return false;
  }
  const fields = Object.keys(new type('a', { b: 'c' })).join(' ');
  return fields === 'name parent children attrs';
}

/**
 * Adds a child to an element that is being parsed. The first push to an empty array makes room for
 * 17, which most elements never need: until the fourth child an array of the right size replaces it.
 */
export function addChild(parent: Element, child: Element | string): void {
  const { children } = parent;
  switch (children.length) {
    case 0:
      parent.children = [child];
      break;
    case 1:
      parent.children = [children[0], child];
      break;
    case 2:
      parent.children = [children[0], children[1], child];
      break;
    default:
      children.push(child);
  }
}
