/**
 * sax-wasm: Rust in WebAssembly. It takes Buffers; names, values and texts are decoded when they are read, so they are
 * read here, as every other parser delivers them. No namespaces, no checks, references stay as they are.
 */

import { readFileSync } from 'node:fs';
import { SAXParser, SaxEventType } from 'sax-wasm';

const { OpenTag, CloseTag, Text, Cdata } = SaxEventType;
const parser = new SAXParser(OpenTag | CloseTag | Text | Cdata);
await parser.prepareWasm(readFileSync(new URL(import.meta.resolve('sax-wasm/lib/sax-wasm.wasm'))));

export function open(sink) {
  parser.eventHandler = (event, detail) => {
    if (event === OpenTag) {
      const attributes = {};
      for (const attribute of detail.attributes)
        attributes[attribute.name.value] = attribute.value.value;
      sink.start(detail.name, attributes);
    } else if (event === CloseTag) sink.end(detail.name);
    else sink.text(detail.value);
  };
  return {
    write(chunk) {
      parser.write(chunk);
    },
    close() {
      parser.end();
    },
  };
}

export const attributes = (raw) => Object.entries(raw);
