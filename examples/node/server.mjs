/*
 * A server inside a program of your own: two accounts, the standard modules and one more, which answers
 * <hello xmlns='urn:example:hello'/> and greets whoever becomes available.
 *
 *     node server.mjs          then log in as juliet@localhost, password balcony, on port 5222
 */
import { xml } from 'tercet';
import { listen } from 'tercet/node';
import { MemoryAccounts, createServer, lineLog, standardModules } from 'tercet/server';

const accounts = new MemoryAccounts();
await accounts.set('juliet', 'localhost', 'balcony');
await accounts.set('romeo', 'localhost', 'orchard');

const hello = {
  name: 'hello',
  features: ['urn:example:hello'],
  requests: [
    {
      name: 'hello',
      ns: 'urn:example:hello',
      at: ['server'],
      get: (_payload, { sender }) =>
        xml('hello', { xmlns: 'urn:example:hello' }, `Hello, ${sender.resource}`),
    },
  ],
  // Looks at presence and leaves it to the others: it is not done with it.
  stanza({ kind, stanza, sender, server }) {
    if (kind === 'presence' && stanza.attr('type') === undefined && !sender.isAvailable) {
      const body = xml('body', {}, 'Welcome');
      server.send(
        xml('message', { xmlns: 'jabber:client', from: server.domain, to: sender.jid }, body),
        sender,
      );
    }
    return false;
  },
};

const server = createServer({
  domain: 'localhost',
  accounts,
  modules: [hello, ...standardModules()],
  log: lineLog((line) => console.error(line)),
});
server.rosters.befriend('juliet@localhost', 'romeo@localhost');
const port = Number(process.env.PORT ?? 5222);
const listening = await listen(server, { port });
console.log(`listening on ${listening.tcp.host}:${listening.tcp.port}`);
process.once('SIGTERM', () => listening.close());
process.once('SIGINT', () => listening.close());
