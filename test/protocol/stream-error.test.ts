/*
 * The 25 conditions of RFC 6120, section 4.9.3, as a host ends a stream with them: before there is a
 * stream, before authentication and after binding. Those that the machine finds by itself are in
 * server-stream.test.ts.
 */
import { expect, test } from 'vitest';
import type { StreamCondition } from 'tercet/protocol';
import { Host, tcpHeader } from './host.js';

const conditions: readonly StreamCondition[] = [
  'bad-format',
  'bad-namespace-prefix',
  'conflict',
  'connection-timeout',
  'host-gone',
  'host-unknown',
  'improper-addressing',
  'internal-server-error',
  'invalid-from',
  'invalid-namespace',
  'invalid-xml',
  'not-authorized',
  'not-well-formed',
  'policy-violation',
  'remote-connection-failed',
  'reset',
  'resource-constraint',
  'restricted-xml',
  'see-other-host',
  'system-shutdown',
  'undefined-condition',
  'unsupported-encoding',
  'unsupported-feature',
  'unsupported-stanza-type',
  'unsupported-version',
];

const written = (condition: string): string =>
  '<stream:error xmlns:stream="http://etherx.jabber.org/streams">' +
  `<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error></stream:stream>`;

test.each(conditions)('%s is said once, then the stream is closed', (condition) => {
  for (const prepare of [(host: Host) => host.say(tcpHeader), (host: Host) => host.bound()]) {
    const host = prepare(new Host());
    host.forget();
    host.take(host.stream.close(condition, 0)).take(host.stream.close('reset', 0));
    expect(host.heard).toBe(written(condition));
    expect(host.of('ended')).toHaveLength(1);
    host.say('</stream:stream>');
    expect(host.isClosed).toBe(true);
  }
});

test.each(conditions)('%s before there is a stream comes behind a header', (condition) => {
  const host = new Host();
  host.take(host.stream.close(condition, 0));
  expect(host.heard).toMatch(/^<\?xml version='1.0'\?><stream:stream [^>]*from="localhost"[^>]*>/);
  expect(host.heard).toBe('');
  expect(host.sent.endsWith(written(condition))).toBe(true);
});
