/*
 * What happens to a stanza before and beside the table: addresses and form (RFC 6120, sections 8.1, 8.2 and 10),
 * and what is rewritten when it leaves its stream (sections 4.8.3 and 8.1.5).
 */
import { describe, expect, test } from 'vitest';
import { Router, UsageError, parse } from 'tercet';
import { bytesOf, feed, strangers, textOf, verona } from './verona.js';

const streams = 'http://etherx.jabber.org/streams';

describe('from (section 8.1.2.1)', () => {
  test('is the full JID, in the place where the client wrote another', () => {
    const { router, romeo } = verona();
    router.bind('juliet@example.com/balcony', 'juliet');
    const source = `<message type="chat" from='juliet@example.com' to='juliet@example.com/balcony'/>`;
    expect(feed(romeo, source).outputs.get('juliet')).toBe(
      `<message type="chat" from='romeo@example.com/orchard' to='juliet@example.com/balcony'/>`,
    );
  });

  test('is the bare JID of subscriptions, and so is to', () => {
    const { router, romeo } = verona({ exists: () => true, knows: () => false });
    for (const type of ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed']) {
      const verdict = router.route(
        bytesOf(`<presence to='Juliet@example.com' type='${type}' id='a'/>`),
        romeo,
      );
      expect(verdict).toMatchObject({ type: 'handle', subject: 'subscription', holds: true });
      expect(textOf(verdict.bytes)).toBe(
        `<presence from='romeo@example.com' xmlns='jabber:client' to='juliet@example.com' type='${type}' id='a'/>`,
      );
    }
  });

  test('is written as XML, whatever the resource holds', () => {
    const { router } = verona();
    router.bind('juliet@example.com/balcony', 'juliet');
    const resource = `a&b<c>'d"é`;
    const seat = router.bind(`tybalt@example.com/${resource}`, 'tybalt');
    const verdict = router.route(bytesOf(`<message to='juliet@example.com/balcony'/>`), seat);
    expect(parse(verdict.bytes).attr('from')).toBe(`tybalt@example.com/${resource}`);
  });

  test('that is not the own one ends the stream where the host is strict', () => {
    const { router } = verona();
    router.bind('juliet@example.com/balcony', 'juliet');
    const seat = router.bind('tybalt@example.com/street', 'tybalt', { strictFrom: true });
    const send = (from: string) =>
      router.route(bytesOf(`<message to='juliet@example.com/balcony' from='${from}'/>`), seat);
    for (const from of ['romeo@example.com', 'tybalt@example.com/home', 'example.com', '@', '']) {
      expect(send(from)).toMatchObject({ type: 'close', condition: 'invalid-from', holds: true });
    }
    for (const from of ['Tybalt@example.com/street', 'tybalt@EXAMPLE.com']) {
      expect(send(from).type).toBe('deliver');
    }
  });
});

describe('form (section 8.2.3)', () => {
  const cases: [string, string][] = [
    [`<iq to='juliet@example.com/balcony' type='get' id=''><a xmlns='b'/></iq>`, 'bad-request'],
    [`<iq to='juliet@example.com/balcony' type='get'><a xmlns='b'/></iq>`, 'bad-request'],
    [`<iq to='juliet@example.com/balcony' id='1'><a xmlns='b'/></iq>`, 'bad-request'],
    [`<iq to='juliet@example.com/balcony' id='1' type='put'><a xmlns='b'/></iq>`, 'bad-request'],
    [`<iq to='juliet@example.com/balcony' id='1' type='get'/>`, 'bad-request'],
    [`<iq to='juliet@example.com/balcony' id='1' type='set'><a/><b/></iq>`, 'bad-request'],
    [`<presence to='juliet@example.com' type='unknown'/>`, 'bad-request'],
    [`<presence><priority>128</priority></presence>`, 'bad-request'],
    [`<presence><priority>-129</priority></presence>`, 'bad-request'],
    [`<presence><priority>high</priority></presence>`, 'bad-request'],
    [`<presence><priority/></presence>`, 'bad-request'],
    [`<presence><priority>1</priority><priority>1</priority></presence>`, 'bad-request'],
    [`<presence type='probe'/>`, 'bad-request'],
    [`<presence type='subscribe'/>`, 'bad-request'],
    [`<message to='@example.com'/>`, 'jid-malformed'],
    [`<message to=''/>`, 'jid-malformed'],
    [`<message to='juliet@exa mple.com'/>`, 'jid-malformed'],
    [`<message to='juliet@example.com/'/>`, 'jid-malformed'],
    [`<message to='${'a'.repeat(1024)}@example.com'/>`, 'jid-malformed'],
    [`<message to='${'&#x61;'.repeat(4000)}@example.com'/>`, 'jid-malformed'],
  ];
  test.each(cases)('%s', (source, condition) => {
    const { router, romeo } = verona();
    const verdict = router.route(bytesOf(source), romeo);
    expect(verdict).toMatchObject({ type: 'bounce', condition, errorType: 'modify' });
    const reply = parse(verdict.bytes);
    expect(reply.attr('type')).toBe('error');
    expect(reply.child('error')?.child(condition)).toBeDefined();
    expect(reply.attr('to')).toBe('romeo@example.com/orchard');
    const { outputs } = feed(romeo, source);
    expect(parse(outputs.get('romeo') ?? '').attr('type')).toBe('error');
  });

  const silent = [
    `<iq to='juliet@example.com/balcony' type='result'/>`,
    `<iq to='juliet@example.com/balcony' type='result' id='1'><a/><b/></iq>`,
    `<iq to='@' type='error' id='1'/>`,
    `<message to='@' type='error'/>`,
    `<presence to='@' type='error'/>`,
  ];
  test.each(silent)('%s is never answered', (source) => {
    const { router, romeo } = verona();
    expect(router.route(bytesOf(source), romeo).type).toBe('drop');
    expect(feed(romeo, source)).toMatchObject({ outputs: new Map(), verdicts: [] });
  });

  test('a type of message that nobody knows means normal (RFC 6121, section 5.2.2)', () => {
    const { router, romeo } = verona();
    const verdict = router.route(bytesOf(`<message type='shout'/>`), romeo);
    expect(verdict.stanzaType).toBe('normal');
  });

  test('a type by references is the type that they spell', () => {
    const { router, romeo } = verona();
    router.bind('juliet@example.com/balcony', 'juliet');
    const source = `<message type='gr&#111;upch&#x61;t' to='juliet@example.com/nowhere'/>`;
    const verdict = router.route(bytesOf(source), romeo);
    expect(verdict).toMatchObject({ type: 'bounce', stanzaType: 'groupchat' });
  });

  test('priorities are read as integers', () => {
    const { router, romeo } = verona();
    for (const [text, priority] of [
      ['-128', -128],
      ['127', 127],
      [' 5\n', 5],
      ['+1', 1],
      ['007', 7],
    ] as const) {
      const source = `<presence><priority>${text}</priority></presence>`;
      const verdict = router.route(bytesOf(source), romeo);
      expect(verdict).toMatchObject({ subject: 'broadcast', priority, holds: true });
    }
  });
});

describe('no to (section 10.3)', () => {
  test('a message is for the own account', () => {
    const { router, romeo } = verona();
    romeo.available();
    const verdict = router.route(bytesOf(`<message><body>note</body></message>`), romeo);
    expect(verdict).toMatchObject({ type: 'deliver', targets: ['romeo'], to: 'romeo@example.com' });
  });

  test('presence is broadcast by the host', () => {
    const { router, romeo } = verona();
    for (const source of [`<presence/>`, `<presence type='unavailable'/>`]) {
      const verdict = router.route(bytesOf(source), romeo);
      expect(verdict).toMatchObject({ type: 'handle', subject: 'broadcast', holds: true });
    }
  });

  test('a request is for the account, and one that changes it holds back the stream', () => {
    const { router, romeo } = verona();
    for (const type of ['get', 'set']) {
      const source = `<iq type='${type}' id='1'><query xmlns='jabber:iq:roster'/></iq>`;
      const verdict = router.route(bytesOf(source), romeo);
      expect(verdict).toMatchObject({ type: 'handle', subject: 'account', holds: type === 'set' });
    }
  });

  test('a response is for the requests of the account', () => {
    const { router, romeo } = verona();
    const verdict = router.route(bytesOf(`<iq type='result' id='push'/>`), romeo);
    expect(verdict).toMatchObject({ type: 'handle', subject: 'account', stanzaType: 'result' });
  });
});

describe('other destinations', () => {
  test('the domain itself is for the host', () => {
    const { router, romeo } = verona();
    for (const to of ['example.com', 'EXAMPLE.com/disco', 'example.com.']) {
      const source = `<iq type='get' id='1' to='${to}'><ping xmlns='urn:xmpp:ping'/></iq>`;
      expect(router.route(bytesOf(source), romeo)).toMatchObject({
        type: 'handle',
        subject: 'host',
      });
    }
  });

  test('another domain is elsewhere, in the namespace of servers', () => {
    const { router, romeo } = verona();
    const source =
      `<message to='nurse@verona.example/x' xmlns='jabber:client'><body xmlns="jabber:client">Hi</body>` +
      `<f xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'/></f></message>`;
    const verdict = router.route(bytesOf(source), romeo);
    expect(verdict).toMatchObject({
      type: 'forward',
      to: 'nurse@verona.example/x',
      toBare: 'nurse@verona.example',
      rule: 'RFC 6120, 10.4',
    });
    expect(textOf(verdict.bytes)).toBe(
      source
        .replace('<message', "<message from='romeo@example.com/orchard'")
        .replaceAll('jabber:client', 'jabber:server'),
    );
  });

  test('an element that is no stanza is for the host', () => {
    const { router, romeo } = verona();
    for (const source of [
      `<r xmlns='urn:xmpp:sm:3'/>`,
      `<message xmlns='jabber:server'/>`,
      `<body/>`,
    ]) {
      const verdict = router.route(bytesOf(source), romeo);
      expect(verdict).toMatchObject({ type: 'handle', subject: 'element', kind: undefined });
      expect(feed(romeo, source)).toMatchObject({ stanzas: 0, verdicts: [{ subject: 'element' }] });
    }
  });
});

describe('leaving a stream', () => {
  const header = parse(
    `<stream:stream xmlns='jabber:client' xmlns:stream='${streams}' xmlns:p='urn:p&amp;q' xmlns:long='urn:long' xml:lang='it'/>`,
  );
  function withHeader() {
    const router = new Router<string>({ domains: ['example.com'], accounts: strangers });
    const romeo = router.bind('romeo@example.com/orchard', 'romeo', { header });
    router.bind('juliet@example.com/balcony', 'juliet');
    romeo.open();
    feed(romeo, header.toString().replace('/>', '>'));
    const sent = (source: string): string => {
      const alone = textOf(router.route(bytesOf(source), romeo).bytes);
      const inStream = feed(romeo, source).outputs.get('juliet') ?? '';
      expect(alone.replace(" xmlns='jabber:client'", '')).toBe(inStream);
      return inStream;
    };
    return { romeo, sent };
  }

  test('a stanza takes along the language of its stream, if it has none', () => {
    const { sent } = withHeader();
    expect(parse(sent(`<message to='juliet@example.com/balcony'/>`)).attrs['xml:lang']).toBe('it');
    const own = sent(`<message xml:lang='en' to='juliet@example.com/balcony'/>`);
    expect(parse(own).attrs['xml:lang']).toBe('en');
  });

  test('prefixes of the header that it uses are declared on it, others are not', () => {
    const { sent } = withHeader();
    const text = sent(`<message to='juliet@example.com/balcony'><p:a b='1'/></message>`);
    expect(text).toContain(` xmlns:p='urn:p&amp;q'`);
    expect(text).not.toContain('xmlns:long');
    expect(parse(text).elements()[0]?.ns).toBe('urn:p&q');
    const attribute = sent(`<message to='juliet@example.com/balcony'><a long:b='1'/></message>`);
    expect(parse(attribute).elements()[0]?.attr('b', 'urn:long')).toBe('1');
  });

  test('its own declarations stay its own', () => {
    const { sent } = withHeader();
    const text = sent(
      `<message xmlns:p='urn:own' to='juliet@example.com/balcony'><p:a/></message>`,
    );
    expect(parse(text).elements()[0]?.ns).toBe('urn:own');
    const inner = sent(
      `<message to='juliet@example.com/balcony'><x xmlns:p='urn:own'><p:a/></x><p:b/></message>`,
    );
    const [first, second] = parse(inner).elements();
    expect(first.elements()[0].ns).toBe('urn:own');
    expect(second.ns).toBe('urn:p&q');
  });

  test('a frame declares its namespace, and is a unit of its own', () => {
    const { router, romeo } = verona();
    const juliet = router.bind('juliet@example.com/balcony', 'juliet', { framing: 'websocket' });
    const source = `<message to='juliet@example.com/balcony'/>`;
    const units: string[] = [];
    for (const batch of romeo.feed(bytesOf(source + source))) {
      for (let index = 0; index < batch.count; index++) units.push(textOf(batch.output(index)));
    }
    const unit = `<message from='romeo@example.com/orchard' xmlns='jabber:client' to='juliet@example.com/balcony'/>`;
    expect(units).toEqual([unit, unit]);
    // And the other way: a frame inherits nothing.
    juliet.open();
    const frame = `<message xmlns='jabber:client' to='romeo@example.com/orchard'/>`;
    expect(feed(juliet, frame).outputs.get('romeo')).toBe(
      frame.replace('<message', "<message from='juliet@example.com/balcony'"),
    );
  });

  test('an error reply has the payload of a small stanza, and no more of a large one', () => {
    const { router, romeo } = verona();
    const reply = (body: string) => {
      const source = `<iq type='get' id="'1'" to='juliet@example.com/none' xmlns:q='urn:q'><q:a>${body}</q:a></iq>`;
      const { outputs } = feed(romeo, source);
      const alone = router.route(bytesOf(source), romeo);
      expect(parse(alone.bytes).attr('id')).toBe("'1'");
      return parse(outputs.get('romeo') ?? '');
    };
    expect(
      reply('small')
        .elements()
        .map(({ name }) => name),
    ).toEqual(['a', 'error']);
    expect(
      reply('large'.repeat(1000))
        .elements()
        .map(({ name }) => name),
    ).toEqual(['error']);
  });
});

describe('the stream of another server (section 8.1.2.2)', () => {
  function peered() {
    const router = new Router<string>({
      domains: ['example.com'],
      accounts: { exists: () => true, knows: (_, from) => from === 'nurse@verona.example/x' },
    });
    const verona = router.peer('verona', { domain: 'Verona.example' });
    const juliet = router.bind('juliet@example.com/balcony', 'juliet');
    const send = (attributes: string, name = 'message', content = '') =>
      router.route(bytesOf(`<${name} ${attributes}>${content}</${name}>`), verona);
    return { router, juliet, verona, send };
  }

  test('what is for an account here is delivered in the namespace of clients', () => {
    const { send, verona } = peered();
    const verdict = send(`from='nurse@verona.example/x' to='juliet@example.com/balcony'`);
    expect(verdict).toMatchObject({ type: 'deliver', targets: ['juliet'] });
    verona.open();
    feed(verona, `<stream:stream xmlns='jabber:server' xmlns:stream='${streams}'>`);
    const source = `<message from='nurse@verona.example' xmlns='jabber:server' to='juliet@example.com/balcony'><body/></message>`;
    expect(feed(verona, source).outputs.get('juliet')).toBe(
      source.replace('jabber:server', 'jabber:client'),
    );
  });

  test('prefixes and the language of its header are not lost', () => {
    const header = parse(
      `<stream:stream xmlns='jabber:server' xmlns:stream='${streams}' xmlns:p='urn:p' xml:lang='it'/>`,
    );
    const router = new Router<string>({ domains: ['example.com'], accounts: strangers });
    const nurse = router.peer('verona', { domain: 'verona.example', header });
    router.bind('juliet@example.com/balcony', 'juliet');
    const source = `<message from='nurse@verona.example' to='juliet@example.com/balcony'><p:a/></message>`;
    const got = parse(router.route(bytesOf(source), nurse).bytes);
    expect([got.attr('xml:lang'), got.elements()[0]?.ns]).toEqual(['it', 'urn:p']);
  });

  test('an answer that comes later finds its stanza as it was', () => {
    const router = new Router<string>({
      domains: ['example.com'],
      accounts: { exists: () => 'later', knows: () => 'later' },
    });
    const nurse = router.peer('verona', { domain: 'verona.example' });
    router.bind('juliet@example.com/balcony', 'juliet').available();
    nurse.open();
    feed(nurse, `<stream:stream xmlns='jabber:server' xmlns:stream='${streams}'>`);
    const stanza = (to: string, id: number) =>
      `<message from='nurse@verona.example' to='${to}' id='${id}'><body/></message>`;
    const source =
      stanza('juliet@example.com/none', 1) +
      stanza('juliet@example.com', 2) +
      stanza('tybalt@example.com', 3);
    const { outputs, verdicts } = feed(nurse, source);
    expect(outputs.size).toBe(0);
    expect(verdicts.map(({ type }) => type)).toEqual(['wait', 'wait', 'wait']);
    const released = router.answer(verdicts[0].token ?? 0, true);
    expect(released.map(({ type }) => type)).toEqual(['bounce', 'deliver']);
    expect(textOf(released[1].bytes)).toContain("id='2'");
    expect(parse(released[1].bytes).ns).toBe('jabber:client');
    expect(router.answer(verdicts[2].token ?? 0, true)).toMatchObject([{ type: 'store' }]);
  });

  test('addresses are there, of the domain that was validated, and for a domain served here', () => {
    const { send } = peered();
    const cases: [string, string][] = [
      [`to='juliet@example.com'`, 'improper-addressing'],
      [`from='nurse@verona.example'`, 'improper-addressing'],
      [`from='@' to='juliet@example.com'`, 'improper-addressing'],
      [`from='nurse@verona.example' to='@'`, 'improper-addressing'],
      [`from='nurse@padua.example' to='juliet@example.com'`, 'invalid-from'],
      [`from='verona.example.evil' to='juliet@example.com'`, 'invalid-from'],
      [`from='nurse@verona.example' to='friar@mantua.example'`, 'host-unknown'],
    ];
    for (const [attributes, condition] of cases) {
      expect(send(attributes)).toMatchObject({ type: 'close', condition });
    }
  });

  test('whom the account knows is asked with the full JID of the sender', () => {
    const { send } = peered();
    const ask = (from: string) =>
      send(
        `from='${from}' to='juliet@example.com/balcony' type='get' id='1'`,
        'iq',
        `<query xmlns='jabber:iq:version'/>`,
      ).type;
    expect(ask('nurse@verona.example/x')).toBe('deliver');
    expect(ask('nurse@verona.example/y')).toBe('bounce');
  });

  test('an error reply is addressed to the sender', () => {
    const { send } = peered();
    const verdict = send(`from='n@verona.example' to='juliet@example.com/none' type='groupchat'`);
    expect(verdict).toMatchObject({ type: 'bounce', targets: ['verona'] });
    expect(parse(verdict.bytes)).toMatchObject({ ns: 'jabber:server' });
    expect(parse(verdict.bytes).attr('to')).toBe('n@verona.example');
  });
});

describe('misuse', () => {
  test('a seat is bound once, and by a full JID', () => {
    const { router } = verona();
    expect(() => router.bind('romeo@example.com/orchard', 'x')).toThrow(UsageError);
    expect(() => router.bind('Romeo@example.com/orchard', 'x')).toThrow(/bound already/);
    expect(() => router.bind('romeo@example.com', 'x')).toThrow(UsageError);
    expect(() => router.bind('example.com/x', 'x')).toThrow(UsageError);
  });

  test('a seat that has left is of no use, and nobody else takes its place', () => {
    const { router, romeo } = verona();
    const juliet = router.bind('juliet@example.com/balcony', 'juliet');
    juliet.unbind();
    expect(router.find('juliet@example.com/balcony')).toBeUndefined();
    router.bind('juliet@example.com/chamber', 'other');
    expect(() => router.route(bytesOf('<message/>'), juliet)).toThrow(UsageError);
    expect(() => juliet.available()).toThrow(UsageError);
    expect(() => [...juliet.feed(bytesOf('<message/>'))]).toThrow(UsageError);
    const verdict = router.route(bytesOf(`<message to='juliet@example.com/balcony'/>`), romeo);
    expect(verdict.type).toBe('drop');
  });

  test('bytes that are not one element are refused, and do no harm', () => {
    const { router, romeo } = verona();
    for (const bad of ['', 'text', '<message>', '<message/><message/>', '<a></b>', '</a>']) {
      expect(() => router.route(bytesOf(bad), romeo)).toThrow(UsageError);
    }
    expect(router.route(bytesOf('<message/>'), romeo).type).toBe('drop');
  });

  test('an engine has one router', () => {
    const { router } = verona();
    const { engine } = router;
    expect(() => new Router({ domains: [], accounts: strangers, engine })).toThrow(UsageError);
  });
});
