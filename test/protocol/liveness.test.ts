/*
 * Silence and the end, by the clock that the host passes: a client that says nothing is asked and given up
 * (RFC 6120, section 4.6), a server that goes says where to (4.9.3.19; RFC 7395, section 3.6.1).
 */
import { describe, expect, test } from 'vitest';
import { xml } from 'tercet';
import { webSocketFraming } from 'tercet/transport';
import type { ServerStreamOptions } from 'tercet/protocol';
import { Host, bindRequest, plainAuth, tcpHeader, webSocketHeader } from './host.js';

const liveness = { pingMs: 1000, timeoutMs: 300 };
const ping =
  '<iq type="get" id="ping-1" from="localhost" to="juliet@localhost/balcony">' +
  '<ping xmlns="urn:xmpp:ping"/></iq>';

function silent(options: Partial<ServerStreamOptions> = {}): Host {
  const host = new Host({ liveness, ...options }).bound();
  host.forget();
  return host;
}

describe('a silent client', () => {
  test('is asked, and given up when it does not answer', () => {
    const host = silent();
    host.wait(999);
    expect(host.heard).toBe('');
    host.wait(1);
    expect(host.heard).toBe(ping);
    host.wait(299);
    expect(host.of('ended')).toEqual([]);
    host.wait(1);
    expect(host.heard).toContain('<connection-timeout');
    expect(host.of('ended')).toEqual([
      {
        type: 'ended',
        reason: { kind: 'error', condition: 'connection-timeout', detail: 'no sign of life' },
        isResumable: false,
      },
    ]);
  });

  test('is asked at its time where a timer came before it', () => {
    const host = silent();
    const count = host.of('timerSet').length;
    host.wait(999);
    const at = host.now + 1;
    expect(host.of('timerSet').slice(count)).toEqual([{ type: 'timerSet', at }]);
    expect(host.heard).toBe('');
  });

  test.each([
    ['an answer', "<iq type='result' id='ping-1' to='localhost'/>"],
    ['an error', "<iq type='error' id='ping-1' to='localhost'/>"],
  ])('that gives %s is left in peace, and nobody else sees it', (_name, answer) => {
    const host = silent();
    host.wait(1000).wait(100).say(answer).wait(500);
    expect(host.of('stanza')).toEqual([]);
    expect(host.of('ended')).toEqual([]);
    host.wait(500);
    expect(host.heard).toContain('id="ping-2"');
  });

  test('that says anything at all is left in peace', () => {
    const host = silent();
    host.wait(600).say(' ').wait(400);
    expect(host.heard).toBe('');
    host.wait(600);
    expect(host.heard).toBe(ping);
    host.say('<mess').wait(300);
    expect(host.of('ended')).toEqual([]);
  });

  test('may answer another ping with the same id, which is not ours', () => {
    const host = silent();
    host.say("<iq type='result' id='ping-1' to='romeo@localhost/x'/>");
    expect(host.of('stanza')).toHaveLength(1);
  });

  test('under stream management is asked for an acknowledgement, and may resume', () => {
    const host = silent({ management: {} });
    host.say("<enable xmlns='urn:xmpp:sm:3' resume='true'/>").forget();
    host.wait(1000);
    expect(host.heard).toBe('<r xmlns="urn:xmpp:sm:3"/>');
    host.wait(300);
    expect(host.of('ended')).toEqual([expect.objectContaining({ isResumable: true })]);
  });

  test('gets white space where the host prefers that, and is never given up', () => {
    const host = silent({ liveness: { ...liveness, probe: 'white-space' } });
    for (let second = 1; second <= 5; second++) host.wait(1000);
    expect(host.heard).toBe('     ');
    expect(host.of('ended')).toEqual([]);
  });

  test('over WebSocket is never sent white space', () => {
    const host = new Host({
      framing: webSocketFraming,
      liveness: { ...liveness, probe: 'white-space' },
    });
    host.say(webSocketHeader).say(plainAuth).say(webSocketHeader);
    host.say(bindRequest.replace('<iq', "<iq xmlns='jabber:client'")).forget();
    host.wait(1000);
    expect(host.heard).toContain('<iq xmlns="jabber:client" type="get" id="ping-1"');
  });

  test('one timer is set for a silence, however much is said', () => {
    const host = silent();
    const count = host.of('timerSet').length;
    for (let second = 1; second <= 50; second++) {
      host.now += 10;
      host.say(' ');
    }
    expect(host.of('timerSet')).toHaveLength(count);
  });
});

describe('a server that ends a stream', () => {
  test('says where else to go', () => {
    const host = silent();
    host.take(host.stream.close({ elsewhere: '[2001:db8::1]:5222' }, 0));
    expect(host.heard).toBe(
      '<stream:error xmlns:stream="http://etherx.jabber.org/streams">' +
        '<see-other-host xmlns="urn:ietf:params:xml:ns:xmpp-streams">[2001:db8::1]:5222' +
        '</see-other-host></stream:error></stream:stream>',
    );
    expect(host.of('ended').map(({ reason }) => reason)).toEqual([
      expect.objectContaining({ condition: 'see-other-host' }),
    ]);
  });

  test('says so over WebSocket in the closing element', () => {
    const host = new Host({ framing: webSocketFraming });
    host.say(webSocketHeader).forget();
    host.take(host.stream.close({ elsewhere: 'wss://b.example/xmpp' }, 0));
    expect(host.heard).toBe(
      '<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" see-other-uri="wss://b.example/xmpp"/>',
    );
  });

  test('may add a text and a condition of its own', () => {
    const host = silent();
    const application = xml('escape-your-data', { xmlns: 'urn:example:conditions' });
    host.take(
      host.stream.close({ condition: 'policy-violation', text: 'Not here.', application }, 0),
    );
    expect(host.heard).toContain(
      '<text xmlns="urn:ietf:params:xml:ns:xmpp-streams" xml:lang="en">Not here.</text>' +
        '<escape-your-data xmlns="urn:example:conditions"/></stream:error>',
    );
  });

  test('before there was one opens it first', () => {
    const host = new Host();
    host.take(host.stream.close(undefined, 0));
    expect(host.heard).toMatch(/^<\?xml version='1.0'\?><stream:stream [^>]*><\/stream:stream>$/);
  });

  test('does not wait long for a client that goes on talking', () => {
    const host = new Host({ closeMs: 500 }).say(tcpHeader);
    host.take(host.stream.close('reset', 0)).say('<message/>').wait(500);
    expect(host.isClosed).toBe(true);
  });
});
