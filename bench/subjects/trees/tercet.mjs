/** tercet: StreamParser and its elements, all checks and limits on. Elements read their stanza on demand. */

import { entryUrl } from '../package.mjs';

const { StreamParser } = await import(entryUrl());

export function open(onStanza, { framed }) {
  const parser = new StreamParser({ framing: framed ? 'websocket' : 'stream' });
  return {
    write(chunk) {
      const events = parser.feed(chunk);
      for (let index = 0; index < events.length; index++) {
        const event = events[index];
        if (event.type === 'stanza') onStanza(event.stanza);
        else if (event.type === 'error') throw event.error;
      }
    },
    close() {
      parser.close();
    },
  };
}

const lengthOf = (value) => (value === undefined ? 0 : value.length);

export function fields(stanza) {
  return (
    stanza.name.length +
    lengthOf(stanza.attr('type')) +
    lengthOf(stanza.attr('to')) +
    lengthOf(stanza.attr('from')) +
    lengthOf(stanza.attr('id')) +
    lengthOf(stanza.child('body')?.text)
  );
}

/** Asks for everything, so that each element holds its attributes and children as those of other parsers do. */
export function materialise(element) {
  const { attrs, children } = element;
  let count = attrs === undefined ? 0 : 1;
  for (let index = 0; index < children.length; index++) {
    const child = children[index];
    if (typeof child !== 'string') count += materialise(child);
  }
  return count;
}

/** RFC 7395: a WebSocket stream begins with `<open/>`. */
export const opensFrames = true;

export function walk(element, census) {
  census.start(element.name, Object.entries(element.attrs));
  for (const child of element.children) {
    if (typeof child === 'string') census.text(child);
    else walk(child, census);
  }
  census.end(element.name);
}
