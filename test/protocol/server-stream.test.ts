/*
 * The server's side of a stream without sockets: the order of things, header rules, STARTTLS, SASL,
 * binding, the end. What a client does is written out; what comes back is compared as text.
 */
import { describe, expect, test } from 'vitest';
import { UsageError, xml } from 'tercet';
import { ServerStream } from 'tercet/protocol';
import { tcpFraming, webSocketFraming } from 'tercet/transport';
import { Host, bindRequest, plainAuth, tcpHeader, webSocketHeader } from './host.js';

const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const message = "<message to='romeo@localhost'><body>Hi</body></message>";
const streamErrors = 'urn:ietf:params:xml:ns:xmpp-streams';

const errorOf = (text: string): string | undefined =>
  new RegExp(`<([a-z-]+) xmlns="${streamErrors}"`).exec(text)?.[1];

const failureOf = (text: string): string | undefined =>
  /<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><([a-z-]+)\/>/.exec(text)?.[1];

function expectEnd(host: Host, condition: string): void {
  const { heard } = host;
  expect(errorOf(heard)).toBe(condition);
  expect(heard.endsWith('</stream:stream>')).toBe(true);
  expect(host.of('ended').map(({ reason }) => reason)).toEqual([
    expect.objectContaining({ kind: 'error', condition }),
  ]);
}

describe('the way in', () => {
  test('header, PLAIN, restart, bind, stanza', () => {
    const host = new Host();
    host.say(tcpHeader);
    const first = host.heard;
    expect(first).toMatch(
      /^<\?xml version='1.0'\?><stream:stream xmlns="jabber:client" xmlns:stream="http:\/\/etherx.jabber.org\/streams" from="localhost" id="[^"]+" version="1.0" xml:lang="en">/,
    );
    expect(first).toContain(
      '<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism>',
    );
    expect(first).not.toContain('starttls');
    expect(host.say(plainAuth).heard).toBe('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
    host.say(tcpHeader);
    const second = host.heard;
    expect(second).toContain('<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>');
    expect(second).toContain('<optional/></session>');
    expect(second).toContain('<max-bytes>262144</max-bytes>');
    expect(second).not.toContain('mechanism');
    const idOf = (text: string) => / id="([^"]+)"/.exec(text)?.[1];
    expect(idOf(second)).not.toBe(idOf(first));
    expect(host.say(bindRequest).heard).toBe(
      '<iq type="result" id="b1"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind">' +
        '<jid>juliet@localhost/balcony</jid></bind></iq>',
    );
    host.say(message);
    expect(host.of('stanza').map(({ stanza }) => stanza.child('body')?.text)).toEqual(['Hi']);
  });

  test('the same byte by byte', () => {
    const host = new Host();
    host.spell(tcpHeader).spell(plainAuth).spell(tcpHeader).spell(bindRequest).spell(message);
    expect(host.of('stanza')).toHaveLength(1);
  });

  test('the same in one chunk, sent ahead of every answer', () => {
    const host = new Host();
    host.auth = undefined;
    host.bind = undefined;
    host.say(tcpHeader + plainAuth + tcpHeader + bindRequest + message);
    const [check] = host.of('authCheck');
    expect(host.of('bind')).toEqual([]);
    host.take(host.stream.answerAuth(check.token, { kind: 'accepted', local: 'juliet' }, 0));
    const [bind] = host.of('bind');
    expect(bind).toMatchObject({ local: 'juliet', domain: 'localhost', resource: 'balcony' });
    host.take(host.stream.answerBind(bind.token, { kind: 'bound', resource: 'balcony' }, 0));
    expect(host.of('stanza')).toHaveLength(1);
  });

  test('over WebSocket each element stands alone', () => {
    const host = new Host({ framing: webSocketFraming });
    host.say(webSocketHeader);
    expect(host.heard).toMatch(
      /^<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" from="localhost" id="[^"]+" version="1.0" xml:lang="en"\/><stream:features xmlns:stream="http:\/\/etherx.jabber.org\/streams">/,
    );
    host
      .say(plainAuth)
      .say(webSocketHeader)
      .say(bindRequest.replace('<iq', "<iq xmlns='jabber:client'"));
    expect(host.heard).toContain('<iq xmlns="jabber:client" type="result" id="b1">');
    host.say("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    expect(host.heard).toBe('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>');
    expect(host.isClosed).toBe(true);
  });
});

describe('the header', () => {
  const streams = "xmlns:stream='http://etherx.jabber.org/streams'";
  const header = (attributes: string) => `<stream:stream ${attributes}>`;

  test.each([
    [
      'another domain',
      header(`to='example.com' version='1.0' xmlns='jabber:client' ${streams}`),
      'host-unknown',
    ],
    [
      'no domain at all',
      header(`to='' version='1.0' xmlns='jabber:client' ${streams}`),
      'host-unknown',
    ],
    [
      'an account',
      header(`to='juliet@localhost' version='1.0' xmlns='jabber:client' ${streams}`),
      'host-unknown',
    ],
    [
      'another stream namespace',
      header("version='1.0' xmlns='jabber:client' xmlns:stream='urn:x'"),
      'invalid-namespace',
    ],
    [
      'another content namespace',
      header(`version='1.0' xmlns='jabber:server' ${streams}`),
      'invalid-namespace',
    ],
    ['no content namespace', header(`version='1.0' ${streams}`), 'invalid-namespace'],
    [
      'another prefix',
      "<s:stream version='1.0' xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'>",
      'bad-namespace-prefix',
    ],
    [
      'no prefix',
      "<stream version='1.0' xmlns='http://etherx.jabber.org/streams'>",
      'bad-namespace-prefix',
    ],
    ['another name', `<stream:river version='1.0' xmlns='jabber:client' ${streams}>`, 'bad-format'],
    ['no version', header(`xmlns='jabber:client' ${streams}`), 'unsupported-version'],
    [
      'a version that is none',
      header(`version='one' xmlns='jabber:client' ${streams}`),
      'unsupported-version',
    ],
  ])('with %s is answered by a header and an error', (_name, text, condition) => {
    const host = new Host();
    host.say(text);
    expect(host.sent).toMatch(/^<\?xml version='1.0'\?><stream:stream [^>]*from="localhost"[^>]*>/);
    expectEnd(host, condition);
  });

  test.each([
    [
      'without `to` means the default domain',
      header(`version='1.0' xmlns='jabber:client' ${streams}`),
    ],
    ['in capitals', header(`to='LocalHost' version='1.0' xmlns='jabber:client' ${streams}`)],
    ['of a later version', header(`version='2.7' xmlns='jabber:client' ${streams}`)],
  ])('%s', (_name, text) => {
    const host = new Host();
    expect(host.say(text).heard).toMatch(/from="localhost"[^>]* version="1.0"/);
    expect(host.of('ended')).toEqual([]);
  });

  test('names the client that names itself', () => {
    const host = new Host();
    host.say(header(`from='Juliet@localhost/x' version='1.0' xmlns='jabber:client' ${streams}`));
    expect(host.heard).toContain('from="localhost" to="juliet@localhost"');
  });

  test('with a domain that is served no longer says that it is gone', () => {
    const host = new Host({ formerDomains: ['old.example'] });
    host.say(header(`to='old.example' version='1.0' xmlns='jabber:client' ${streams}`));
    expectEnd(host, 'host-gone');
  });

  test('after authentication asks for the same domain', () => {
    const host = new Host({ domains: ['localhost', 'example.com'] });
    host.say(tcpHeader).say(plainAuth).say(tcpHeader.replace('localhost', 'example.com'));
    expect(errorOf(host.heard)).toBe('host-unknown');
  });

  test('is missed where something else comes first', () => {
    const host = new Host({ framing: webSocketFraming });
    host.say("<message xmlns='jabber:client'/>");
    expect(host.sent).toMatch(/^<open /);
    expect(errorOf(host.sent)).toBe('bad-format');
    expect(host.sent.endsWith('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>')).toBe(true);
  });
});

describe('what is not XML for XMPP', () => {
  test.each([
    ['a comment', '<!-- -->', 'restricted-xml'],
    ['a processing instruction', '<?x?>', 'restricted-xml'],
    ['a wrong end tag', '<a></b>', 'not-well-formed'],
    ['text between stanzas', 'Hello', 'bad-format'],
    ['too deep', '<a>'.repeat(40), 'policy-violation'],
    ['too long', `<a b='${'x'.repeat(10_000)}'/>`, 'policy-violation'],
  ])('%s ends the stream', (_name, text, condition) => {
    const host = new Host();
    host.say(tcpHeader);
    expect(errorOf(host.heard)).toBeUndefined();
    host.say(text);
    expectEnd(host, condition);
    expect(host.isClosed).toBe(true);
    expect(host.say(message).heard).toBe('');
  });

  test('bytes that are not UTF-8 end it before there is a header, and still with one', () => {
    const host = new Host();
    host.take(host.stream.receive(new Uint8Array([0xc0, 0x80]), 0));
    expect(host.sent).toMatch(/^<\?xml version='1.0'\?><stream:stream /);
    expectEnd(host, 'unsupported-encoding');
  });

  test('limits are wider after authentication', () => {
    const host = new Host().bound();
    host.say(`<message><body>${'x'.repeat(100_000)}</body></message>`);
    expect(host.of('stanza')).toHaveLength(1);
    host.forget();
    host.say(`<message><body>${'x'.repeat(300_000)}</body></message>`);
    expectEnd(host, 'policy-violation');
  });
});

describe('out of order', () => {
  const auth = plainAuth;
  const response = "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AAAA</response>";
  const other = "<x xmlns='urn:example:x'/>";

  test.each([
    ['a message', message, 'not-authorized'],
    ['a request', "<iq id='1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>", 'not-authorized'],
    ['something unknown', other, 'unsupported-stanza-type'],
    [
      'a stanza of another namespace',
      "<message xmlns='jabber:server'/>",
      'unsupported-stanza-type',
    ],
    ['a second header', tcpHeader.replace(/^<\?.*\?>/, ''), 'unsupported-stanza-type'],
  ])('before authentication %s ends the stream', (_name, text, condition) => {
    const host = new Host();
    host.say(tcpHeader);
    host.forget();
    host.say(text.includes('<stream:stream') ? `${text}</stream:stream>` : text);
    expectEnd(host, condition);
  });

  test.each([
    ['a message', message, 'not-authorized'],
    ['presence', '<presence/>', 'not-authorized'],
    [
      'a request to somebody',
      "<iq id='1' type='get' to='romeo@localhost'><q xmlns='q'/></iq>",
      'not-authorized',
    ],
    ['authentication', auth, 'unsupported-stanza-type'],
    ['STARTTLS', starttls, 'unsupported-stanza-type'],
    ['something unknown', other, 'unsupported-stanza-type'],
  ])('before binding %s ends the stream', (_name, text, condition) => {
    const host = new Host().authenticated();
    host.forget();
    host.say(text);
    expectEnd(host, condition);
  });

  test.each([
    ['authentication', auth],
    ['STARTTLS', starttls],
    ['something unknown', other],
  ])('after binding %s ends the stream', (_name, text) => {
    const host = new Host({ tls: 'offered' }).bound();
    host.forget();
    host.say(text);
    expectEnd(host, 'unsupported-stanza-type');
  });

  test('before binding the server refuses other requests to itself, and the stream goes on', () => {
    const host = new Host().authenticated();
    host.forget();
    host.say("<iq id='1' type='get' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
    expect(host.heard).toContain('<error type="auth"><not-authorized');
    host.say("<iq id='2' type='get'/>");
    expect(host.heard).toContain('<error type="modify"><bad-request');
    host.say("<iq id='3' type='result'/>");
    expect(host.heard).toBe('');
    host.say(bindRequest);
    expect(host.stream.isBound).toBe(true);
  });

  test('a response to nothing is a failed attempt', () => {
    const host = new Host();
    host.say(tcpHeader);
    host.forget();
    expect(failureOf(host.say(response).heard)).toBe('malformed-request');
  });
});

describe('STARTTLS', () => {
  test('is offered, done, and forgotten', () => {
    const host = new Host({ tls: 'offered' });
    host.say(tcpHeader);
    expect(host.heard).toContain('<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"/><mechanisms');
    expect(host.say(starttls).heard).toBe('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
    expect(host.effects.at(-1)).toEqual({ type: 'upgradeTls' });
    host.take(host.stream.secured(0));
    expect(host.stream.isEncrypted).toBe(true);
    host.say(tcpHeader);
    const { heard } = host;
    expect(heard).toContain('<mechanisms');
    expect(heard).not.toContain('starttls');
  });

  test.each([undefined, 'system-shutdown'] as const)(
    'a close (%s) in the middle of the handshake says nothing and is the end',
    (condition) => {
      const host = new Host({ tls: 'offered' });
      host.say(tcpHeader).say(starttls).forget();
      host.take(host.stream.close(condition, 0));
      expect(host.heard).toBe('');
      expect(host.isClosed).toBe(true);
      expect(host.of('ended')).toHaveLength(1);
      // The client did not know, and TLS holds after all.
      host.take(host.stream.secured(0)).say(tcpHeader);
      expect(host.heard).toBe('');
    },
  );

  test('where it is required, nothing else is offered or accepted', () => {
    const host = new Host({ tls: 'required' });
    host.say(tcpHeader);
    const { heard } = host;
    expect(heard).toContain(
      '<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"><required/></starttls>',
    );
    expect(heard).not.toContain('mechanism');
    expect(failureOf(host.say(plainAuth).heard)).toBe('encryption-required');
    host.say(starttls).take(host.stream.secured(0));
    host.say(tcpHeader).say(plainAuth);
    expect(host.heard).toContain('<success');
  });

  test.each([
    ['a stanza', message],
    ['a header', tcpHeader],
    ['half a tag', '<'],
    ['another command', starttls],
  ])('with %s after it in the same segment ends the stream unread', (_name, text) => {
    const host = new Host({ tls: 'offered' });
    host.say(tcpHeader);
    host.forget();
    host.say(starttls + text);
    expect(host.of('upgradeTls')).toEqual([]);
    expectEnd(host, 'policy-violation');
  });

  test('with white space after it is forgiven, and the white space is dropped', () => {
    const host = new Host({ tls: 'offered' });
    host.say(tcpHeader).say(`${starttls}\n`);
    expect(host.of('upgradeTls')).toHaveLength(1);
    host.take(host.stream.secured(0)).say(tcpHeader);
    expect(host.of('ended')).toEqual([]);
  });

  test('with bytes in clear before the handshake ends the stream without a word', () => {
    const host = new Host({ tls: 'offered' });
    host.say(tcpHeader).say(starttls);
    host.forget();
    host.say(message);
    expect(host.heard).toBe('');
    expect(host.of('ended')).toHaveLength(1);
    expect(host.isClosed).toBe(true);
  });

  test('where there is none fails and closes', () => {
    const host = new Host();
    host.say(tcpHeader);
    host.forget();
    host.say(starttls);
    expect(host.heard).toBe('<failure xmlns="urn:ietf:params:xml:ns:xmpp-tls"/></stream:stream>');
    expect(host.of('ended')).toHaveLength(1);
  });

  test('is cut when the handshake takes too long', () => {
    const host = new Host({ tls: 'offered', negotiationMs: 1000 });
    host.say(tcpHeader).say(starttls).wait(1000);
    expect(host.isClosed).toBe(true);
  });
});

describe('SASL', () => {
  const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";

  test.each([
    ['a mechanism that is not offered', `<auth ${sasl} mechanism='X'/>`, 'invalid-mechanism'],
    ['no mechanism', `<auth ${sasl}/>`, 'invalid-mechanism'],
    ['data that is not base64', `<auth ${sasl} mechanism='PLAIN'>?</auth>`, 'incorrect-encoding'],
    ['an empty initial response', `<auth ${sasl} mechanism='PLAIN'>=</auth>`, 'malformed-request'],
    [
      'an identity of somebody else',
      // romeo@localhost NUL juliet NUL balcony
      `<auth ${sasl} mechanism='PLAIN'>cm9tZW9AbG9jYWxob3N0AGp1bGlldABiYWxjb255</auth>`,
      'invalid-authzid',
    ],
  ])('with %s fails and may be tried again', (_name, text, condition) => {
    const host = new Host();
    host.say(tcpHeader);
    host.forget();
    expect(failureOf(host.say(text).heard)).toBe(condition);
    host.say(plainAuth);
    expect(host.heard).toContain('<success');
  });

  test('an identity of its own is accepted', () => {
    const host = new Host();
    host.say(tcpHeader);
    // juliet@localhost NUL juliet NUL balcony
    host.say(`<auth ${sasl} mechanism='PLAIN'>anVsaWV0QGxvY2FsaG9zdABqdWxpZXQAYmFsY29ueQ==</auth>`);
    expect(host.heard).toContain('<success');
  });

  test('without an initial response begins with an empty challenge', () => {
    const host = new Host();
    host.say(tcpHeader);
    host.forget();
    host.say(`<auth ${sasl} mechanism='PLAIN'/>`);
    expect(host.heard).toBe('<challenge xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
    host.say(`<response ${sasl}>AGp1bGlldABiYWxjb255</response>`);
    expect(host.heard).toContain('<success');
  });

  test('may be aborted', () => {
    const host = new Host();
    host.say(tcpHeader).say(`<auth ${sasl} mechanism='PLAIN'/>`);
    host.forget();
    expect(failureOf(host.say(`<abort ${sasl}/>`).heard)).toBe('aborted');
  });

  test('has five attempts a connection, over restarts', () => {
    const host = new Host({ tls: 'offered' });
    host.auth = { kind: 'refused', condition: 'not-authorized' };
    host.say(tcpHeader);
    for (let attempt = 1; attempt <= 2; attempt++) host.say(plainAuth);
    host.say(starttls).take(host.stream.secured(0)).say(tcpHeader);
    host.forget();
    for (let attempt = 3; attempt <= 4; attempt++) {
      expect(failureOf(host.say(plainAuth).heard)).toBe('not-authorized');
    }
    host.say(plainAuth);
    const { heard } = host;
    expect(failureOf(heard)).toBe('not-authorized');
    expect(errorOf(heard)).toBe('policy-violation');
    expect(host.of('authCheck')).toHaveLength(5);
  });

  test('an answer that comes after the end changes nothing', () => {
    const host = new Host();
    host.auth = undefined;
    host.say(tcpHeader).say(plainAuth).take(host.stream.disconnected(0));
    const count = host.effects.length;
    const [check] = host.of('authCheck');
    host.take(host.stream.answerAuth(check.token, { kind: 'accepted', local: 'juliet' }, 0));
    expect(host.effects).toHaveLength(count);
  });

  test('white space after <auth/> does not stand before the next header', () => {
    const host = new Host();
    host.say(tcpHeader).say(`${plainAuth}\n`).say('\n').say(tcpHeader);
    expect(host.of('ended')).toEqual([]);
    host.say(bindRequest);
    expect(host.stream.isBound).toBe(true);
  });

  test('a client that sends much ahead is stopped', () => {
    const host = new Host();
    host.auth = undefined;
    host.say(tcpHeader).say(plainAuth);
    host.forget();
    host.say(' '.repeat(65_537));
    expectEnd(host, 'policy-violation');
  });
});

describe('registration', () => {
  const ask = (attributes = "type='get'", inside = "<query xmlns='jabber:iq:register'/>") =>
    `<iq id='r' ${attributes}>${inside}</iq>`;
  const reply = xml('iq', { xmlns: 'jabber:client', type: 'result', id: 'r' });

  test('is offered where the host has it, and asked of the host', () => {
    const host = new Host({ hasRegistration: true });
    host.say(tcpHeader);
    expect(host.heard).toContain('<register xmlns="http://jabber.org/features/iq-register"/>');
    host.say(ask() + plainAuth);
    const [{ token, stanza }] = host.of('register');
    expect(stanza.attr('id')).toBe('r');
    expect(host.heard).toBe('');
    host.take(host.stream.answerRegister(token, reply, 0));
    expect(host.heard).toContain('<iq type="result" id="r"/><success');
  });

  test.each([
    ['to somebody else', ask("type='get' to='romeo@localhost'")],
    ['that is none', ask("type='get'", "<query xmlns='jabber:iq:roster'/>")],
    ['in a message', "<message><query xmlns='jabber:iq:register'/></message>"],
  ])('%s ends the stream', (_name, text) => {
    const host = new Host({ hasRegistration: true });
    host.say(tcpHeader).forget();
    host.say(text);
    expectEnd(host, 'not-authorized');
  });

  test('in the wrong form is refused, and the stream goes on', () => {
    const host = new Host({ hasRegistration: true });
    host.say(tcpHeader).forget();
    host.say(ask("type='put'"));
    expect(host.heard).toContain('<bad-request');
    expect(host.of('ended')).toEqual([]);
  });

  test('waits for TLS where that is required, and is not possible where the host has none', () => {
    const host = new Host({ hasRegistration: true, tls: 'required' });
    host.say(tcpHeader);
    expect(host.heard).not.toContain('iq-register');
    host.say(ask());
    expectEnd(host, 'not-authorized');
    const without = new Host();
    without.say(tcpHeader);
    expect(without.heard).not.toContain('iq-register');
    without.say(ask());
    expectEnd(without, 'not-authorized');
  });
});

describe('binding', () => {
  test.each(['bad-request', 'conflict', 'not-allowed', 'resource-constraint'] as const)(
    'refused with %s may be tried again',
    (condition) => {
      const host = new Host().authenticated();
      host.bind = { kind: 'refused', condition };
      host.forget();
      host.say(bindRequest);
      expect(host.heard).toContain(`<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>`);
      host.bind = { kind: 'bound', resource: 'x' };
      host.say(bindRequest);
      expect(host.stream.isBound).toBe(true);
    },
  );

  test('without a resource leaves it to the server', () => {
    const host = new Host().authenticated();
    host.say("<iq id='1' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    const [bind] = host.of('bind');
    expect(bind.resource).toBeUndefined();
  });
});

describe('the end', () => {
  test('by the client is answered', () => {
    const host = new Host().bound();
    host.forget();
    host.say('</stream:stream>');
    expect(host.heard).toBe('</stream:stream>');
    expect(host.of('ended').map(({ reason }) => reason)).toEqual([{ kind: 'closed' }]);
    expect(host.isClosed).toBe(true);
  });

  test('by the server waits for the client, but not long', () => {
    const host = new Host({ closeMs: 500 }).bound();
    host.forget();
    host.take(host.stream.close('system-shutdown', 0));
    expectEnd(host, 'system-shutdown');
    host.say(message);
    expect(host.of('stanza')).toEqual([]);
    expect(host.isClosed).toBe(false);
    host.wait(499);
    expect(host.isClosed).toBe(false);
    host.wait(1);
    expect(host.isClosed).toBe(true);
  });

  test('by both at once is one end', () => {
    const host = new Host().bound();
    host.take(host.stream.close(undefined, 0)).say('</stream:stream>');
    expect(host.of('ended')).toHaveLength(1);
    expect(host.isClosed).toBe(true);
  });

  test('by a stream error of the client', () => {
    const host = new Host().bound();
    host.say(`<stream:error><conflict xmlns='${streamErrors}'/></stream:error>`);
    const [ended] = host.of('ended');
    expect(ended.reason).toEqual({ kind: 'peer-error', condition: 'conflict' });
    expect(host.isClosed).toBe(true);
  });

  test('by loss of the transport', () => {
    const host = new Host().bound();
    host.take(host.stream.disconnected(0));
    const [ended] = host.of('ended');
    expect(ended.reason).toEqual({ kind: 'disconnected' });
    expect(host.isClosed).toBe(true);
  });

  test.each([
    ['before the header', (host: Host) => host],
    ['before authentication', (host: Host) => host.say(tcpHeader)],
    ['before binding', (host: Host) => host.authenticated()],
  ])('comes by itself %s, thirty seconds after the first byte', (_name, prepare) => {
    const host = prepare(new Host());
    host.forget();
    host.wait(29_999);
    expect(host.of('ended')).toEqual([]);
    host.wait(1);
    expectEnd(host, 'connection-timeout');
  });

  test('has no date for a bound stream', () => {
    const host = new Host().bound();
    host.wait(10_000_000);
    expect(host.of('ended')).toEqual([]);
  });
});

test('options that RFC 6120 does not allow are refused', () => {
  const options = { framing: tcpFraming, random: (count: number) => new Uint8Array(count) };
  expect(() => new ServerStream({ ...options, domains: [] })).toThrow(UsageError);
  expect(() => new ServerStream({ ...options, domains: ['a'], maxAuthAttempts: 6 })).toThrow(
    UsageError,
  );
  expect(() => new ServerStream({ ...options, domains: ['a'], maxAuthAttempts: 1 })).toThrow(
    UsageError,
  );
});
