/*
 * A client that says back what it is told, until Ctrl-C.
 *
 *     JID=juliet@localhost PASSWORD=balcony SERVICE=xmpp://127.0.0.1:5222 CA=tercet-data/ca.pem node client.mjs
 *
 * SERVICE is for trying things out: without it the server is looked up. CA is a file with the authority to
 * trust instead of the public ones.
 */
import { readFile } from 'node:fs/promises';
import { xml } from 'tercet';
import { openPresence } from 'tercet/client';
import { connect } from 'tercet/node';

const { JID, PASSWORD, SERVICE, CA } = process.env;
const client = await connect({
  jid: JID,
  password: PASSWORD,
  service: SERVICE,
  ca: CA && (await readFile(CA)),
  onStatus: ({ state, error }) => console.error(state, error?.message ?? ''),
});
process.once('SIGINT', () => client.close());

await openPresence(client).set({ status: 'I say it back' });
console.log(`online as ${client.jid}`);

for await (const stanza of client) {
  const body = stanza.child('body')?.text;
  if (stanza.name !== 'message' || stanza.attr('type') === 'error' || !body) continue;
  const attributes = { to: stanza.attr('from'), type: stanza.attr('type') };
  await client.send(xml('message', attributes, xml('body', {}, body)));
}
