/*
 * The machines on the runtime's WebCrypto: a client and a server log in by each mechanism, and a server
 * in memory carries a message from one client to another. Nothing here is random, so each byte is compared.
 */
import { createServer } from 'tercet/server';
import { hashOf, expectSame, type Check } from '../check.js';
import { Pair } from '../../protocol/pair.js';
import { Client, makeAccounts } from '../../server/play.js';

const mechanisms = ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'] as const;

export const machines: readonly Check[] = [
  {
    name: 'SASL on WebCrypto',
    async run() {
      const texts: string[] = [];
      for (const mechanism of mechanisms) {
        for (const hasSasl2 of [false, true]) {
          const client = { mechanisms: [mechanism], hasSasl2 };
          const pair = await new Pair({ client, pieceLength: 7 }).start();
          expectSame(pair.of('ready').length, 1, mechanism);
          texts.push(pair.said, pair.heard);
        }
        const refused = new Pair({ client: { mechanisms: [mechanism] }, password: 'orchard' });
        await refused.start();
        expectSame(refused.of('ready').length, 0, `${mechanism}, wrong password`);
      }
      return hashOf(texts);
    },
  },
  {
    name: 'the server in memory',
    async run() {
      let counter = 0;
      const server = createServer({
        domain: 'localhost',
        accounts: await makeAccounts('juliet', 'romeo'),
        random: (count) => new Uint8Array(count).fill(++counter),
        now: () => 0,
        date: () => 0,
      });
      const juliet = new Client(server);
      await juliet.logIn('juliet', 'balcony');
      const romeo = new Client(server, 'websocket');
      await romeo.logIn('romeo', 'orchard');
      romeo.say(
        "<message xmlns='jabber:client' to='juliet@localhost/balcony'><body>Peace</body></message>",
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
      server.flush();
      const heard = juliet.text;
      if (!heard.includes('<body>Peace</body>')) throw new Error(`nothing arrived: ${heard}`);
      return hashOf([heard, romeo.text]);
    },
  },
];
