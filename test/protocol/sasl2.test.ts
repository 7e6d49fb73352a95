/*
 * Authentication, binding and stream management in one round trip (XEP-0388, XEP-0386, XEP-0198), on the
 * server's side.
 */
import { describe, expect, test } from 'vitest';
import { webSocketFraming } from 'tercet/transport';
import { StreamManagement } from 'tercet/protocol';
import { Host, plainAuth, tcpHeader, webSocketHeader } from './host.js';

const credentials = '<initial-response>AGp1bGlldABiYWxjb255</initial-response>';
const authenticate = (inside = '', mechanism = 'PLAIN') =>
  `<authenticate xmlns='urn:xmpp:sasl:2' mechanism='${mechanism}'>${inside}</authenticate>`;
const bind = (inside = '') => `<bind xmlns='urn:xmpp:bind:0'><tag>balcony</tag>${inside}</bind>`;
const enable = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>";
const resume = "<resume xmlns='urn:xmpp:sm:3' previd='one' h='0'/>";
const message = "<message to='romeo@localhost'><body>Hi</body></message>";

function host(): Host {
  const made = new Host({ isEncrypted: true, hasSasl2: true, management: {} });
  made.say(tcpHeader).forget();
  return made;
}

describe('SASL2', () => {
  test('is offered on encrypted streams, with what may be asked for inside', () => {
    const made = new Host({ isEncrypted: true, hasSasl2: true, management: {} });
    expect(made.say(tcpHeader).heard).toMatch(
      /<authentication xmlns="urn:xmpp:sasl:2">.*<mechanism>PLAIN<\/mechanism><inline><sm xmlns="urn:xmpp:sm:3"\/><bind xmlns="urn:xmpp:bind:0"><inline><feature var="urn:xmpp:sm:3"\/><\/inline><\/bind><\/inline><\/authentication>/,
    );
    const clear = new Host();
    clear.say(tcpHeader);
    expect(clear.heard).not.toContain('urn:xmpp:sasl:2');
    clear.say(authenticate(credentials));
    expect(clear.heard).toContain('<unsupported-stanza-type');
    const without = new Host({ isEncrypted: true });
    expect(without.say(tcpHeader).heard).not.toContain('urn:xmpp:sasl:2');
  });

  test('alone leads to features of the same stream, and binding goes as ever', () => {
    const made = host();
    expect(made.say(authenticate(credentials)).heard).toMatch(
      /^<success xmlns="urn:xmpp:sasl:2"><authorization-identifier>juliet@localhost<\/authorization-identifier><\/success><stream:features [^>]*><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"\/>/,
    );
    made.say("<iq id='b' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    expect(made.heard).toContain('<jid>juliet@localhost/balcony</jid>');
    made.say(`<message><body>${'x'.repeat(100_000)}</body></message>`);
    expect(made.of('stanza')).toHaveLength(1);
  });

  test('goes on in the same stream: the prefixes of its header hold', () => {
    const made = new Host({ isEncrypted: true, hasSasl2: true });
    made.say(tcpHeader.replace('<stream:stream', "<stream:stream xmlns:x='urn:example:x'"));
    made.say(authenticate(credentials + bind())).say('<message><x:y/></message>');
    expect(made.of('stanza').map(({ stanza }) => stanza.child('y', 'urn:example:x')?.name)).toEqual(
      ['y'],
    );
    expect(made.say('</stream:stream>').isClosed).toBe(true);
  });

  test('binds, enables stream management and takes stanzas sent ahead, all in one segment', () => {
    const made = new Host({ isEncrypted: true, hasSasl2: true, management: {} });
    made.enable = { kind: 'enabled', id: 'one', maxSeconds: 300 };
    const carbons = "<enable xmlns='urn:xmpp:carbons:2'/>";
    const agent = "<user-agent id='d4565fa7'><software>x</software></user-agent>";
    made.say(tcpHeader + authenticate(agent + credentials + bind(carbons + enable)) + message);
    expect(made.of('bind')).toEqual([
      expect.objectContaining({ resource: undefined, tag: 'balcony', clientId: 'd4565fa7' }),
    ]);
    expect(made.of('bind')[0]?.requests?.map(({ ns }) => ns)).toEqual(['urn:xmpp:carbons:2']);
    expect(made.heard).toContain(
      '<success xmlns="urn:xmpp:sasl:2">' +
        '<authorization-identifier>juliet@localhost/balcony</authorization-identifier>' +
        '<bound xmlns="urn:xmpp:bind:0">' +
        '<enabled xmlns="urn:xmpp:sm:3" id="one" resume="true" max="300"/></bound></success>' +
        '<stream:features',
    );
    expect(made.stream.isBound).toBe(true);
    expect(made.of('stanza')).toHaveLength(1);
    expect(made.stream.management?.handledCount).toBe(1);
  });

  test('resumes, and then neither binds nor enables', () => {
    const management = new StreamManagement({ id: 'one', handledCount: 5 });
    management.push(new TextEncoder().encode('<message id="1"/>'));
    const made = host();
    made.resume = { kind: 'resumed', management, resource: 'orchard' };
    made.say(authenticate(credentials + resume + bind(enable)));
    expect(made.heard).toMatch(
      /^<success xmlns="urn:xmpp:sasl:2"><authorization-identifier>juliet@localhost\/orchard<\/authorization-identifier><resumed xmlns="urn:xmpp:sm:3" previd="one" h="5"\/><\/success><stream:features .*<\/stream:features><message id="1"\/>/,
    );
    expect(made.of('bind')).toEqual([]);
    expect(made.stream.isBound).toBe(true);
  });

  test('that cannot resume says so, and binds', () => {
    const made = host();
    made.say(authenticate(credentials + resume + bind()));
    expect(made.heard).toMatch(
      /<failed xmlns="urn:xmpp:sm:3"><item-not-found [^>]*\/><\/failed><bound xmlns="urn:xmpp:bind:0"\/><\/success>/,
    );
    expect(made.stream.isBound).toBe(true);
  });

  test('that cannot bind is in, and may bind as others do', () => {
    const made = host();
    made.bind = { kind: 'refused', condition: 'resource-constraint' };
    made.say(authenticate(credentials + bind()));
    const { heard } = made;
    expect(heard).not.toContain('<bound');
    expect(heard).toContain('<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>');
    made.bind = { kind: 'bound', resource: 'balcony' };
    made.say("<iq id='b' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    expect(made.stream.isBound).toBe(true);
  });

  test('goes through challenges in its own words', () => {
    const made = host();
    made.say(authenticate());
    expect(made.heard).toBe('<challenge xmlns="urn:xmpp:sasl:2"/>');
    made.say("<response xmlns='urn:xmpp:sasl:2'>AGp1bGlldABiYWxjb255</response>");
    expect(made.heard).toContain('<success xmlns="urn:xmpp:sasl:2">');
  });

  test.each([
    [
      'a response in the words of RFC 6120',
      "urn:ietf:params:xml:ns:xmpp-sasl'>AA==",
      'malformed-request',
    ],
    ['a response that is not base64', "urn:xmpp:sasl:2'>?", 'incorrect-encoding'],
  ])('with %s fails', (_name, response, condition) => {
    const made = host();
    made.say(authenticate()).forget();
    made.say(`<response xmlns='${response}</response>`);
    expect(made.heard).toBe(
      `<failure xmlns="urn:xmpp:sasl:2"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/></failure>`,
    );
  });

  test.each([
    ['a wrong password', authenticate(credentials), 'not-authorized'],
    ['an unknown mechanism', authenticate('', 'X'), 'invalid-mechanism'],
    [
      'data that is not base64',
      authenticate('<initial-response>=</initial-response>'),
      'incorrect-encoding',
    ],
  ])('with %s fails, and the SASL of RFC 6120 is still possible', (_name, text, condition) => {
    const made = host();
    made.auth = { kind: 'refused', condition: 'not-authorized' };
    made.say(text);
    expect(made.heard).toContain(`<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>`);
    made.auth = { kind: 'accepted', local: 'juliet' };
    expect(made.say(plainAuth).heard).toBe('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  });

  test('counts its attempts together with the others', () => {
    const made = new Host({ isEncrypted: true, hasSasl2: true, maxAuthAttempts: 2 });
    made.auth = { kind: 'refused', condition: 'not-authorized' };
    made.say(tcpHeader).say(plainAuth).say(authenticate(credentials));
    expect(made.heard).toContain('<policy-violation');
  });

  test('over WebSocket needs no second <open/>', () => {
    const made = new Host({ isEncrypted: true, hasSasl2: true, framing: webSocketFraming });
    made.say(webSocketHeader).say(authenticate(credentials + bind()));
    expect(made.stream.isBound).toBe(true);
    made.say("<message xmlns='jabber:client'/>");
    expect(made.of('stanza')).toHaveLength(1);
  });
});
