/*
 * What the suites of sax, saxes and node-expat expect of them, as cases of our own: their expectations
 * of strict mode, XML 1.0 and UTF-8, with other names and texts. Each holds for the original too, where
 * it is there, and however the source is cut. Behind them the expectations that do not hold here, each
 * with the words of the migration page that say so.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as originalSax from 'sax';
import * as originalSaxes from 'saxes';
import * as expat from 'tercet/compat/node-expat';
import * as sax from 'tercet/compat/sax';
import * as saxes from 'tercet/compat/saxes';
import { describe, expect, test } from 'vitest';
import { cutInto, cuts } from './cuts.js';

type Pieces = readonly (string | Uint8Array)[];
type Fields = Record<string, unknown>;

/** One source, what comes of it, and the options. */
type Case = readonly [title: string, source: string, events: string, options?: Fields];

interface Row {
  readonly title: string;
  readonly source: string;
  readonly events: string;
  readonly options: Fields;
}

const rows = (cases: readonly Case[]): Row[] =>
  cases.map(([title, source, events, options = {}]) => ({ title, source, events, options }));

function pageOf(name: string): string {
  const path = new URL(`../../docs/migration/${name}.md`, import.meta.url);
  return readFileSync(path, 'utf8').replaceAll(/\s+/g, ' ');
}

/** A tag, its attributes in order, and its namespace where it has the field. */
function tagOf({ name, attributes, isSelfClosing, uri }: Fields): string {
  const written = Object.entries(attributes as Fields).map(([key, value]) => {
    const { value: text = value, uri: space } = value as { value?: unknown; uri?: string };
    return ` ${key}=${String(text)}${space ? `{${space}}` : ''}`;
  });
  const space = typeof uri === 'string' && uri !== '' ? `{${uri}}` : '';
  return `<${String(name)}${space}${written.join('')}${isSelfClosing === true ? '/' : ''}>`;
}

/** An event in a few characters; white space in it is a middle dot. */
function shown(event: string, value: unknown): string {
  const fields = (typeof value === 'object' ? value : {}) as Fields;
  const text = String(value).replaceAll(/\s/g, '·');
  switch (event) {
    case 'opentagstart':
      return `<${String(fields.name)}`;
    case 'attribute':
      return `@${String(fields.name)}=${String(fields.value)}`.replaceAll(/\s/g, '·');
    case 'opentag':
      return tagOf(fields).replaceAll(/\s/g, '·');
    case 'closetag':
      return `/${typeof value === 'string' ? value : String(fields.name)}`;
    case 'text':
      return `'${text}'`;
    case 'opencdata':
      return '[';
    case 'cdata':
      return `[${text}]`;
    case 'closecdata':
      return ']';
    case 'comment':
      return `!${text}`;
    case 'processinginstruction':
      return `?${String(fields.target ?? fields.name)}:${String(fields.body)}`.replaceAll(' ', '·');
    case 'xmldecl':
      return `?xml:${String(fields.version)}`;
    case 'opennamespace':
      return `+${String(fields.prefix)}=${String(fields.uri)}`;
    case 'closenamespace':
      return `-${String(fields.prefix)}=${String(fields.uri)}`;
    default:
      return event;
  }
}

const xmlnsUri = 'http://www.w3.org/2000/xmlns/';
const xmlUri = 'http://www.w3.org/XML/1998/namespace';

describe('sax', () => {
  const run = (face: typeof sax, pieces: Pieces, options: Fields = {}): string => {
    const events: string[] = [];
    const parser = face.parser(true, { ...options });
    for (const name of sax.EVENTS) {
      if (name === 'ready') continue;
      Reflect.set(parser, `on${name}`, (value: unknown) => events.push(shown(name, value)));
    }
    try {
      for (const piece of pieces) parser.write(piece);
      parser.close();
    } catch {
      events.push('thrown');
    }
    return events.join(' ');
  };
  const theirs = originalSax as unknown as typeof sax;

  const cases: readonly Case[] = [
    ['an attribute', '<r size="7"></r>', '<r @size=7 <r·size=7> /r end'],
    ['with namespaces', '<r size="7"></r>', '<r @size=7 <r·size=7> /r end', { xmlns: true }],
    [
      'white space between attributes',
      '<r a="1"\n b="2"  c="3"/>',
      '<r @a=1 @b=2 @c=3 <r·a=1·b=2·c=3/> /r end',
    ],
    ['letters beyond ASCII', '<Я>й</Я>', "<Я <Я> 'й' /Я end"],
    ['a character by number', '<r>&#x1f525;</r>', "<r <r> '\u{1f525}' /r end"],
    ['a number with zeros', '<r>&#x0041;&#0065;</r>', "<r <r> 'AA' /r end"],
    ['the five entities', '<r>&amp;&lt;&gt;&quot;&apos;</r>', `<r <r> '&<>"'' /r end`],
    [
      'strictEntities',
      '<r a="&quot;">&amp;</r>',
      `<r @a=" <r·a="> '&' /r end`,
      { strictEntities: true },
    ],
    ['a section of CDATA', '<r><![CDATA[ x ]]></r>', '<r <r> [ [·x·] ] /r end'],
    ['sections side by side', '<r><![CDATA[x]]><![CDATA[y]]></r>', '<r <r> [ [x] ] [ [y] ] /r end'],
    ['what looks like its end', '<r><![CDATA[[[]]]]]></r>', '<r <r> [ [[[]]]] ] /r end'],
    ['an empty section', '<r><![CDATA[]]></r>', '<r <r> [ ] /r end'],
    [
      'empty children',
      '<r><a><b /></a><c>:</c></r>',
      "<r <r> <a <a> <b <b/> /b /a <c <c> ':' /c /r end",
    ],
    ['text behind an empty child', '<r><a/>x</r>', "<r <r> <a <a/> /a 'x' /r end"],
    ['white space behind the root', '<r/>\n\n', "<r <r/> /r '··' end"],
    ['trim', '<r> x </r>', "<r <r> 'x' /r end", { trim: true }],
    ['normalize', '<r>a  b\n c</r>', "<r <r> 'a·b·c' /r end", { normalize: true }],
    ['an element of the name xmlns', '<xmlns/>', '<xmlns <xmlns/> /xmlns end', { xmlns: true }],
    [
      'a prefix before its declaration',
      '<r p:a="1" xmlns:p="u"/>',
      `<r +p=u @p:a=1 @xmlns:p=u <r·p:a=1{u}·xmlns:p=u{${xmlnsUri}}/> /r -p=u end`,
      { xmlns: true },
    ],
    [
      'a prefix bound anew',
      '<r xmlns:p="1"><a xmlns:p="2"><p:b/></a><p:c/></r>',
      `<r +p=1 @xmlns:p=1 <r·xmlns:p=1{${xmlnsUri}}> <a +p=2 @xmlns:p=2 <a·xmlns:p=2{${xmlnsUri}}> ` +
        '<p:b <p:b{2}/> /p:b /a -p=2 <p:c <p:c{1}/> /p:c /r -p=1 end',
      { xmlns: true },
    ],
    [
      'a default namespace, which attributes are not in',
      '<r xmlns="u"><a b="1"/></r>',
      `<r += @xmlns=u <r{u}·xmlns=u{${xmlnsUri}}> <a @b=1 <a{u}·b=1/> /a /r -=u end`.replace(
        '+=',
        '+=u',
      ),
      { xmlns: true },
    ],
    [
      'xml, which needs no declaration',
      '<r xml:lang="it"/>',
      `<r @xml:lang=it <r·xml:lang=it{${xmlUri}}/> /r end`,
      { xmlns: true },
    ],
  ];

  test.each(rows(cases))('$title', ({ source, events, options }) => {
    expect(run(theirs, [source], options)).toBe(events);
    for (const size of cuts) expect(run(sax, cutInto(source, size), options)).toBe(events);
  });

  test.each(
    rows([
      ['a comment alone is no document', '<r/><!-- x -->', '<r <r/> /r !·x· end'],
      ['instructions', '<?a b?><?c?><r/><?d e? ?>', '?a:b ?c: <r <r/> /r ?d:e?· end'],
      ['half a quote in one', '<?a b "c?><r>x</r>', `?a:b·"c <r <r> 'x' /r end`],
      ['an empty comment is no event', '<r><!----></r>', '<r <r> /r end'],
      ['a mark of byte order', '\ufeff<r a="\ufeff">\ufeffx</r>', "<r @a=· <r·a=·> '·x' /r end"],
    ]),
  )('with `document`: $title', ({ source, events }) => {
    expect(run(theirs, [source])).toBe(events);
    for (const size of cuts)
      expect(run(sax, cutInto(source, size), { document: true })).toBe(events);
  });

  test.each([
    ['attributes without white space between', '<r a="1"b="2"/>'],
    ['a value without quotes', '<r a=1/>'],
    ['an attribute without a value', '<r a/>'],
    ['text behind the root', '<r>x</r>de<f'],
    ['a number that is no character', '<r>&#x1;&#xD800;&#xFFFF;</r>'],
    ['no number at all', '<r>&#NaN;</r>'],
    ['an end tag that matches nothing', '<a><b></c></b></a>'],
    ['a root that is not closed', '<r>'],
  ])('an error for both, once here: %s', (_title, source) => {
    expect(run(theirs, [source])).toContain('error');
    for (const size of cuts)
      expect(run(sax, cutInto(source, size))).toMatch(/(^|^[^e]* )error( thrown)?$/);
  });

  test('positions', () => {
    const placesOf = (face: typeof sax, pieces: Pieces): string[] => {
      const places: string[] = [];
      const parser = face.parser(true);
      for (const name of ['opentagstart', 'opentag', 'text', 'closetag']) {
        Reflect.set(parser, `on${name}`, () =>
          places.push(`${name} ${parser.position} ${parser.startTagPosition}`),
        );
      }
      for (const piece of pieces) parser.write(piece);
      return places;
    };
    const expected = ['opentagstart 3 1', 'opentag 3 1', 'text 11 8', 'closetag 11 8'];
    for (const face of [sax, theirs]) {
      expect(placesOf(face, ['<p>text</p>'])).toEqual(expected);
      expect(placesOf(face, ['<p>te', 'xt</p>'])).toEqual(expected);
    }
  });

  test('a character cut by the pieces of a stream', () => {
    const textsOf = (face: typeof sax): string[] => {
      const texts: string[] = [];
      const stream = face.createStream(true);
      stream.on('text', (text: string) => texts.push(text));
      for (const piece of cutInto('<r><a>誤</a><b>\u{1f339}</b></r>', 1)) stream.write(piece);
      stream.end();
      return texts;
    };
    expect(textsOf(theirs)).toEqual(['誤', '\u{1f339}']);
    expect(textsOf(sax)).toEqual(['誤', '\u{1f339}']);
  });

  test('a long section of CDATA is one event, as a Buffer too', () => {
    const long = 'x'.repeat(500_000);
    const pieces = [Buffer.from(`<r><![CDATA[${long}]]></r>`)];
    expect(run(sax, pieces)).toBe(`<r <r> [ [${long}] ] /r end`);
  });

  test('what cannot hold stands on the page', () => {
    const page = pageOf('sax');
    const held = (source: string, options?: Fields): string => run(sax, [source], options);
    // Entities of HTML and of the program, case and scripts of HTML, closed by others: not strict.
    expect(page).toContain('Only the strict parser');
    expect(held('<r>&copy;</r>')).toBe('<r <r> error thrown');
    expect(page).toContain('entities of HTML');
    expect(held('<r id="1" id="2"/>')).toBe('error thrown');
    expect(page).toContain('a second attribute of the same name');
    expect(held('<!-- alone -->', { document: true })).toBe('!·alone· error');
    expect(page).toContain('An input without an element is an error');
    expect(held('<!DOCTYPE r><r/>', { document: true })).toBe('error thrown');
    expect(page).toContain('A DOCTYPE always is an error');
    expect(held('\ufeff<r/>')).toBe('error thrown');
    expect(page).toContain('A mark of byte order is an error without `document`');
    expect(page).toContain('The encoding is UTF-8; the streams of sax read UTF-16 too');
    expect(page).toContain('a text is reported when it is complete');
  });
});

describe('saxes', () => {
  const run = (face: typeof saxes, pieces: Pieces, options: Fields = {}): string => {
    const events: string[] = [];
    const parser = new face.SaxesParser(options);
    for (const name of saxes.EVENTS) {
      if (name === 'ready') continue;
      parser.on(name, (value?: unknown) => events.push(shown(name, value)));
    }
    for (const piece of pieces) parser.write(piece);
    parser.close();
    return events.join(' ');
  };
  const theirs = originalSaxes;

  const cases: readonly Case[] = [
    ['an attribute', '<r size="7"></r>', '<r @size=7 <r·size=7> /r end', { xmlns: true }],
    [
      'white space in values',
      '<r a="&#xD;&#x20;&#xA;" b="\n\r\ty"/>',
      '<r @a=··· @b=···y <r·a=···b=···y/> /r end'.replace('a=···b', 'a=····b'),
    ],
    ['a number of CR is none of a line', '<r>&#xd;&#x0d;\n</r>', "<r <r> '···' /r end"],
    ['all line ends', '<r\r\na\r=\r\n"1"\r>\r\n2\r3\n</r\r\n>', "<r @a=1 <r·a=1> '·2·3·' /r end"],
    ['the five entities and a bare ">"', '<r>&amp; &lt; &gt; ></r>', "<r <r> '&·<·>·>' /r end"],
    ['sections of CDATA', '<r><![CDATA[x]]><![CDATA[y]]></r>', '<r <r> [x] [y] /r end'],
    ['what looks like their end', '<r><![CDATA[[[]]]]]></r>', '<r <r> [[[]]]] /r end'],
    ['a character of two units', '<r>\u{1f4a9}</r>', "<r <r> '\u{1f4a9}' /r end"],
    [
      'a quoted reference in text',
      "<r><a>x '&lt;' y</a><a b='1'></a></r>",
      "<r <r> <a <a> 'x·'<'·y' /a <a @b=1 <a·b=1> /a /r end",
    ],
    ['an XML declaration', '<?xml version="1.0" encoding="utf-8"?><r/>', '?xml:1.0 <r <r/> /r end'],
    ['DEL in XML 1.0', '<?xml version="1.0"?><r>\u007f</r>', "?xml:1.0 <r <r> '\u007f' /r end"],
    ['an element of the name xmlns', '<xmlns/>', '<xmlns <xmlns/> /xmlns end', { xmlns: true }],
    [
      'a prefix before its declaration',
      '<r p:a="1" xmlns:p="u"/>',
      `<r @p:a=1 @xmlns:p=u <r·p:a=1{u}·xmlns:p=u{${xmlnsUri}}/> /r end`,
      { xmlns: true },
    ],
    [
      'a declared element',
      '<p:r xmlns:p="u"/>',
      `<p:r @xmlns:p=u <p:r{u}·xmlns:p=u{${xmlnsUri}}/> /p:r end`,
      { xmlns: true },
    ],
    [
      'a default namespace',
      "<r xmlns='u' a='1'/>",
      `<r @xmlns=u @a=1 <r{u}·xmlns=u{${xmlnsUri}}·a=1/> /r end`,
      { xmlns: true },
    ],
    [
      'a prefix bound anew',
      '<r xmlns:p="1"><a xmlns:p="2"><p:b/></a><p:c/></r>',
      `<r @xmlns:p=1 <r·xmlns:p=1{${xmlnsUri}}> <a @xmlns:p=2 <a·xmlns:p=2{${xmlnsUri}}> <p:b <p:b{2}/> /p:b /a <p:c <p:c{1}/> /p:c /r end`,
      { xmlns: true },
    ],
    [
      'xml, which needs no declaration',
      '<r xml:lang="it"/>',
      `<r @xml:lang=it <r·xml:lang=it{${xmlUri}}/> /r end`,
      { xmlns: true },
    ],
    ['an empty fragment', '', 'end', { xmlns: true, fragment: true }],
    ['a fragment of text', '  x  ', "'··x··' end", { xmlns: true, fragment: true }],
    [
      'a fragment of text and elements',
      'x <a><b>y</b></a><c/> z',
      "'x·' <a <a> <b <b> 'y' /b /a <c <c/> /c '·z' end",
      { xmlns: true, fragment: true },
    ],
    [
      'known prefixes',
      'x<p:a/>',
      "'x' <p:a <p:a{u}/> /p:a end",
      { xmlns: true, fragment: true, additionalNamespaces: { p: 'u' } },
    ],
    [
      'prefixes that are asked for',
      'x<p:a/>',
      "'x' <p:a <p:a{u}/> /p:a end",
      {
        xmlns: true,
        fragment: true,
        resolvePrefix: (prefix: string) => (prefix === 'p' ? 'u' : undefined),
      },
    ],
  ];

  test.each(rows(cases))('$title', ({ source, events, options }) => {
    expect(run(theirs, [source], options)).toBe(events);
    for (const size of cuts) expect(run(saxes, cutInto(source, size), options)).toBe(events);
    expect(run(saxes, source.split(''), options)).toBe(events);
  });

  test.each(
    rows([
      ['comments', '<!-- x --><r><!----></r>', '!·x· <r <r> ! /r end'],
      ['an instruction', "<?xml-stylesheet a='1'?><r/>", "?xml-stylesheet:a='1' <r <r/> /r end"],
      ['half a quote in one', '<?a b "c?><r>x</r>', `?a:b·"c <r <r> 'x' /r end`],
      ['a mark of byte order', '\ufeff<r a="\ufeff">\ufeffx</r>', "<r @a=· <r·a=·> '·x' /r end"],
    ]),
  )('with `document`: $title', ({ source, events }) => {
    expect(run(theirs, [source])).toBe(events);
    for (const size of cuts) {
      expect(run(saxes, cutInto(source, size), { document: true })).toBe(events);
    }
  });

  test.each([
    ['attributes without white space between', '<r a="1"b="2"/>'],
    ['a value without quotes', '<r a=1/>'],
    ['an attribute without a value', '<r a/>'],
    ['a second attribute of the same name', '<r a="1" a="2"/>'],
    ['an empty entity', '<r>&;</r>'],
    ['empty numbers', '<r>&#;&#x;</r>'],
    ['a number that is none', '<r>&#NaN;</r>'],
    ['a number of a control character', '<r>&#1;</r>'],
    ['an unknown entity', '<r>&copy;</r>'],
    ['an entity with a name that is none', '<r a="&-b;"/>'],
    ['"]]>" in text', '<r>x]]>y</r>'],
    ['an end tag before any start', '</r>'],
    ['text behind the root', '<r>x</r> y'],
    ['a root that is not closed', '<r>'],
    ['no root', ''],
    ['two marks of byte order', '\ufeff\ufeff<r/>'],
    ['a mark behind white space', ' \ufeff<r/>'],
    ['an XML declaration that is not at the start', '\n<?xml version="1.0"?><r/>'],
    ['one without a version', '<?xml?><r/>'],
    ['one that breaks off', '<?xml version?><r/>'],
    ['one without quotes', '<?xml version=1.0?><r/>'],
    ['one of another version', '<?xml version="a"?><r/>'],
    ['a comment with two dashes', '<r><!-- -- --></r>'],
    ['a prefix that nobody declares', '<p:r/>'],
    ['one of an attribute', '<r p:a="1"/>'],
    ['the prefix xml for another namespace', '<r xmlns:xml="u"/>'],
    ['the namespace of xml as default', `<r xmlns="${xmlUri}"/>`],
    ['an element that a fragment does not close', 'x<a>'],
  ])('an error for both, once here: %s', (title, source) => {
    const options = { xmlns: true, fragment: title.includes('fragment') };
    expect(run(theirs, [source], options)).toMatch(/(^| )error/);
    for (const size of cuts) {
      const events = run(saxes, cutInto(source, size), { ...options, document: true });
      expect(events).toMatch(/(^|^[^e]* )error$/);
    }
  });

  test('positions at line ends of all kinds', () => {
    const source = '<div>abcde\r\n<foo/>f\rgh\r\ri\u0085j\u2028k</div>';
    const placesOf = (face: typeof saxes, pieces: Pieces): string[] => {
      const places: string[] = [];
      const parser = new face.SaxesParser();
      for (const name of ['opentagstart', 'opentag', 'text', 'closetag'] as const) {
        parser.on(name, () => places.push([parser.position, parser.line, parser.column].join(':')));
      }
      for (const piece of pieces) parser.write(piece);
      return places;
    };
    const expected = [
      '5:1:5',
      '5:1:5',
      '13:2:1',
      '17:2:5',
      '18:2:6',
      '18:2:6',
      '30:5:6',
      '35:5:11',
    ];
    for (const face of [saxes, theirs]) {
      expect(placesOf(face, [source])).toEqual(expected);
      expect(placesOf(face, source.split(''))).toEqual(expected);
      expect(placesOf(face, source.split(/(?<=\r)|(?=\r)/))).toEqual(expected);
    }
  });

  test('messages begin with the file and the place', () => {
    const messageOf = (face: typeof saxes, options: Fields): string => {
      let first = '';
      const parser = new face.SaxesParser(options);
      parser.on('error', ({ message }) => (first ||= message));
      parser.write('<doc>').close();
      return first;
    };
    const starts: readonly (readonly [Fields, RegExp])[] = [
      [{}, /^1:5: /],
      [{ position: false }, /^[^:\d]+(: doc)?$/],
      [{ fileName: 'x.xml' }, /^x\.xml:1:5: /],
      [{ fileName: 'x.xml', position: false }, /^x\.xml: [^\d]/],
    ];
    for (const [options, start] of starts) {
      for (const face of [saxes, theirs]) expect(messageOf(face, options)).toMatch(start);
    }
  });

  test('what cannot hold stands on the page', () => {
    const page = pageOf('saxes');
    const held = (source: string, options?: Fields): string => run(saxes, [source], options);
    // Their suite reads documents with a DOCTYPE, XML 1.1 and entities of the program's own.
    expect(held('<!DOCTYPE r><r/>', { document: true })).toBe('error');
    expect(page).toContain('A DOCTYPE always is an error');
    expect(held('<?xml version="1.1"?><r/>')).toBe('error');
    expect(page).toContain('XML 1.1 is a `UsageError` as an option and an error as a declaration');
    expect(() => new saxes.SaxesParser().ENTITIES.x).not.toThrow();
    expect(page).toContain('`ENTITIES` cannot be changed');
    expect(held('<r></x><y/>')).toBe('<r <r> error');
    expect(page).toContain('The first error is the last event');
    expect(held('<p:r/>', { xmlns: true })).toBe('error');
    expect(page).toContain('An undeclared prefix is no namespace');
    expect(held('\ufeff<r/>')).toBe('error');
    expect(page).toContain('A mark of byte order is an error without `document`');
  });
});

describe('node-expat', () => {
  type ParserClass = typeof expat.Parser;

  const original = ((): ParserClass | undefined => {
    try {
      const path = new URL('../../bench/package.json', import.meta.url);
      return (createRequire(path)('node-expat') as typeof expat).Parser;
    } catch {
      console.log('skipped: node-expat is not there, or compiled for another Node');
      return undefined;
    }
  })();
  const faces = original === undefined ? [expat.Parser] : [expat.Parser, original];

  const names = ['startElement', 'endElement', 'text', 'startCdata', 'endCdata', 'comment'];
  const others = ['processingInstruction', 'xmlDecl', 'error'];

  function listen(parser: expat.Parser): unknown[][] {
    const events: unknown[][] = [];
    for (const name of [...names, ...others]) {
      parser.on(name, (...values: unknown[]) => {
        const last = events.at(-1);
        if (name === 'text' && last?.[0] === name)
          last[1] = `${String(last[1])}${String(values[0])}`;
        else events.push(name === 'error' ? [name] : [name, ...values]);
      });
    }
    return events;
  }

  test.each([
    [
      'an element',
      '<r/>',
      [
        ['startElement', 'r', {}],
        ['endElement', 'r'],
      ],
    ],
    [
      'attributes, quoted both ways',
      `<r a='1' b="2"/>`,
      [
        ['startElement', 'r', { a: '1', b: '2' }],
        ['endElement', 'r'],
      ],
    ],
    [
      'namespaces, as they are written',
      `<r xmlns='u' xmlns:p="v"></r>`,
      [
        ['startElement', 'r', { xmlns: 'u', 'xmlns:p': 'v' }],
        ['endElement', 'r'],
      ],
    ],
    [
      'text with a line end',
      '<r>one\ntwo</r>',
      [
        ['startElement', 'r', {}],
        ['text', 'one\ntwo'],
        ['endElement', 'r'],
      ],
    ],
    [
      'CDATA',
      '<r><![CDATA[<a>b</a>]]></r>',
      [
        ['startElement', 'r', {}],
        ['startCdata'],
        ['text', '<a>b</a>'],
        ['endCdata'],
        ['endElement', 'r'],
      ],
    ],
    [
      'a reference',
      '<r>a &amp; b</r>',
      [
        ['startElement', 'r', {}],
        ['text', 'a & b'],
        ['endElement', 'r'],
      ],
    ],
    [
      'text beyond ASCII',
      '<r>ß</r>',
      [
        ['startElement', 'r', {}],
        ['text', 'ß'],
        ['endElement', 'r'],
      ],
    ],
    ['an instruction', '<?a b c?>', [['processingInstruction', 'a', 'b c']]],
    ['one without anything', '<?a?>', [['processingInstruction', 'a', '']]],
    ['a comment', '<!-- x -->', [['comment', ' x ']]],
    [
      'an XML declaration',
      "<?xml version='1.0' encoding='UTF-8'?>",
      [['xmlDecl', '1.0', 'UTF-8', true]],
    ],
    ['one without an encoding', "<?xml version='1.0'?>", [['xmlDecl', '1.0', null, true]]],
    ['an ampersand in the place of a name', '<&', [['error']]],
  ] as const)('%s', (_title, source, expected) => {
    for (const face of faces) {
      for (const size of [0, 1, 2, 3, 5]) {
        const parser = new face('UTF-8', { document: true });
        const events = listen(parser);
        for (const piece of cutInto(source, size)) if (!parser.write(piece)) break;
        expect(events).toEqual(expected);
      }
    }
  });

  test('reset, after a whole document, half of one and a fault', () => {
    for (const face of faces) {
      for (const first of ['<a><b>c</b></a>', '<a><b>', '</a>']) {
        const parser = new face('UTF-8');
        parser.on('error', () => undefined);
        parser.write(first);
        expect(parser.reset()).toBe(true);
        const events = listen(parser);
        expect(parser.write('<d>e</d>')).toBe(true);
        expect(events).toEqual([
          ['startElement', 'd', {}],
          ['text', 'e'],
          ['endElement', 'd'],
        ]);
        expect(parser.getError()).toBeNull();
      }
    }
  });

  test('stop and resume, later', async () => {
    for (const face of faces) {
      const parser = new face('UTF-8');
      const seen: string[] = [];
      const done = new Promise<void>((resolve) => {
        parser.on('startElement', (name: string) => {
          seen.push(name);
          if (name !== 'long') return;
          parser.stop();
          setTimeout(() => {
            seen.push('resumed');
            parser.resume();
          }, 5);
        });
        parser.on('endElement', (name: string) => {
          if (name === 'r') resolve();
        });
      });
      expect(parser.parse('<r> <a/> <long /> <a></a> <long>x</long> </r>')).toBe(true);
      await done;
      expect(seen).toEqual(['r', 'a', 'long', 'resumed', 'a', 'long', 'resumed']);
    }
  });

  test('places between events', () => {
    for (const face of faces) {
      const parser = new face();
      const places = ['', '\n', ' ', ' ', '\n'].map((piece) => {
        parser.parse(piece);
        const line = parser.getCurrentLineNumber();
        return [line, parser.getCurrentColumnNumber(), parser.getCurrentByteIndex()];
      });
      expect(places).toEqual([
        [1, 0, -1],
        [2, 0, 1],
        [2, 1, 2],
        [2, 2, 3],
        [3, 0, 4],
      ]);
    }
  });

  test('what cannot hold stands on the page', () => {
    const page = pageOf('node-expat');
    // Their suite reads Windows-1252 with a table, entities of the document, and messages of libexpat.
    expect(page).toContain('another one is a `UsageError`, and so is `setUnknownEncoding`');
    expect(page).toContain('so `entityDecl` is never emitted');
    expect(page).toContain('The words of an error are this package');
    expect(page).toContain('Comments and processing instructions are errors');
  });
});
