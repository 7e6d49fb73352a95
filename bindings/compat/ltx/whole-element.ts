/*
 * An element with all that is in it, made in one pass over the tape: no call a token, and nothing of
 * the parser is written until it is there. Most stanzas arrive this way; one that is cut by the end
 * of a piece is put together of its tokens.
 */
import { Kind, Misc, Tape } from '../../../assembly/abi.js';
import type { TapeStrings } from '../tape-strings.js';
import type { Child, Element } from './element.js';
import { addChild, type NodeMaker } from './tree-node.js';

/** In the place of the children of an element until its first child is there; never seen elsewhere. */
const noChildren: Child[] = [];

/** The element of a START record, with `strings.next` behind its END; undefined where that is missing. */
export function wholeElement(
  strings: TapeStrings,
  start: number,
  make: NodeMaker,
): Element | undefined {
  const { words, stop } = strings;
  let open: Element | null = null;
  let record = start;
  while (record < stop) {
    switch (words[record] & 0xff) {
      case Kind.Start: {
        const name = strings.name(record);
        const attrs = strings.attributes(record);
        record = strings.next;
        if (record >= stop) return undefined;
        // Most elements are empty, or hold one text.
        let children = noChildren;
        if ((words[record] & 0xff) === Kind.End) {
          children = [];
        } else if (isOnlyText(words, record, stop)) {
          children = [strings.text(record)];
          record += Tape.Size;
        }
        const element = make(name, attrs, children);
        if (open !== null) {
          element.parent = open;
          addChild(open, element);
        }
        if (children === noChildren) {
          open = element;
          break;
        }
        record += Tape.Size;
        if (open === null) {
          strings.next = record;
          return element;
        }
        break;
      }
      case Kind.End: {
        record += Tape.Size;
        if (open === null) return undefined;
        const { parent }: Element = open;
        if (parent === null) {
          strings.next = record;
          return open;
        }
        open = parent;
        break;
      }
      case Kind.Text:
        if (open === null || words[record] >>> 16 !== Misc.None) return undefined;
        addChild(open, strings.text(record));
        record += Tape.Size;
        break;
      default:
        return undefined;
    }
  }
  return undefined;
}

/** Whether a record is a text, and the next one the end of the element. */
function isOnlyText(words: Int32Array, record: number, stop: number): boolean {
  return (
    (words[record] & 0xff) === Kind.Text &&
    words[record] >>> 16 === Misc.None &&
    record + Tape.Size < stop &&
    (words[record + Tape.Size] & 0xff) === Kind.End
  );
}

/** Bytes of the element that wholeElement has just made. */
export function wholeBytes(strings: TapeStrings, start: number): number {
  const { words, next } = strings;
  return words[next - Tape.Size + Tape.Extent] - words[start + Tape.Offset];
}
