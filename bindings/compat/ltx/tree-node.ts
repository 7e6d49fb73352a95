/*
 * Elements for parsers. A parser has made the attributes itself, so it needs no copy of them: a
 * constructor that shares the prototype of a class sets the four fields and nothing else. What it
 * makes is an instance of that class by every test (`instanceof`, `constructor`, own fields and their
 * order), at a fraction of the cost (design note 051).
 */
import type { Attributes } from '../attributes.js';
import { Element } from './element.js';

/** A class of elements: this one, ltx's own of either module format, or a subclass. */
export type ElementClass = new (name: string, attrs?: Attributes) => Element;

/** Makes an element without parent and children, which takes `attrs` over. */
export type NodeMaker = (name: string, attrs: Attributes) => Element;

interface Node {
  name: string;
  parent: null;
  children: string[];
  attrs: Attributes;
}

const makers = new WeakMap<ElementClass, NodeMaker>();

/** The fastest way to make elements of a class that are those its constructor makes. */
export function makerOf(type: ElementClass): NodeMaker {
  let maker = makers.get(type);
  if (maker === undefined) {
    // One constructor a class, so that its elements have one hidden class.
    maker = newMaker(type);
    makers.set(type, maker);
  }
  return maker;
}

/** The same, if no constructor of somebody else's is called for it. */
export function plainMakerOf(type: ElementClass): NodeMaker | undefined {
  const maker = makerOf(type);
  return foreign.has(maker) ? undefined : maker;
}

/** Makers that call a constructor which may do anything. */
const foreign = new WeakSet<NodeMaker>();

function newMaker(type: ElementClass): NodeMaker {
  if (type !== Element && !isPlain(type)) {
    const call: NodeMaker = (name, attrs) => new type(name, attrs);
    foreign.add(call);
    return call;
  }
  function made(this: Node, name: string, attrs: Attributes): void {
    this.name = name;
    this.parent = null;
    this.children = [];
    this.attrs = attrs;
  }
  made.prototype = type.prototype as object;
  const Maker = made as unknown as new (name: string, attrs: Attributes) => Element;
  return (name, attrs) => new Maker(name, attrs);
}

/**
 * Whether a class is the Element of another copy of ltx. Told by its name, its methods and what its
 * constructor makes: a class with a constructor of its own has something to do there.
 */
function isPlain(type: ElementClass): boolean {
  const prototype = type.prototype as object;
  if (type.name !== 'Element' || Object.getPrototypeOf(prototype) !== Object.prototype)
    return false;
  const methods = ['setAttrs', 'cnode', 'getChildrenByFilter', 'getXmlns', '_addChildren'];
  if (!methods.every((name) => Object.hasOwn(prototype, name))) return false;
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
