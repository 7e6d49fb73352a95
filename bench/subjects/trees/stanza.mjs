/**
 * stanza: its JXT parser building its XMLElement. The StreamParser that its client uses costs twice as much, because it
 * also translates each stanza to JSON; this is the part that can be compared.
 */

import { StringDecoder } from 'node:string_decoder';
import jxt from 'stanza/jxt/index.js';

const { Parser, XMLElement } = jxt;

export function open(onStanza, { framed, split, strings }) {
  const decoder = new StringDecoder('utf8');
  const parser = new Parser({ allowComments: false });
  let root;
  let cursor;
  parser.on('startElement', (name, attributes) => {
    const element = new XMLElement(name, attributes);
    if (cursor === undefined) {
      if (!framed) root = element;
      cursor = element;
    } else if (cursor === root) {
      element.parent = root;
      cursor = element;
    } else cursor = cursor.appendChild(element);
  });
  parser.on('endElement', () => {
    const element = cursor;
    cursor = element.parent;
    if (cursor === root) onStanza(element);
  });
  parser.on('text', (value) => {
    if (cursor !== root) cursor.children.push(value);
  });
  parser.on('error', (error) => {
    throw error;
  });
  const write = split
    ? (chunk) => parser.write(decoder.write(chunk))
    : strings
      ? (frame) => parser.write(frame)
      : (frame) => parser.write(frame.toString());
  return { write };
}

const lengthOf = (value) => (value === undefined || value === null ? 0 : value.length);

export function fields(stanza) {
  const { type, to, from, id } = stanza.attributes;
  return (
    stanza.getName().length +
    lengthOf(type) +
    lengthOf(to) +
    lengthOf(from) +
    lengthOf(id) +
    lengthOf(stanza.getChild('body')?.getText())
  );
}

export function walk(element, census) {
  census.start(element.name, Object.entries(element.attributes));
  for (const child of element.children) {
    if (typeof child === 'string') census.text(child);
    else walk(child, census);
  }
  census.end(element.name);
}
