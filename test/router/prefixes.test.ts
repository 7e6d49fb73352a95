/*
 * Stanzas whose content namespace is written with a prefix are stanzas (RFC 6120, section 4.8.5), and leave without
 * it: "an XMPP server MUST NOT route or deliver such data to another entity without first correcting the error".
 * Both ways, cut anywhere, with prefixes declared on the stanza and on the header of its stream.
 */
import { describe, expect, test } from 'vitest';
import { Router, parse, type Verdict } from 'tercet';
import { bytesOf, feed, strangers, textOf } from './verona.js';
import { prefixesOf, readStream, treeOf, type Tree } from './trees.js';

const streams = 'http://etherx.jabber.org/streams';
const plainHeader = `<stream:stream xmlns='jabber:client' xmlns:stream='${streams}'>`;
/** The content namespace is a prefix of the header, and the default is another. */
const oddHeader = `<stream:stream xmlns='urn:other&amp;' xmlns:c='jabber:client' xmlns:p='urn:p' xmlns:stream='${streams}' xml:lang='it'>`;
/** No default at all. */
const bareHeader = `<stream:stream xmlns:c='jabber:client' xmlns:stream='${streams}'>`;

const to = `to='juliet@example.com/balcony'`;
/** What a client may send on a stream with this header. */
const cases: readonly (readonly [string, string])[] = [
  [plainHeader, `<c:message xmlns:c='jabber:client' ${to}><c:body>Hi</c:body></c:message>`],
  [plainHeader, `<c:message ${to} xmlns:c='jabber:client'/>`],
  [
    plainHeader,
    `<c:message ${to} xmlns:c="jabber:client"><body>Hi</body><x xmlns='urn:x'/></c:message>`,
  ],
  [plainHeader, `<message ${to} xmlns:c='jabber:client'><c:body>Hi &amp; &#60;</c:body></message>`],
  [plainHeader, `<message xmlns='jabber&#58;client' ${to}><body>Hi</body></message>`],
  [plainHeader, `<c:message xmlns:c='jabber&#58;client' ${to}><c:body/><body/></c:message>`],
  [
    plainHeader,
    `<c:message xmlns='urn:a' xmlns:c='jabber:client' ${to}><a><c:b><d/><c:e/></c:b></a><c:body f='1'/><g/></c:message>`,
  ],
  [
    plainHeader,
    `<c:message xmlns:c='jabber:client' ${to}><p:a xmlns:p='urn:p' xmlns='urn:q'><b/><c:c><d/></c:c></p:a><e/></c:message>`,
  ],
  [
    plainHeader,
    `<c:message xmlns:c='jabber:client' ${to}><x xmlns='urn:x'><c:message c:a='1'><y/></c:message><z xmlns=''/></x></c:message>`,
  ],
  [
    plainHeader,
    `<c:message  xmlns:c = 'jabber:client'\n${to}  xmlns = "urn:a"  from='paris@example.com' ><c:body ></c:body ></c:message >`,
  ],
  [
    plainHeader,
    `<c:message xmlns:c='jabber:client' ${to}><x xmlns:c='urn:x'><c:body/></x></c:message>`,
  ],
  [oddHeader, `<c:message ${to}><c:body>Hi</c:body><a/><p:b p:c='1'/></c:message>`],
  [oddHeader, `<c:message ${to} c:d='2'/>`],
  [
    oddHeader,
    `<message xmlns='jabber:client' ${to}><c:body>Hi</c:body><x xmlns='urn:x'><c:y/></x></message>`,
  ],
  [oddHeader, `<c:message ${to}><c:a><b xmlns=''><c/></b></c:a><d/></c:message>`],
  [bareHeader, `<c:message ${to}><c:body>Hi</c:body><a><c:b/></a></c:message>`],
  [bareHeader, `<c:iq ${to} type='result' id='1'><a xmlns='urn:a'/></c:iq>`],
];

function world(header: string, target: { framing?: 'websocket' } = {}) {
  const router = new Router<string>({ domains: ['example.com'], accounts: strangers });
  const read = readStream(header).header;
  const romeo = router.bind('romeo@example.com/orchard', 'romeo', { header: read });
  router.bind('juliet@example.com/balcony', 'juliet', target);
  romeo.open();
  feed(romeo, header);
  return { router, romeo };
}

/** What has to come out: the same tree, from Romeo, in the language of his stream. */
function expected(header: string, source: string, rename?: (ns: string) => string): Tree {
  const read = readStream(header + source);
  const tree = treeOf(read.stanzas[0], rename, prefixesOf(read.header));
  const lang = read.header.attr('xml:lang');
  const key = '{http://www.w3.org/XML/1998/namespace}lang';
  return {
    ...tree,
    attributes: {
      ...(lang !== undefined && { [key]: lang }),
      ...tree.attributes,
      from: 'romeo@example.com/orchard',
    },
  };
}

/** What a client reads, on a stream of its own; and no element of the content namespace has a prefix. */
function received(text: string): Tree {
  const { stanzas } = readStream(plainHeader + text);
  expect(stanzas).toHaveLength(1);
  const prefixes = [...text.matchAll(/<\/?(\w+):/g)].map(([, prefix]) => prefix);
  if (!text.includes("xmlns:c='urn:x'")) expect(prefixes).not.toContain('c');
  return treeOf(stanzas[0]);
}

describe.each(cases)('on a stream %s', (header, source) => {
  test(source, () => {
    const wanted = expected(header, source);
    const { router, romeo } = world(header);
    const verdict = router.route(bytesOf(source), romeo);
    expect(verdict).toMatchObject({ type: 'deliver', targets: ['juliet'] });
    expect(received(textOf(verdict.bytes))).toEqual(wanted);
    const whole = feed(romeo, source).outputs.get('juliet') ?? '';
    expect(received(whole)).toEqual(wanted);
    for (let size = 1; size < source.length; size++) {
      const pieces = feed(romeo, source, size);
      expect(pieces.outputs.get('juliet'), `in pieces of ${size}`).toBe(whole);
    }
  });

  test('to a frame, and to a server', () => {
    const { romeo } = world(header, { framing: 'websocket' });
    const frame = feed(romeo, source).outputs.get('juliet') ?? '';
    expect(treeOf(parse(frame))).toEqual(expected(header, source));
    const far = source.replace('example.com', 'verona.example');
    const [verdict] = feed(romeo, far).verdicts;
    expect(verdict.type).toBe('forward');
    const rename = (ns: string): string => (ns === 'jabber:client' ? 'jabber:server' : ns);
    expect(treeOf(parse(textOf(verdict.bytes)))).toEqual(expected(header, far, rename));
  });
});

describe('what is read from a stanza with a prefix', () => {
  const { router, romeo } = world(oddHeader);
  const route = (source: string): Verdict<string> => {
    const verdict = router.route(bytesOf(source), romeo);
    expect(feed(romeo, source).verdicts.at(0)?.type ?? 'deliver').toBe(
      verdict.type === 'bounce' ? 'deliver' : verdict.type,
    );
    return verdict;
  };

  test('its kind, its type, its priority', () => {
    const presence = `<c:presence><c:priority>7</c:priority></c:presence>`;
    expect(route(presence)).toMatchObject({ kind: 'presence', subject: 'broadcast', priority: 7 });
    const none = `<c:presence><priority>7</priority></c:presence>`;
    expect(route(none)).toMatchObject({ subject: 'broadcast', priority: 0 });
    expect(route(`<c:iq type='get' id='1'><a xmlns='b'/></c:iq>`)).toMatchObject({
      kind: 'iq',
      stanzaType: 'get',
      subject: 'account',
    });
  });

  test('whether a message is to be stored', () => {
    const absent = new Router<string>({
      domains: ['example.com'],
      accounts: { exists: () => true, knows: () => false },
    });
    const seat = absent.bind('romeo@example.com/orchard', 'romeo', {
      header: readStream(oddHeader).header,
    });
    const store = (content: string) =>
      absent.route(bytesOf(`<c:message to='away@example.com'>${content}</c:message>`), seat).type;
    expect(store('<c:body/>')).toBe('store');
    expect(store('<body/>')).toBe('drop');
    expect(store(`<h:store xmlns:h='urn:xmpp:hints'/>`)).toBe('store');
  });

  test('a name is one only in the content namespace', () => {
    for (const source of [`<p:message ${to}/>`, `<message ${to}/>`, `<c:messages/>`]) {
      expect(route(source)).toMatchObject({ subject: 'element', kind: undefined });
    }
  });

  test('an error reply has the payload, corrected', () => {
    const source = `<c:iq type='get' id='1' to='juliet@example.com/none' xmlns:q='urn:q'><q:a><b/><c:d/></q:a></c:iq>`;
    const reply = parse(textOf(route(source).bytes));
    expect(reply.attrs).toMatchObject({ type: 'error', id: '1', to: 'romeo@example.com/orchard' });
    expect(treeOf(reply).name).toBe('{jabber:client}iq');
    expect(treeOf(reply).children[0]).toMatchObject({
      name: '{urn:q}a',
      children: [{ name: '{urn:other&}b' }, { name: '{jabber:client}d' }],
    });
    expect(reply.child('error')?.child('service-unavailable')).toBeDefined();
  });

  test('subscriptions become bare', () => {
    const verdict = route(`<c:presence to='juliet@example.com/balcony' type='subscribe'/>`);
    expect(textOf(verdict.bytes)).toBe(
      `<presence from='romeo@example.com' xmlns='jabber:client' xml:lang='it' to='juliet@example.com' type='subscribe'/>`,
    );
  });
});

test('a stanza of another server loses its prefix, too', () => {
  const router = new Router<string>({ domains: ['example.com'], accounts: strangers });
  router.bind('juliet@example.com/balcony', 'juliet');
  const verona = router.peer('verona', { domain: 'verona.example' });
  verona.open();
  feed(verona, `<stream:stream xmlns='jabber:server' xmlns:stream='${streams}'>`);
  const source = `<s:message xmlns:s='jabber:server' from='nurse@verona.example' ${to}><s:body s:a='1'>Hi</s:body></s:message>`;
  expect(feed(verona, source).outputs.get('juliet')).toBe(
    `<message xmlns:s='jabber:client' from='nurse@verona.example' ${to}><body s:a='1'>Hi</body></message>`,
  );
});

test('a deep stanza with prefixes is corrected all the same', () => {
  const { romeo } = world(plainHeader);
  const depth = 250;
  const content = '<c:a>'.repeat(depth) + '</c:a>'.repeat(depth);
  const output = feed(romeo, `<c:message xmlns:c='jabber:client' ${to}>${content}</c:message>`);
  expect(output.outputs.get('juliet')).toContain('<a>'.repeat(depth) + '</a>'.repeat(depth));
});
