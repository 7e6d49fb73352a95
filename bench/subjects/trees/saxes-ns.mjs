/** saxes with namespaces and the leanest tree that keeps what it reports: all checks but those of UTF-8. */

import { StringDecoder } from 'node:string_decoder';
import { SaxesParser } from 'saxes';

class Node {
  constructor(tag, parent) {
    this.name = tag.local;
    this.namespace = tag.uri;
    this.attributes = tag.attributes;
    this.parent = parent;
    this.children = [];
  }
}

export function open(onStanza) {
  const decoder = new StringDecoder('utf8');
  const parser = new SaxesParser({ xmlns: true, position: false });
  let root = null;
  let cursor = null;
  parser.on('opentag', (tag) => {
    const node = new Node(tag, cursor);
    if (root === null) root = node;
    else if (cursor !== root) cursor.children.push(node);
    cursor = node;
  });
  parser.on('closetag', () => {
    const node = cursor;
    cursor = node.parent;
    if (cursor === root) onStanza(node);
  });
  const text = (value) => {
    if (cursor !== root) cursor.children.push(value);
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('error', (error) => {
    throw error;
  });
  return {
    write(chunk) {
      parser.write(decoder.write(chunk));
    },
  };
}

const value = (attribute) => (attribute === undefined ? 0 : attribute.value.length);

export function fields(stanza) {
  const { type, to, from, id } = stanza.attributes;
  let body = 0;
  for (const child of stanza.children) {
    if (typeof child !== 'string' && child.name === 'body') {
      for (const piece of child.children) if (typeof piece === 'string') body += piece.length;
      break;
    }
  }
  return stanza.name.length + value(type) + value(to) + value(from) + value(id) + body;
}

export function walk(node, census) {
  census.start(
    node.name,
    Object.values(node.attributes).map((attribute) => [attribute.name, attribute.value]),
  );
  for (const child of node.children) {
    if (typeof child === 'string') census.text(child);
    else walk(child, census);
  }
  census.end(node.name);
}
