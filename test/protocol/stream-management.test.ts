/*
 * Stream management (XEP-0198) on the server's side, without sockets: enabling, acknowledgements,
 * resumption, limits, and the account of a session by itself.
 */
import { describe, expect, test } from 'vitest';
import { UsageError, xml } from 'tercet';
import { StreamManagement } from 'tercet/protocol';
import type { EnableAnswer, ResumeAnswer } from 'tercet/protocol';
import { webSocketFraming } from 'tercet/transport';
import { Host, plainAuth, tcpHeader, webSocketHeader } from './host.js';

const sm = "xmlns='urn:xmpp:sm:3'";
const enable = `<enable ${sm} resume='true'/>`;
const request = `<r ${sm}/>`;
const ack = (h: number | string) => `<a ${sm} h='${h}'/>`;
const message = "<message to='romeo@localhost'><body>Hi</body></message>";
const failed = (condition: string) =>
  `<failed xmlns="urn:xmpp:sm:3"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></failed>`;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const stanza = (id: number) => bytesOf(`<message id="${id}"/>`);

function managed(answer: EnableAnswer = { kind: 'enabled', id: 'one', maxSeconds: 300 }): Host {
  const host = new Host({ management: {} });
  host.enable = answer;
  host.bound().say(enable).forget();
  return host;
}

function resuming(answer: ResumeAnswer): Host {
  const host = new Host({ management: {} });
  host.resume = answer;
  host.authenticated().forget();
  return host;
}

function deliver(host: Host, ...ids: number[]): void {
  for (const id of ids) host.stream.sent(stanza(id), id);
}

describe('enabling', () => {
  test('is offered after authentication where the host has it', () => {
    const host = new Host({ management: {} });
    host.say(tcpHeader);
    expect(host.heard).not.toContain('urn:xmpp:sm:3');
    host.say(plainAuth).say(tcpHeader);
    expect(host.heard).toContain('<sm xmlns="urn:xmpp:sm:3"/>');
    expect(new Host().authenticated().heard).not.toContain('urn:xmpp:sm:3');
  });

  test('with resumption names the session', () => {
    const host = new Host({ management: {} });
    host.enable = { kind: 'enabled', id: 'one', maxSeconds: 300, location: 'b.example:5222' };
    host.bound().forget();
    host.say(`<enable ${sm} resume='1' max='600'/>`);
    expect(host.of('enable')).toEqual([
      expect.objectContaining({ wantsResume: true, maxSeconds: 600 }),
    ]);
    expect(host.heard).toBe(
      '<enabled xmlns="urn:xmpp:sm:3" id="one" resume="true" max="300" location="b.example:5222"/>',
    );
  });

  test('without resumption does not', () => {
    const host = new Host({ management: {} });
    host.enable = { kind: 'enabled' };
    host.bound().forget();
    host.say(`<enable ${sm}/>`);
    expect(host.of('enable')).toEqual([expect.objectContaining({ wantsResume: false })]);
    expect(host.heard).toBe('<enabled xmlns="urn:xmpp:sm:3"/>');
  });

  test('is refused before authentication and before binding, and the stream goes on', () => {
    const host = new Host({ management: {} });
    host.say(tcpHeader).forget();
    expect(host.say(enable).heard).toBe(failed('unexpected-request'));
    host.say(plainAuth).say(tcpHeader).forget();
    expect(host.say(enable).heard).toBe(failed('unexpected-request'));
    expect(host.of('ended')).toEqual([]);
  });

  test('is refused where there is none, or the host does not want to', () => {
    const without = new Host().bound();
    without.forget();
    expect(without.say(enable).heard).toBe(failed('feature-not-implemented'));
    const host = new Host({ management: {} });
    host.enable = { kind: 'refused', condition: 'resource-constraint' };
    host.bound().forget();
    expect(host.say(enable).heard).toBe(failed('resource-constraint'));
    expect(host.stream.management).toBeUndefined();
  });

  test('twice ends the stream', () => {
    const host = managed();
    host.say(enable);
    expect(host.heard).toContain('<policy-violation');
    expect(host.of('ended')).toEqual([expect.objectContaining({ isResumable: false })]);
  });

  test('holds what follows until the host has answered', () => {
    const host = new Host({ management: {} });
    host.enable = undefined;
    host.bound().say(enable + message + request);
    expect(host.of('stanza')).toEqual([]);
    const [{ token }] = host.of('enable');
    host.take(host.stream.answerEnable(token, { kind: 'enabled' }, 0));
    expect(host.of('stanza')).toHaveLength(1);
    expect(host.of('ack')).toEqual([{ type: 'ack', h: 1 }]);
  });
});

describe('acknowledgements', () => {
  test('count what came after enabling, and are sent when the host says so', () => {
    const host = new Host({ management: {} });
    host.bound().say(message).say(enable).say(message).say('<presence/>').forget();
    host.acknowledges = false;
    host.say(request);
    expect(host.heard).toBe('');
    expect(host.of('ack')).toEqual([{ type: 'ack', h: 2 }]);
    host.take(host.stream.acknowledge(2, 0));
    expect(host.heard).toBe('<a xmlns="urn:xmpp:sm:3" h="2"/>');
  });

  test('a host that reads the stanzas itself counts them', () => {
    const host = managed();
    host.stream.received(7, host.now);
    host.say(request);
    expect(host.heard).toBe('<a xmlns="urn:xmpp:sm:3" h="7"/>');
  });

  test('of the client give back what it has, with the tags of the host', () => {
    const host = managed();
    deliver(host, 11, 12, 13);
    host.say(ack(2));
    expect(host.of('acked').map(({ stanzas }) => stanzas.map(({ tag }) => tag))).toEqual([
      [11, 12],
    ]);
    expect(host.stream.management?.unacked.map(({ tag }) => tag)).toEqual([13]);
    expect(host.stream.management?.unackedBytes).toBe(stanza(13).length);
    host.say(ack(2));
    expect(host.of('acked')).toHaveLength(1);
  });

  test('are asked for after some stanzas, one question at a time', () => {
    const host = new Host({ management: { requestCount: 3, requestMs: 500 } });
    host.bound().say(enable).forget();
    deliver(host, 1, 2);
    host.take(host.stream.flushing(0));
    expect(host.heard).toBe('');
    deliver(host, 3);
    host.take(host.stream.flushing(0));
    expect(host.heard).toBe('<r xmlns="urn:xmpp:sm:3"/>');
    deliver(host, 4, 5, 6, 7);
    host.take(host.stream.flushing(0));
    expect(host.heard).toBe('');
    host.say(ack(3));
    host.take(host.stream.flushing(0));
    expect(host.heard).toBe('<r xmlns="urn:xmpp:sm:3"/>');
  });

  test('are asked for after a moment, if they did not come by themselves', () => {
    const host = new Host({ management: { requestCount: 3, requestMs: 500 } });
    host.bound().say(enable).forget();
    deliver(host, 1);
    host.take(host.stream.flushing(0)).wait(499);
    expect(host.heard).toBe('');
    host.wait(1);
    expect(host.heard).toBe('<r xmlns="urn:xmpp:sm:3"/>');
    host.say(ack(1));
    deliver(host, 2);
    host.take(host.stream.flushing(host.now)).say(ack(2)).wait(500);
    expect(host.heard).toBe('');
  });

  test.each([
    ['more than was sent', ack(4), 'undefined-condition'],
    ['less than before', ack(0), 'undefined-condition'],
    ['nothing', `<a ${sm}/>`, 'bad-format'],
    ['something else', ack('-1'), 'bad-format'],
    ['a number too large', ack('4294967296'), 'bad-format'],
  ])('of %s end the stream', (_name, text, condition) => {
    const host = managed();
    deliver(host, 1, 2, 3);
    host.say(ack(1)).forget();
    host.say(text);
    const { heard } = host;
    expect(heard).toContain(`<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>`);
    expect(host.of('ended')).toEqual([expect.objectContaining({ isResumable: false })]);
  });

  test('of more than was sent say so in its own words', () => {
    const host = managed();
    deliver(host, 1);
    host.say(ack(10));
    expect(host.heard).toContain(
      '<handled-count-too-high xmlns="urn:xmpp:sm:3" h="10" send-count="1"/>',
    );
  });

  test.each([
    ['a question', request],
    ['an answer', ack(0)],
  ])('%s without stream management ends the stream', (_name, text) => {
    const host = new Host({ management: {} }).bound();
    host.say(text);
    expect(host.heard).toContain('<unsupported-stanza-type');
  });

  test.each([
    ['stanzas', { maxUnackedCount: 2 }],
    ['bytes', { maxUnackedBytes: 50 }],
  ])('that do not come for too many %s end the session', (_name, management) => {
    const host = new Host({ management });
    host.bound().say(enable).forget();
    deliver(host, 1, 2);
    host.take(host.stream.flushing(0));
    expect(host.of('ended')).toEqual([]);
    deliver(host, 3);
    host.take(host.stream.flushing(0));
    expect(host.heard).toContain('<policy-violation');
    expect(host.of('ended')).toEqual([expect.objectContaining({ isResumable: false })]);
    expect(host.stream.management?.unacked).toHaveLength(3);
  });
});

describe('the end of a managed stream', () => {
  const end = (host: Host) => host.of('ended').map(({ isResumable }) => isResumable);

  test('is resumable when the transport is lost', () => {
    const host = managed();
    host.take(host.stream.disconnected(0));
    expect(end(host)).toEqual([true]);
  });

  test('is resumable when the server goes', () => {
    const host = managed();
    host.take(host.stream.close('system-shutdown', 0));
    expect(end(host)).toEqual([true]);
  });

  test.each([
    ['the client says goodbye', (host: Host) => host.say('</stream:stream>')],
    ['the client does wrong', (host: Host) => host.say('<!-- -->')],
    ['the server says goodbye', (host: Host) => host.take(host.stream.close(undefined, 0))],
    [
      'the session went to another stream',
      (host: Host) => {
        host.stream.detach();
        host.take(host.stream.close('conflict', 0));
      },
    ],
  ])('is not when %s', (_name, finish) => {
    const host = managed();
    finish(host);
    expect(end(host)).toEqual([false]);
  });

  test('is not without a name for the session', () => {
    const host = managed({ kind: 'enabled' });
    host.take(host.stream.disconnected(0));
    expect(end(host)).toEqual([false]);
  });
});

describe('after the end', () => {
  test.each([
    ['closed by the server', (host: Host) => host.take(host.stream.close('system-shutdown', 0))],
    ['lost', (host: Host) => host.take(host.stream.disconnected(0))],
  ])('of a stream that was %s nothing is said, and stanzas wait for resumption', (_name, end) => {
    const host = managed();
    deliver(host, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    end(host).forget();
    host.take(host.stream.flushing(0));
    host.take(host.stream.write(xml('message', { xmlns: 'jabber:client', id: 10 }), 0, 10));
    expect(host.heard).toBe('');
    expect(host.stream.management?.unacked.map(({ tag }) => tag)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  test('nothing can be written where there is no session to go on with', () => {
    const host = new Host().bound();
    host.take(host.stream.disconnected(0));
    expect(() => host.stream.write(xml('message'), 0)).toThrow(UsageError);
  });
});

describe('resumption', () => {
  const resume = (h: number) => `<resume ${sm} previd='one' h='${h}'/>`;

  function lost(): StreamManagement {
    const host = managed();
    host.say(message + message);
    deliver(host, 1, 2, 3);
    host.take(host.stream.disconnected(0));
    const { management } = host.stream;
    if (!management) throw new Error('there is no session');
    return management;
  }

  test('goes on where the lost stream was, and sends again what the client lacks', () => {
    const management = lost();
    management.push(stanza(4), 4);
    const host = resuming({ kind: 'resumed', management });
    host.say(resume(2) + message);
    expect(host.of('resume')).toEqual([
      { type: 'resume', token: 2, local: 'juliet', domain: 'localhost', id: 'one', h: 2 },
    ]);
    expect(host.heard).toBe(
      '<resumed xmlns="urn:xmpp:sm:3" previd="one" h="2"/><message id="3"/><message id="4"/>',
    );
    expect(host.of('acked').map(({ stanzas }) => stanzas.map(({ tag }) => tag))).toEqual([[1, 2]]);
    expect(host.of('bind')).toEqual([]);
    expect(host.stream.isBound).toBe(true);
    expect(host.of('stanza')).toHaveLength(1);
    host.say(request);
    expect(host.heard).toBe('<a xmlns="urn:xmpp:sm:3" h="3"/>');
    host.take(host.stream.disconnected(0));
    expect(host.of('ended')).toEqual([expect.objectContaining({ isResumable: true })]);
  });

  test('over WebSocket sends stanzas that stand alone', () => {
    const management = lost();
    const host = new Host({ management: {}, framing: webSocketFraming });
    host.resume = { kind: 'resumed', management };
    host.say(webSocketHeader).say(plainAuth).say(webSocketHeader).forget();
    host.say(resume(2));
    expect(host.heard).toContain('<message xmlns="jabber:client" id="3"/>');
  });

  test('of a session that is gone fails, says what was handled, and binding is possible', () => {
    const host = resuming({ kind: 'refused', condition: 'item-not-found', h: 7 });
    host.say(resume(0));
    expect(host.heard).toBe(
      '<failed xmlns="urn:xmpp:sm:3" h="7">' +
        '<item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></failed>',
    );
    host.say("<iq id='b' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    expect(host.stream.isBound).toBe(true);
  });

  test('with a count that is too high ends the stream', () => {
    const host = resuming({ kind: 'resumed', management: lost() });
    host.say(resume(9));
    expect(host.heard).toContain('<handled-count-too-high');
  });

  test.each([
    ['no session', `<resume ${sm} h='0'/>`],
    ['no count', `<resume ${sm} previd='one'/>`],
  ])('that names %s is a bad request', (_name, text) => {
    const host = resuming({ kind: 'refused', condition: 'item-not-found' });
    host.say(text);
    expect(host.heard).toBe(failed('bad-request'));
    expect(host.of('resume')).toEqual([]);
  });

  test('of a bound stream is refused', () => {
    expect(managed().say(resume(0)).heard).toBe(failed('unexpected-request'));
  });

  test('before authentication is refused', () => {
    const host = new Host({ management: {} });
    host.say(tcpHeader).forget();
    expect(host.say(resume(0)).heard).toBe(failed('unexpected-request'));
  });
});

describe('the account of a session', () => {
  test('wraps at 2^32', () => {
    const account = new StreamManagement({
      handledCount: 2 ** 32 - 1,
      sentCount: 2 ** 32 - 1,
      unacked: [],
    });
    account.receive(2);
    expect(account.handledCount).toBe(1);
    account.push(stanza(1));
    account.push(stanza(2));
    expect(account.sentCount).toBe(1);
    expect(account.acknowledge(0)).toHaveLength(1);
    expect(account.acknowledge(2)).toBeUndefined();
    expect(account.acknowledge(1)).toHaveLength(1);
  });

  test('can be kept and made again', () => {
    const account = new StreamManagement({ id: 'one', maxSeconds: 60 });
    account.receive(3);
    account.push(stanza(1), 1);
    account.push(stanza(2), 2);
    account.acknowledge(1);
    const { id, maxSeconds, handledCount, sentCount, unacked } = account;
    const again = new StreamManagement({ id, maxSeconds, handledCount, sentCount, unacked });
    expect(again.unacked.map(({ tag }) => tag)).toEqual([2]);
    expect(again.unackedBytes).toBe(stanza(2).length);
    expect(again.handledCount).toBe(3);
    expect(again.acknowledge(2)?.map(({ tag }) => tag)).toEqual([2]);
  });
});
