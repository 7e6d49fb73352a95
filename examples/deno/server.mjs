/*
 * On Deno: a server with a certificate for trying things out, and a client that logs in over STARTTLS, sends
 * itself a message and leaves.
 *
 *     deno run --allow-net server.mjs
 */
import { xml } from 'tercet';
import { connect, developmentCertificate, listen } from 'tercet/deno';
import { MemoryAccounts, createServer } from 'tercet/server';

const accounts = new MemoryAccounts();
await accounts.set('juliet', 'localhost', 'balcony');
const certificate = await developmentCertificate({ domain: 'localhost' });
const server = createServer({ domain: 'localhost', accounts });
const listening = await listen(server, { port: 0, certificate, isTlsRequired: true });

const client = await connect({
  jid: 'juliet@localhost/balcony',
  password: 'balcony',
  service: `xmpp://127.0.0.1:${listening.tcp.port}`,
  ca: certificate.authority,
});
await client.send(
  xml('message', { to: 'juliet@localhost/balcony' }, xml('body', {}, 'Hello from Deno')),
);
for await (const stanza of client) {
  console.log(stanza.attr('from'), stanza.child('body').text);
  break;
}
await client.close();
await listening.close();
