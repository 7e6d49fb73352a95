/** The tasks of the `ltx` suite: what each does is in suites/ltx.mjs. */

import * as ltx from 'ltx';
import SaxLtx from 'ltx/src/parsers/ltx.js';
import { entryUrl } from '../subjects/package.mjs';
import { document, message } from './samples.mjs';

const attributes = {
  from: 'juliet@example.com/balcony',
  to: 'romeo@example.net',
  type: 'chat',
  id: 'b4c1-77',
};
const body = 'Wherefore art thou & thy name?';

/** `present`: the subjects that are installed. Returns `[{ case, subject, run }]`. */
export async function ltxTasks(present) {
  const tasks = [];
  const add = (key, subject, run) => tasks.push({ case: key, subject, run });
  const element = ltx.parse(message);
  let kept;

  if (present.includes('tercet')) {
    const { parse, xml, SaxParser } = await import(entryUrl());
    const own = parse(message);
    add('create', 'tercet', () => {
      kept = xml('message', attributes, xml('body', {}, body));
    });
    add('parse', 'tercet', () => {
      kept = wholeTree(parse(message));
    });
    add('serialize', 'tercet', () => {
      kept = own.toString();
    });
    add('serialize-and-parse', 'tercet', () => {
      kept = wholeTree(parse(own.toString()));
    });
    add('parse-document', 'tercet', () => {
      kept = wholeTree(parse(document));
    });
    const handlers = { startElement() {}, endElement() {}, text() {}, error: fail };
    const sax = new SaxParser(handlers, { limits: unlimited });
    sax.feed('<r>');
    add('write-document', 'tercet', () => {
      sax.feed(document);
    });
  }

  if (present.includes('ltx')) {
    add('create', 'ltx', () => {
      kept = ltx.createElement('message', attributes, ltx.createElement('body', null, body));
    });
    add('create', 'ltx-builder', () => {
      kept = new ltx.Element('message', attributes).c('body').t(body).root();
    });
    add('parse', 'ltx', () => {
      kept = ltx.parse(message);
    });
    add('serialize', 'ltx', () => {
      kept = element.toString();
    });
    add('serialize-and-parse', 'ltx', () => {
      kept = ltx.parse(element.toString());
    });
    add('parse-document', 'ltx', () => {
      kept = ltx.parse(document);
    });
    // The back ends that ltx brings along, where what they wrap is installed.
    for (const [name, file] of [
      ['saxes-ns', 'saxes'],
      ['sax', 'sax-js'],
      ['node-expat', 'node-expat'],
    ]) {
      if (!present.includes(name)) continue;
      const { default: Parser } = await import(`ltx/src/parsers/${file}.js`);
      add('parse-document', `ltx/${file}`, () => {
        kept = ltx.parse(document, { Parser });
      });
    }
    const sax = new SaxLtx();
    sax.write('<r>');
    add('write-document', 'ltx', () => {
      sax.write(document);
    });
  }

  if (present.includes('saxes-ns')) {
    const { SaxesParser } = await import('saxes');
    const sax = new SaxesParser({ fragment: true });
    sax.on('error', fail);
    sax.write('<r>');
    add('write-document', 'saxes', () => {
      sax.write(document);
    });
  }
  if (present.includes('sax')) {
    const { default: sax } = await import('sax');
    const parser = sax.parser(true);
    parser.onerror = fail;
    parser.write('<r>');
    add('write-document', 'sax', () => {
      parser.write(document);
    });
  }
  if (present.includes('node-expat')) {
    const { default: expat } = await import('node-expat');
    const parser = new expat.Parser('UTF-8');
    parser.parse('<r>', false);
    add('write-document', 'node-expat', () => {
      if (!parser.parse(document, false)) fail(new Error(parser.getError()));
    });
  }
  // The last result stays reachable, so that no engine can leave the work out.
  globalThis.tercetBenchKept = () => kept;
  return tasks;
}

/** ltx has built everything when it returns; elements that appear on demand are asked for all of it. */
function wholeTree(element) {
  let size = Object.keys(element.attrs).length;
  for (const child of element.children)
    size += typeof child === 'string' ? child.length : wholeTree(child);
  return size;
}

/** The root that these parsers are written into never ends: a limit on children would stop it. */
const unlimited = { maxChildren: 0x7fff_ffff };

function fail(error) {
  throw error;
}
