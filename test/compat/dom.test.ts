/*
 * The small DOM: the trees of the DOM that strophe brings along, what the nodes can do, faults as a
 * document and never as an exception; and strophe itself over it, against `tercet serve`.
 */
import { $msg, Strophe } from 'strophe.js';
import * as dom from 'tercet/compat/dom';
import { describe, expect, test } from 'vitest';
import { serve } from '../clients/serve.js';
import { documents, expectSame, misc } from './documents.js';

// Strophe's build for Node sets the globals to @xmldom/xmldom.
const Theirs = globalThis.DOMParser;
const { DOMParser, XMLSerializer, DOMImplementation } = dom;

const parse = (source: string, options?: dom.DOMParserOptions): dom.Document =>
  new DOMParser(options).parseFromString(source, 'text/xml');
const rootOf = (source: string): dom.Element => {
  const { documentElement } = parse(source);
  if (documentElement === null) throw new Error('there is no root');
  return documentElement;
};
const written = (node: dom.Node): string => new XMLSerializer().serializeToString(node);

/** All of a node that a program can see. */
function described(node: Node): unknown {
  if (node.nodeType !== 1) return [node.nodeType, node.nodeName, node.nodeValue];
  const { namespaceURI, prefix, localName, attributes, childNodes } = node as Element;
  const attrs = Array.from(attributes, (attr) => [
    attr.name,
    attr.namespaceURI,
    // Empty is null in the standard, and '' or undefined in @xmldom/xmldom.
    attr.prefix ?? null,
    attr.localName,
    attr.value,
  ]);
  return [
    node.nodeName,
    namespaceURI ?? null,
    prefix ?? null,
    localName,
    attrs,
    Array.from(childNodes, described),
    node.textContent,
  ];
}

describe('trees', () => {
  test.each(documents.filter(([name]) => name !== 'CDATA at its edges'))(
    '%s: that of @xmldom/xmldom',
    (_name, source) => {
      const theirs = new Theirs().parseFromString(source, 'text/xml').documentElement;
      expectSame(described(rootOf(source) as unknown as Node), described(theirs));
    },
  );

  test('comments and processing instructions are passed over with `document`, and faults without', () => {
    const { documentElement } = parse(misc, { document: true });
    expect(documentElement && written(documentElement)).toBe('<a>xyz <b/></a>');
    expect(rootOf(misc).nodeName).toBe('parsererror');
  });

  test('bytes of UTF-8 are a source too', () => {
    const { documentElement } = new DOMParser().parseFromString(Buffer.from('<a>é</a>'));
    expect(documentElement?.textContent).toBe('é');
  });

  test('a deep tree costs no stack', () => {
    const depth = 50_000;
    const source = '<a>'.repeat(depth) + 'x' + '</a>'.repeat(depth);
    const { documentElement } = parse(source, { limits: { maxDepth: depth } });
    expect(documentElement?.textContent).toBe('x');
    expect(documentElement && written(documentElement.cloneNode(true))).toBe(source);
    expect(documentElement?.getElementsByTagName('a')).toHaveLength(depth - 1);
    expect(rootOf(source).nodeName).toBe('parsererror');
  });
});

describe('faults', () => {
  test.each([
    '',
    'x',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a x=1/>',
    '<x:a/>',
    '<a>&nbsp;</a>',
    '<!DOCTYPE a><a/>',
    '<a><!-- --></a>',
    '<a>\ud83c</a>',
    '<a>\u0000</a>',
  ])('%j gives a document that says so', (source) => {
    const document = parse(source);
    const { documentElement } = document;
    expect(documentElement?.nodeName).toBe('parsererror');
    expect(documentElement?.namespaceURI).toBe('http://www.w3.org/1999/xhtml');
    expect(documentElement?.textContent).toMatch(/\(byte \d+\)$/);
    expect(document.getElementsByTagNameNS('http://www.w3.org/1999/xhtml', 'parsererror')).toEqual([
      documentElement,
    ]);
  });

  test('anything that is no string becomes one, as in browsers', () => {
    for (const source of [null, undefined, 5, {}]) {
      expect(parse(source as never).documentElement?.nodeName).toBe('parsererror');
    }
    expect(() => new DOMParser().parseFromString('<a/>', 'text/html')).toThrow(TypeError);
  });
});

describe('nodes', () => {
  const document = new DOMImplementation().createDocument('urn:a', 'a');

  test('are found by name, and know their neighbours', () => {
    const root = rootOf('<a xmlns="u" xmlns:p="v">1<b/>2<p:b x="3" p:y="4"/><c><b/></c></a>');
    expect(root.getElementsByTagName('b')).toHaveLength(2);
    expect(root.getElementsByTagNameNS('*', 'b')).toHaveLength(3);
    expect(root.getElementsByTagNameNS('v', '*')).toHaveLength(1);
    const [first, second, third] = root.children;
    expect(first.nextSibling?.nodeValue).toBe('2');
    expect(second.previousSibling).toBe(first.nextSibling);
    expect(third.parentElement).toBe(root);
    expect([root.firstElementChild, root.lastElementChild]).toEqual([first, third]);
    expect([root.firstChild?.nodeValue, root.lastChild, root.childElementCount]).toEqual([
      '1',
      third,
      3,
    ]);
    expect(second.getAttributeNS('v', 'y')).toBe('4');
    expect(second.getAttribute('y')).toBeNull();
    expect(second.getAttributeNames()).toEqual(['x', 'p:y']);
    expect(second.lookupNamespaceURI('p')).toBe('v');
    expect(third.lookupNamespaceURI(null)).toBe('u');
    expect(root.ownerDocument?.documentElement).toBe(root);
    expect(root.contains(third.firstChild)).toBe(true);
    expect(root.nodeType).toBe(dom.Node.ELEMENT_NODE);
    expect(Reflect.get(root, 'ELEMENT_NODE')).toBe(1);
  });

  test('are made, moved and taken away', () => {
    const message = document.createElementNS('jabber:client', 'message');
    const body = message.appendChild(document.createElement('body'));
    body.textContent = 'Hi';
    const fragment = document.createDocumentFragment();
    fragment.append('1', document.createElement('x'), document.createCDATASection('<'));
    message.insertBefore(fragment, body);
    expect(fragment.hasChildNodes()).toBe(false);
    message.setAttribute('to', 'a');
    message.setAttribute('to', 'b');
    message.setAttributeNS('http://www.w3.org/XML/1998/namespace', 'xml:lang', 'it');
    message.setAttribute('gone', '');
    message.removeAttribute('gone');
    expect(message.hasAttribute('gone')).toBe(false);
    const copy = message.cloneNode(true);
    body.remove();
    message.replaceChild(document.createElement('y'), message.children[0]);
    expect(written(message)).toBe(
      '<message to="b" xml:lang="it" xmlns="jabber:client">1<y xmlns=""/><![CDATA[<]]></message>',
    );
    expect(copy.textContent).toBe('1<Hi');
    expect(copy.parentNode).toBeNull();
  });

  test('what cannot be is an error of the standard', () => {
    const element = document.createElement('b');
    const inner = element.appendChild(document.createElement('c'));
    const cases: [() => unknown, string][] = [
      [() => inner.appendChild(element), 'HierarchyRequestError'],
      [() => document.appendChild(document.createElement('second')), 'HierarchyRequestError'],
      [() => document.appendChild(document.createTextNode('x')), 'HierarchyRequestError'],
      [() => element.removeChild(document.createElement('d')), 'NotFoundError'],
      [() => element.insertBefore(document.createElement('d'), document), 'NotFoundError'],
      [() => document.createElement('a b'), 'InvalidCharacterError'],
      [() => document.createElementNS(null, 'p:a'), 'NamespaceError'],
      [() => element.setAttributeNS('urn:x', 'xmlns:p', ''), 'NamespaceError'],
      [() => document.createCDATASection(']]>'), 'InvalidCharacterError'],
    ];
    for (const [act, name] of cases) expect(act).toThrow(expect.objectContaining({ name }));
  });

  test('what is written reads back as the same tree', () => {
    for (const [, source] of documents) {
      const root = rootOf(source);
      const again = rootOf(written(root));
      expectSame(described(again as unknown as Node), described(root as unknown as Node));
    }
  });

  test('elements that strophe builds are written as they were meant', () => {
    const iq = document.createElement('iq');
    iq.setAttribute('xmlns', 'jabber:client');
    iq.appendChild(document.createElement('query')).setAttribute('xmlns', 'jabber:iq:roster');
    expect(written(iq)).toBe('<iq xmlns="jabber:client"><query xmlns="jabber:iq:roster"/></iq>');
  });
});

test('a declaration is over with its element, read and written', () => {
  const source =
    '<r xmlns="a" xmlns:p="b"><x xmlns="c" xmlns:p="d"><p:y/><z xmlns=""/><z/></x><p:y/><w/></r>';
  const namespaces: (string | null)[] = [];
  const walk = (element: dom.Element): void => {
    namespaces.push(element.namespaceURI);
    for (const child of element.childNodes) if (child instanceof dom.Element) walk(child);
  };
  const root = rootOf(source);
  walk(root);
  expect(namespaces).toEqual(['a', 'c', 'd', null, 'c', 'b', 'a']);
  expect(written(root)).toBe(source);
});

test('strophe runs over it', async () => {
  const globals = globalThis as { DOMParser: unknown; document: unknown; XMLSerializer: unknown };
  const before = { ...globals };
  let parsed = 0;
  globals.DOMParser = class extends DOMParser {
    override parseFromString(source: unknown, type?: string): dom.Document {
      parsed++;
      return super.parseFromString(source, type);
    }
  };
  globals.document = new DOMImplementation().createDocument(null, null);
  globals.XMLSerializer = XMLSerializer;
  const serving = await serve();
  try {
    const heard: (string | null)[] = [];
    const login = async (jid: string, password: string) => {
      const connection = new Strophe.Connection(serving.webSocket, { protocol: 'ws' });
      connection.addHandler(
        (stanza) => {
          expect(stanza).toBeInstanceOf(dom.Element);
          heard.push(stanza.getElementsByTagName('body')[0].textContent);
          return true;
        },
        '',
        'message',
        '',
        '',
        '',
      );
      await new Promise((resolve, reject) => {
        connection.connect(jid, password, (status) => {
          if (status === Strophe.Status.CONNECTED) resolve(undefined);
          if (status === Strophe.Status.AUTHFAIL) reject(new Error('not authorized'));
          return true;
        });
      });
      return connection;
    };
    const juliet = await login('juliet@localhost/balcony', 'balcony');
    const romeo = await login('romeo@localhost/orchard', 'orchard');
    const body = 'Wherefore <art> & thou \u{1f339} ]]> Romeo?';
    juliet.send($msg({ to: 'romeo@localhost/orchard', type: 'chat' }).c('body').t(body));
    await expect.poll(() => heard).toEqual([body]);
    expect(parsed).toBeGreaterThan(5);
    juliet.disconnect('');
    romeo.disconnect('');
  } finally {
    Object.assign(globals, {
      DOMParser: before.DOMParser,
      document: before.document,
      XMLSerializer: before.XMLSerializer,
    });
    await serving.stop();
  }
});
