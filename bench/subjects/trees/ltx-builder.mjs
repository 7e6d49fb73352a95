/** Elements of ltx put together as xmpp.js does it, over the SAX class of ltx or of a drop-in. */

/** A stanza is delivered when its end tag has been read. */
export function buildTrees(parser, Element, onStanza, { framed }) {
  let root = null;
  let cursor = null;
  parser.on('startElement', (name, attributes) => {
    const element = new Element(name, attributes);
    if (cursor === null) {
      if (!framed) root = element;
    } else if (cursor !== root) cursor.append(element);
    cursor = element;
  });
  parser.on('endElement', (name) => {
    if (name !== cursor.name) throw new Error(`${cursor.name} is not closed`);
    if (cursor.parent !== null) {
      cursor = cursor.parent;
      return;
    }
    cursor.parent = root;
    onStanza(cursor);
    cursor = root;
  });
  parser.on('text', (value) => {
    if (cursor !== root) cursor.t(value);
  });
}
