/*
 * What a client does in all runtimes: logs in, sends itself a message, hears it and leaves.
 */
import { xml } from 'tercet';
import type { Client, ConnectOptions } from 'tercet/client';

type Connect = (options: ConnectOptions & { readonly ca?: string }) => Promise<Client>;

/** Resolves to what was heard. */
export async function greet(
  connect: Connect,
  options: { readonly service: string; readonly password?: string; readonly ca?: string },
): Promise<string> {
  const jid = 'juliet@localhost/balcony';
  const client = await connect({ jid, password: 'juliet', reconnect: false, ...options });
  try {
    await client.send(xml('message', { to: jid, id: '1' }, xml('body', {}, 'Peace \u2665')));
    for await (const stanza of client) {
      if (stanza.name === 'message') return stanza.toString('jabber:client');
    }
    throw new Error('the stream ended before the message');
  } finally {
    await client.close();
  }
}
