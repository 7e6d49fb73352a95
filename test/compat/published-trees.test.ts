/*
 * What the suites of ltx and @xmpp/xml expect of elements, their text and their parsers, as cases of our own. Each
 * holds for the original too. test/compat/ltx.test.ts and xmpp-xml.test.ts hold both beside each other on much more.
 */
import originalXml from '@xmpp/xml';
import * as originalLtx from 'ltx';
import * as ltx from 'tercet/compat/ltx';
import xml from 'tercet/compat/xmpp-xml';
import { describe, expect, test } from 'vitest';

const faces: readonly (readonly [string, typeof ltx])[] = [
  ['the original', originalLtx],
  ['this one', ltx],
];

describe.each(faces)(
  'ltx: %s',
  (_name, { Element, parse, createElement, equal, clone, ...rest }) => {
    const { escapeXML, escapeXMLText, unescapeXML, unescapeXMLText, stringify } = rest;
    const { nameEqual, attrsEqual, childrenEqual, isNode, isElement, isText, Parser } = rest;

    test.each<[string, (root: ltx.Element) => unknown, string]>([
      ['nothing', () => undefined, '<e/>'],
      ['a text', (root) => root.t('bar'), '<e>bar</e>'],
      ['texts', (root) => root.t('foo').t('bar'), '<e>foobar</e>'],
      ['a text to be escaped', (root) => root.t('1 < 2 && 3'), '<e>1 &lt; 2 &amp;&amp; 3</e>'],
      ['a number', (root) => root.t(String(-7)), '<e>-7</e>'],
      ['children', (root) => root.c('f').up().c('g'), '<e><f/><g/></e>'],
      ['a child with a text', (root) => root.c('f').t('x'), '<e><f>x</f></e>'],
      ['attributes of a child', (root) => root.c('f', { a: 'b' }), '<e><f a="b"/></e>'],
      ['a changed attribute', (root) => root.attr('a', '1'), '<e a="1"/>'],
      ['an attribute of no value', (root) => root.attr('a', null as never), '<e/>'],
      ['a quote', (root) => root.attr('a', '"'), '<e a="&quot;"/>'],
      ['the number 0', (root) => root.attr('a', 0 as never), '<e a="0"/>'],
      ['false', (root) => root.attr('a', false as never), '<e a="false"/>'],
      ['an empty string', (root) => root.attr('a', ''), '<e a=""/>'],
    ])('writes %s', (_case, change, written) => {
      const root = new Element('e');
      change(root);
      expect(root.toString()).toBe(written);
      expect(root.root().toString()).toBe(written);
    });

    test('takes attributes as an object, or a namespace as a string', () => {
      expect(new Element('se', { a: 'b' }).toString()).toBe('<se a="b"/>');
      expect(new Element('se', 'urn:x').toString()).toBe('<se xmlns="urn:x"/>');
    });

    test('removes children by name, by name and namespace, and as they are', () => {
      const make = (): ltx.Element => {
        const root = new Element('x');
        root.c('a', { xmlns: 'urn:a' }).up().c('b').up().c('a');
        return root;
      };
      expect(make().remove('b').children).toHaveLength(2);
      expect(make().remove('a').children).toHaveLength(1);
      expect(make().remove('a', 'urn:a').children).toHaveLength(2);
      const root = make();
      const [first] = root.children;
      if (typeof first !== 'object') throw new Error('there is no first child');
      expect(root.remove(first).children).not.toContain(first);
    });

    test('finds children and their texts', () => {
      const root = parse('<r><a>1</a><b xmlns="urn:b">2</b><c><a>3</a></c>4</r>');
      expect(root.getChild('a')?.getText()).toBe('1');
      expect(root.getChild('b', 'urn:b')?.text()).toBe('2');
      expect(root.getChild('b', 'urn:c')).toBeUndefined();
      expect(root.getChildText('a')).toBe('1');
      expect(root.getChildText('z')).toBeNull();
      expect(root.getChildren('a')).toHaveLength(1);
      expect(
        root.getChildrenByFilter((child) => isElement(child) && child.is('a'), true),
      ).toHaveLength(2);
      expect(root.getChildByAttr('xmlns', 'urn:b')?.name).toBe('b');
      expect(root.getText()).toBe('4');
    });

    test('knows names, prefixes and namespaces', () => {
      const root = parse("<x:e xmlns='urn:d' xmlns:x='urn:x' x:at='1'><f/></x:e>");
      expect([root.getName(), root.getNS(), root.is('e', 'urn:x')]).toEqual(['e', 'urn:x', true]);
      expect(root.getAttr('at', 'urn:x')).toBe('1');
      expect(root.getAttr('at')).toBeUndefined();
      expect(root.getChild('f')?.getNS()).toBe('urn:d');
      expect(root.findNS('x')).toBe('urn:x');
      expect(root.getXmlns()).toEqual({ 'urn:d': '', 'urn:x': 'x' });
    });

    test('clones deeply, without the parent', () => {
      const root = parse('<a b="c"><d>e</d></a>');
      const copy = clone(root);
      expect(copy.toString()).toBe(root.toString());
      copy.c('f');
      copy.attr('b', 'x');
      expect(root.toString()).toBe('<a b="c"><d>e</d></a>');
      const child = root.getChild('d');
      expect(child && clone(child).parent).toBeNull();
    });

    test('makes elements as JSX does', () => {
      const child = createElement('c', null);
      const root = createElement('a', { b: 'd' }, 'text', child, 1, null);
      expect(root.toString()).toBe('<a b="d">text<c/>1</a>');
      expect(child.parent).toBe(root);
    });

    test('compares by name, attributes and children', () => {
      const make = (text: string): ltx.Element => parse(text);
      expect(equal(make('<a b="1" c="2"><d/></a>'), make('<a c="2" b="1"><d/></a>'))).toBe(true);
      expect(equal(make('<a><d/></a>'), make('<a><e/></a>'))).toBe(false);
      expect(nameEqual(make('<a/>'), make('<a b="1"/>'))).toBe(true);
      expect(attrsEqual(make('<a b="1"/>'), make('<z b="1"/>'))).toBe(true);
      expect(attrsEqual(make('<a b="1"/>'), make('<a b="1" c="2"/>'))).toBe(false);
      expect(childrenEqual(make('<a>1<b/></a>'), make('<z>1<b/></z>'))).toBe(true);
      expect(childrenEqual(make('<a>1<b/></a>'), make('<a><b/>1</a>'))).toBe(false);
    });

    test('tells nodes, elements and texts', () => {
      const element = new Element('a');
      expect([element, 'a', 1, {}, null].map((node) => isNode(node))).toEqual([
        true,
        true,
        false,
        false,
        false,
      ]);
      expect([isElement(element), isElement('a')]).toEqual([true, false]);
      expect([isText('a'), isText(element)]).toEqual([true, false]);
    });

    test('escapes and takes back', () => {
      expect(escapeXML('<a b="\'&">')).toBe('&lt;a b=&quot;&apos;&amp;&quot;&gt;');
      expect(escapeXMLText('<&>"\'')).toBe('&lt;&amp;&gt;"\'');
      expect(unescapeXML('&lt;&amp;&gt;&quot;&apos;&#38;&#x26;')).toBe('<&>"\'&&');
      expect(unescapeXMLText('&lt;&amp;&gt;')).toBe('<&>');
    });

    test('indents where it is asked to', () => {
      const root = parse('<a><b>c</b><d/></a>');
      expect(stringify(root, 2)).toBe('<a>\n  <b>c</b>\n  <d/>\n</a>');
      expect(stringify(root)).toBe('<a><b>c</b><d/></a>');
    });

    test('parses what it writes, CDATA and numbers of characters', () => {
      expect(parse('<r><![CDATA[<a & b>]]></r>').getText()).toBe('<a & b>');
      expect(parse("<r a='&#60;&#x3e;'>&#x20ac;</r>").toString()).toBe(
        '<r a="&lt;&gt;">\u20ac</r>',
      );
      expect(parse('<?xml version="1.0"?><r/>').name).toBe('r');
      expect(() => parse('<a><b></a>')).toThrow();
      expect(() => parse('<a>')).toThrow();
    });

    test('tells the tree when its root is closed', () => {
      const parser = new Parser();
      const trees: string[] = [];
      parser.on('tree', (tree) => trees.push(String(tree)));
      parser.write('<stream>');
      parser.write('<a/>');
      expect(trees).toEqual([]);
      parser.end('</stream>');
      expect(trees).toEqual(['<stream><a/></stream>']);
    });
  },
);

const makers: readonly (readonly [string, typeof xml])[] = [
  ['the original', originalXml],
  ['this one', xml],
];

describe.each(makers)('@xmpp/xml: %s', (_name, make) => {
  test('has the parser, the class and the escapes on the function', () => {
    expect(make.createElement('a', { b: 'c' }).toString()).toBe('<a b="c"/>');
    expect(make('a')).toBeInstanceOf(make.Element);
    expect(make.unescapeXML(make.escapeXML('<">'))).toBe('<">');
    expect(make.unescapeXMLText(make.escapeXMLText('<">'))).toBe('<">');
  });

  test('a stream has a start, stanzas that it does not keep, and an end', () => {
    const parser = new make.Parser();
    const heard: unknown[] = [];
    let root: unknown;
    parser.on('start', (element: ltx.Element) => {
      root = element;
      heard.push(String(element));
    });
    parser.on('element', (element: ltx.Element) => {
      heard.push(String(element), element.parent === root, element.parent?.children.length);
    });
    parser.on('end', (element: ltx.Element) => heard.push(String(element)));
    parser.write('<foo><bar>hello</bar></foo>');
    expect(heard).toEqual(['<foo/>', '<bar>hello</bar>', true, 0, '<foo/>']);
  });
});
