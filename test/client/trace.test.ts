/*
 * What the trace shows of a stream: all of it but what is secret, wherever its bytes are cut.
 */
import { expect, test } from 'vitest';
import { connect } from 'tercet/client';
import type { TraceEntry, Transport } from 'tercet/client';
import { tcpFraming } from 'tercet/transport';

/** A server that says these things, so many bytes at a time, and then is gone. */
async function traced(text: string, size: number): Promise<string> {
  const entries: TraceEntry[] = [];
  const transport: Transport = {
    schemes: ['xmpp:'],
    framing: tcpFraming,
    discover: () => Promise.resolve(['xmpp://localhost']),
    open: (_endpoint, events) => {
      const bytes = new TextEncoder().encode(text);
      setTimeout(() => {
        for (let start = 0; start < bytes.length; start += size) {
          events.receive(bytes.subarray(start, start + size));
        }
        events.disconnected();
      });
      const nothing = (): void => undefined;
      return Promise.resolve({
        ...{ isEncrypted: true, bufferedBytes: 0 },
        ...{ write: nothing, close: nothing, destroy: nothing },
      });
    },
  };
  const trace = (entry: TraceEntry): void => void entries.push(entry);
  const options = { jid: 'juliet@localhost', password: 'balcony', transports: [transport], trace };
  await expect(connect(options)).rejects.toThrow();
  return entries
    .flatMap(({ direction, text: shown }) => (direction === 'in' ? shown : []))
    .join('');
}

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' " +
  "from='localhost' id='a>b' version='1.0'>";

test.each<[string, string, string]>([
  [
    'a challenge',
    '<challenge xmlns="urn:x">c2VjcmV0</challenge>',
    '<challenge xmlns="urn:x">***</challenge>',
  ],
  [
    'an element inside another',
    '<s:success xmlns:s="urn:x"><additional-data>eA==</additional-data><to>é \u{1f339}</to></s:success>',
    '<s:success xmlns:s="urn:x">***<additional-data>***</additional-data><to>é \u{1f339}</to></s:success>',
  ],
  [
    'a section of CDATA',
    '<password><![CDATA[a<b>]]c]]>d</password><b><![CDATA[<i>]]></b>',
    '<password>***</password><b><![CDATA[<i>]]></b>',
  ],
  ['an empty one', '<response/>text<a b="c>d"/>', '<response/>text<a b="c>d"/>'],
  [
    'an attribute',
    "<token xmlns='urn:xmpp:fast:0' token='abc' expiry='now'/>",
    "<token xmlns='urn:xmpp:fast:0' token='***' expiry='now'/>",
  ],
])('of %s', async (_name, text, shown) => {
  for (const size of [1, 2, 3, 5, 7, 11, 1000]) {
    expect(await traced(`${header}<f>${text}</f>`, size)).toBe(`${header}<f>${shown}</f>`);
  }
});
