/*
 * What makes a stanza one, and what an error reply looks like.
 */
import { describe, expect, test } from 'vitest';
import { NS, parse, xml } from 'tercet';
import {
  checkStanza,
  errorReply,
  messageType,
  resultReply,
  stanzaError,
  stanzaKind,
} from 'tercet/protocol';

const stanza = (source: string) => parse(source.replace(/^<(\w+)/, "<$1 xmlns='jabber:client'"));

test.each([
  ["<iq type='get' id='1'><q/></iq>", undefined],
  ["<iq type='set' id='1'><q/></iq>", undefined],
  ["<iq type='result' id='1'/>", undefined],
  ["<iq type='result' id='1'><q/></iq>", undefined],
  ["<iq type='error' id='1'><q/><error/></iq>", undefined],
  ["<iq type='get'><q/></iq>", 'bad-request'],
  ["<iq type='get' id=''><q/></iq>", 'bad-request'],
  ["<iq id='1'><q/></iq>", 'bad-request'],
  ["<iq type='put' id='1'><q/></iq>", 'bad-request'],
  ["<iq type='get' id='1'/>", 'bad-request'],
  ["<iq type='set' id='1'><q/><q/></iq>", 'bad-request'],
  ["<iq type='result' id='1'><q/><q/></iq>", 'bad-request'],
  ['<presence/>', undefined],
  ["<presence type='probe'/>", undefined],
  ["<presence type='available'/>", 'bad-request'],
  ['<presence><priority>-128</priority></presence>', undefined],
  ['<presence><priority>127</priority></presence>', undefined],
  ['<presence><priority>128</priority></presence>', 'bad-request'],
  ['<presence><priority>high</priority></presence>', 'bad-request'],
  ['<presence><priority/></presence>', 'bad-request'],
  ['<presence><priority>1</priority><priority>1</priority></presence>', 'bad-request'],
  ["<message type='whatever'/>", undefined],
])('%s is checked', (source, condition) => {
  const element = stanza(source);
  const kind = stanzaKind(element, NS.client);
  if (!kind) throw new Error('a stanza was expected');
  expect(checkStanza(element, kind)).toBe(condition);
});

test('the kind of a stanza needs its namespace', () => {
  expect(stanzaKind(parse("<message xmlns='jabber:client'/>"), NS.client)).toBe('message');
  expect(stanzaKind(parse("<message xmlns='jabber:server'/>"), NS.client)).toBeUndefined();
  expect(stanzaKind(parse("<query xmlns='jabber:client'/>"), NS.client)).toBeUndefined();
});

test('an unknown type of message is normal', () => {
  expect(messageType(stanza("<message type='x'/>"))).toBe('normal');
  expect(messageType(stanza('<message/>'))).toBe('normal');
  expect(messageType(stanza("<message type='groupchat'/>"))).toBe('groupchat');
});

// RFC 6120, section 8.3.3.
test.each([
  ['bad-request', 'modify'],
  ['conflict', 'cancel'],
  ['feature-not-implemented', 'cancel'],
  ['forbidden', 'auth'],
  ['gone', 'cancel'],
  ['internal-server-error', 'cancel'],
  ['item-not-found', 'cancel'],
  ['jid-malformed', 'modify'],
  ['not-acceptable', 'modify'],
  ['not-allowed', 'cancel'],
  ['not-authorized', 'auth'],
  ['policy-violation', 'modify'],
  ['recipient-unavailable', 'wait'],
  ['redirect', 'modify'],
  ['registration-required', 'auth'],
  ['remote-server-not-found', 'cancel'],
  ['remote-server-timeout', 'wait'],
  ['resource-constraint', 'wait'],
  ['service-unavailable', 'cancel'],
  ['subscription-required', 'auth'],
  ['undefined-condition', 'cancel'],
  ['unexpected-request', 'wait'],
] as const)('the error %s is of type %s', (condition, type) => {
  const error = stanzaError(condition);
  expect(error.attr('type')).toBe(type);
  expect(error.elements().map(({ name, ns }) => [name, ns])).toEqual([[condition, NS.stanzas]]);
});

test('an error may name who refuses, the new address and a condition of its own', () => {
  const error = stanzaError('gone', {
    by: 'example.com',
    uri: 'xmpp:juliet@example.org',
    application: xml('moved', { xmlns: 'urn:example:conditions' }),
  });
  expect(error.toString()).toBe(
    '<error by="example.com" type="cancel">' +
      '<gone xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">xmpp:juliet@example.org</gone>' +
      '<moved xmlns="urn:example:conditions"/></error>',
  );
});

describe('an error reply', () => {
  const request = stanza("<iq type='get' id='7' from='a@b/c' to='d@e'><q xmlns='q'>x</q></iq>");

  test('swaps the addresses, keeps the id and echoes the payload', () => {
    expect(errorReply(request, 'service-unavailable')?.toString()).toBe(
      '<iq xmlns="jabber:client" type="error" id="7" to="a@b/c" from="d@e"><q xmlns=\'q\'>x</q>' +
        '<error type="cancel">' +
        '<service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>',
    );
  });

  test('may have another type and a text', () => {
    const reply = errorReply(request, 'policy-violation', { type: 'wait', text: 'slower' });
    expect(reply?.child('error')?.attr('type')).toBe('wait');
    expect(reply?.child('error')?.child('text', NS.stanzas)?.text).toBe('slower');
  });

  test('leaves a large payload out', () => {
    const large = stanza(`<message from='a@b/c'><body>${'x'.repeat(5000)}</body></message>`);
    const reply = errorReply(large, 'service-unavailable');
    expect(reply?.elements().map(({ name }) => name)).toEqual(['error']);
  });

  test('is never given to an error or a result', () => {
    expect(errorReply(stanza("<message type='error'/>"), 'bad-request')).toBeUndefined();
    expect(errorReply(stanza("<iq type='result' id='1'/>"), 'bad-request')).toBeUndefined();
    expect(errorReply(stanza("<presence type='error'/>"), 'bad-request')).toBeUndefined();
  });
});

test('a result has the payload and the swapped addresses', () => {
  const request = stanza("<iq type='get' id='7' from='a@b/c'><q xmlns='q'/></iq>");
  expect(resultReply(request, xml('q', { xmlns: 'q' })).toString()).toBe(
    '<iq xmlns="jabber:client" type="result" id="7" to="a@b/c"><q xmlns="q"/></iq>',
  );
});
