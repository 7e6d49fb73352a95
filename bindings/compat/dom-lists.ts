/*
 * Lists of the small DOM.
 */
import { orNull } from './dom-names.js';
import type { Attr } from './dom-element.js';

/** An array with `item`, as lists of nodes and attributes are; it does not follow later changes. */
export class NodeList<Item> extends Array<Item> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  item(index: number): Item | null {
    return this[index] ?? null;
  }
}

/** The attributes of an element, in document order. */
export class NamedNodeMap extends NodeList<Attr> {
  getNamedItem(name: string): Attr | null {
    return this.find((attribute) => attribute.name === name) ?? null;
  }

  getNamedItemNS(namespace: string | null, localName: string): Attr | null {
    return (
      this.find(
        (attribute) =>
          attribute.localName === localName && attribute.namespaceURI === orNull(namespace),
      ) ?? null
    );
  }
}
