/*
 * The drop-ins that make trees where there is nothing of Node: bundled for a browser, and run in a
 * context without `process`, `Buffer` and `require`.
 */
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { root } from '../repository/files.js';

interface Bundle {
  readonly code: string;
  readonly sources: readonly string[];
}

async function bundle(program: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: root },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  const sources = Object.entries(output.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
  return { code: outputFiles[0].text, sources };
}

const programs: [name: string, program: string, told: unknown][] = [
  [
    'ltx',
    `import { parse, SaxLtx } from 'tercet/compat/ltx';
     const sax = new SaxLtx();
     sax.once('text', (text) => told.push(text));
     sax.write(new TextEncoder().encode('<a>\u{1f339}</a>'));
     told.push(parse('<a b="1">c<d/></a>').toString());
     try { sax.write('<b></c>'); } catch (error) { told.push(error.code); }`,
    ['\u{1f339}', '<a b="1">c<d/></a>', 'xml-end-tag-mismatch'],
  ],
  [
    'xmpp-xml',
    `import xml, { Parser } from 'tercet/compat/xmpp-xml';
     const parser = new Parser();
     parser.on('element', (stanza) => told.push(stanza.toString()));
     parser.on('error', (error) => told.push(error.condition));
     parser.write('<stream>' + xml('a', { b: 1 }, 'ü'));
     parser.write('<!-- -->');`,
    ['<a b="1">ü</a>', 'restricted-xml'],
  ],
  [
    'jxt',
    `import { parse, StreamParser } from 'tercet/compat/jxt';
     told.push(parse('<a><b>c</b></a>').getChild('b').getText());
     try { new StreamParser({}); } catch (error) { told.push(error.message); }`,
    ['c', 'StreamParser needs the streams of Node; use Parser'],
  ],
  [
    'strophe',
    `import { ComponentParser } from 'tercet/compat/strophe';
     const parser = new ComponentParser({
       onStreamStart: (attrs) => told.push(attrs.id),
       onStanza: (stanza) => told.push(stanza.textContent),
       onStreamEnd: () => told.push('end'),
       onError: (error) => told.push(error.code),
     });
     parser.write('<stream id="1"><a>b<c>d</c></a></stream>');`,
    ['1', 'bd', 'end'],
  ],
];

test.each(programs)('%s', async (_name, program, expected) => {
  const { code, sources } = await bundle(program);
  const told: unknown[] = [];
  runInContext(code, createContext({ WebAssembly, TextDecoder, TextEncoder, told }));
  expect(told).toEqual(expected);
  expect(sources).toContain('dist/bindings/wasm/bytes/parser-bare.js');
  expect(sources.filter((path) => /bindings\/(jid|router|server|protocol)/.test(path))).toEqual([]);
});
