/** How the elements of ltx are read, for the subjects that deliver them. */

const lengthOf = (value) => (value === undefined || value === null ? 0 : value.length);

/** The six fields; their lengths are added up so that the reads are used. */
export function fields(stanza) {
  const { type, to, from, id } = stanza.attrs;
  return (
    stanza.getName().length +
    lengthOf(type) +
    lengthOf(to) +
    lengthOf(from) +
    lengthOf(id) +
    lengthOf(stanza.getChildText('body'))
  );
}

export function walk(element, census) {
  census.start(element.name, Object.entries(element.attrs));
  for (const child of element.children) {
    if (typeof child === 'string') census.text(child);
    else walk(child, census);
  }
  census.end(element.name);
}

/** A Parser whose one tree is a stream; its stanzas are delivered when it ends. */
export function treeOf(Parser, onStanza) {
  const parser = new Parser();
  parser.on('tree', (root) => {
    for (const child of root.children) if (typeof child !== 'string') onStanza(child);
  });
  parser.on('error', (error) => {
    throw error;
  });
  return parser;
}

/** A parser of xmpp.js or a drop-in for one, which delivers each stanza. */
export function stanzasOf(Parser, onStanza) {
  const parser = new Parser();
  parser.on('element', onStanza);
  parser.on('error', (error) => {
    throw error;
  });
  return parser;
}
