/*
 * Programs as they are written for the types of sax and saxes: they compile with another import and no
 * other change, and do here what they do there. `npm run check` compiles this file.
 */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import * as sax from 'tercet/compat/sax';
import * as saxes from 'tercet/compat/saxes';
import { expect, test } from 'vitest';

test('a program for sax', () => {
  const said: unknown[] = [];
  const options: sax.SAXOptions = { trim: true, lowercase: true, xmlns: true, position: true };
  const parser: sax.SAXParser = sax.parser(true, options);
  parser.onerror = (error: Error) => {
    said.push(error.message);
  };
  parser.ontext = (text) => {
    said.push(text.toUpperCase());
  };
  parser.onopentag = (tag: sax.Tag | sax.QualifiedTag) => {
    if ('uri' in tag) said.push(tag.uri, tag.attributes.a.value, tag.ns['']);
  };
  parser.onopentagstart = (tag: sax.BaseTag) => said.push(tag.name);
  parser.onattribute = ({ name, value }) => said.push(`${name}=${value}`);
  parser.onclosetag = (name: string) => said.push(name.length);
  const length: number = parser.write('<r xmlns="u" a="1"> x </r>').close().position;
  expect(said).toEqual(['r', 'xmlns=u', 'a=1', 'u', '1', 'u', 'X', 1]);
  expect(length + parser.line + parser.column).toBe(0);
  // Without `xmlns` values are strings.
  parser.onopentag = ({ attributes }: sax.Tag) => attributes.a.trim();
  expect([sax.EVENTS.includes('text'), parser.closed, parser.strict]).toEqual([true, false, true]);
});

test('a program for the stream of sax', async () => {
  const said: unknown[] = [];
  const stream: sax.SAXStream = sax.createStream(true, { xmlns: true });
  stream.on('error', function (error) {
    said.push(error.message.split('\n')[0]);
    this._parser.resume();
  });
  stream.on('opentag', (tag: sax.QualifiedTag) => said.push(tag.local));
  stream.on('opentag', (tag) => said.push(tag.name.length));
  stream.on('text', (text) => said.push(text.trim()));
  stream.on('closetag', (name) => said.push(name.toUpperCase()));
  stream.on('data', (chunk) => said.push(typeof chunk));
  const piped: sax.SAXStream = Readable.from(['<p:r xmlns:p="u">', ' x </p:r>']).pipe(stream);
  await once(piped, 'end');
  expect(said).toEqual(['r', 3, 'string', 'x', 'P:R', 'string']);
});

test('a program for saxes', () => {
  const said: unknown[] = [];
  const parser = new saxes.SaxesParser({ xmlns: true });
  parser.on('opentag', ({ uri, attributes, ns }) => {
    const attribute: saxes.SaxesAttributeNS = attributes['p:a'];
    said.push(uri, attribute.uri.length, ns.p);
  });
  const onText: saxes.TextHandler = (text) => said.push(text.length);
  const onClose: saxes.CloseTagHandler<{ xmlns: true }> = (tag) => said.push(tag.local);
  const onError: saxes.ErrorHandler = ({ message }) => said.push(message);
  const onDeclaration: saxes.XMLDeclHandler = ({ version }) => said.push(version?.length);
  parser.on('text', onText);
  parser.on('closetag', onClose);
  parser.on('error', onError);
  parser.on('xmldecl', onDeclaration);
  parser.write("<?xml version='1.0'?><p:r xmlns:p='u' p:a='1'>xy</p:r>").close();
  expect(said).toEqual([3, 'u', 1, 'u', 2, 'r']);

  const plain = new saxes.SaxesParser();
  plain.on('opentag', (tag) => {
    const value: string = tag.attributes.a;
    said.push(value.length);
  });
  plain.write('<r a="12"/>');
  expect(said.at(-1)).toBe(2);

  class Reader extends saxes.SaxesParser<{ xmlns: true }> {
    readonly names: string[] = [];

    constructor() {
      super({ xmlns: true });
      this.on('opentag', ({ local }) => this.names.push(local));
    }
  }
  const reader = new Reader();
  reader.write('<a><b/></a>');
  expect(reader.names).toEqual(['a', 'b']);
});
