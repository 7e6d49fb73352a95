/*
 * The parser of @xmpp/websocket: elements that follow each other, one a frame (RFC 7395, section 3.3).
 * `start(element)` for `<open/>`, `end(element)` for `<close/>`, `element(element)` for all others,
 * whose parent stays null.
 *
 * The same invariants as those of Parser hold; text between frames is an error unless it is white space.
 */
import { NS } from '../../namespaces.js';
import type { Attributes } from '../attributes.js';
import { addChild, type DirectBuilder, type Element, type NodeMaker } from '../ltx/tree.js';
import { endsWith, handlersOf, hasMethods, Parser } from './parser.js';

/**
 * Reads frames.
 *
 *     const parser = new FramedParser();
 *     parser.on('element', (element) => console.log(element.name));
 *     parser.write("<presence xmlns='jabber:client'/>");   // presence
 */
export class FramedParser extends Parser {
  override onStartElement(name: string, attrs: Attributes): void {
    const element = new this.Element(name, attrs);
    this.cursor?.append(element);
    this.cursor = element;
  }

  override onEndElement(name: string): void {
    const { cursor } = this;
    if (cursor?.name !== name) {
      this.fail(`${cursor?.name ?? name} must be closed.`, 'not-well-formed');
    } else if (cursor.parent) {
      this.cursor = cursor.parent;
    } else {
      this.deliver(cursor);
    }
  }

  /** @internal */
  override isPlain(): boolean {
    return hasMethods(this, ownMethods);
  }

  /** @internal */
  override directBuilder(make: NodeMaker): DirectBuilder {
    return {
      start: (name, attrs) => {
        const element = make(name, attrs, []);
        const { cursor } = this;
        this.cursor = element;
        if (cursor === null) {
          this.beginUnit();
          return;
        }
        element.parent = cursor;
        addChild(cursor, element);
        this.checkUnit();
      },
      end: () => {
        const { cursor } = this;
        if (cursor === null) return;
        const { parent } = cursor;
        if (parent !== null) this.cursor = parent;
        else if (!this.checkUnit()) this.deliver(cursor);
      },
      text: (value) => {
        if (this.cursor !== null && !this.checkUnit()) addChild(this.cursor, value);
      },
      units: this.unitsAt(0, make, (element) => {
        this.cursor = element;
        this.deliver(element);
      }),
    };
  }

  private deliver(element: Element): void {
    const { name } = element;
    const isFrame = endsWith(name, 'open') || endsWith(name, 'close');
    if (isFrame && element.is('open', NS.framing)) {
      this.tell('start', element, null);
    } else if (isFrame && element.is('close', NS.framing)) {
      this.finish();
      this.tell('end', element, null);
    } else {
      this.tell('element', element, null);
    }
  }
}

const ownMethods = handlersOf(FramedParser.prototype);
