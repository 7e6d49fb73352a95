/*
 * The client of stanza with this parser in the place of its own, over WebSocket against `tercet serve`.
 */
import { createClient } from 'stanza';
import { plugInto, StreamParser } from 'tercet/compat/jxt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve } from '../clients/serve.js';
import type { Serving } from '../clients/serve.js';

let serving: Serving;

beforeAll(async () => {
  serving = await serve();
});

afterAll(async () => {
  expect(await serving.stop()).toBe(0);
});

function person(name: string, password: string, resource: string): ReturnType<typeof createClient> {
  return createClient({
    jid: `${name}@localhost`,
    password,
    resource,
    transports: { websocket: serving.webSocket, bosh: false },
    autoReconnect: false,
  });
}

test('it logs in, talks, asks and leaves', async () => {
  const juliet = plugInto(person('juliet', 'balcony', 'balcony'));
  const romeo = plugInto(person('romeo', 'orchard', 'orchard'));
  const started = [juliet, romeo].map(
    (client) => new Promise((resolve) => client.once('session:started', resolve)),
  );
  const heard: (string | undefined)[] = [];
  romeo.on('message', ({ body }) => heard.push(body));
  juliet.connect();
  romeo.connect();
  await Promise.all(started);
  expect(juliet.jid).toBe('juliet@localhost/balcony');
  expect((juliet.transport as unknown as { parser: unknown }).parser).toBeInstanceOf(StreamParser);

  const body = 'Wherefore <art> & thou \u{1f339} ]]> Romeo?';
  juliet.sendMessage({ to: 'romeo@localhost/orchard', body });
  await expect.poll(() => heard).toEqual([body]);
  const { identities } = await juliet.getDiscoInfo('localhost');
  expect(identities.map(({ name }) => name)).toEqual(['tercet']);

  const left = [juliet, romeo].map(
    (client) => new Promise((resolve) => client.once('disconnected', resolve)),
  );
  juliet.disconnect();
  romeo.disconnect();
  await Promise.all(left);
});

/** What a transport for BOSH says and keeps of the answers that it is given. */
async function answered(isPlugged: boolean, answers: readonly string[]): Promise<unknown> {
  const client = createClient({ jid: 'juliet@localhost', transports: { bosh: 'http://[::1]/' } });
  if (isPlugged) plugInto(client);
  const Transport = client.transports.bosh as unknown as new (...values: unknown[]) => Bosh;
  const transport = new Transport(client, client.sm, client.stanzas);
  const said: unknown[] = [];
  const fields = ['sid', 'rid', 'hasStream', 'maxWaitTime', 'isEnded'];
  Object.assign(transport, {
    config: { lang: 'en', acceptLanguages: ['en'] },
    rid: 1,
    send: (...values: unknown[]) => said.push(['send', ...values]),
    disconnect: () => said.push(['disconnect']),
    scheduleRequests: () => said.push(['scheduleRequests']),
  });
  client.emit = (event: string | symbol, ...values: unknown[]) => {
    said.push([event, ...values.map((value) => (value instanceof Error ? value.name : value))]);
    return true;
  };
  for (const answer of answers) {
    transport.process(answer);
    await new Promise((resolve) => setImmediate(resolve));
    said.push(fields.map((field) => Reflect.get(transport, field) as unknown));
  }
  return said;
}

interface Bosh {
  process(result: string): void;
}

const body = (attributes: string, content = ''): string =>
  `<body xmlns='http://jabber.org/protocol/httpbind' ${attributes}>${content}</body>`;

test.each([
  ['a session', [body("sid='s1' wait='60'"), body('', message('a')), body("type='terminate'")]],
  ['several stanzas', [body("sid='s1'", message('a') + message('b &lt;') + message('c'))]],
  ['the end, twice', [body("type='terminate'"), body("type='terminate' condition='other'")]],
  [
    'what is no XML',
    [body("sid='s1'"), "<body xmlns='http://jabber.org/protocol/httpbind'><a></b>"],
  ],
  ['another root', ["<html xmlns='http://www.w3.org/1999/xhtml'/>"]],
])('over BOSH: %s', async (_, answers) => {
  const said = await answered(true, answers);
  expect(said).toEqual(await answered(false, answers));
  expect(JSON.stringify(said)).toMatch(/stream:/);
});

function message(text: string): string {
  return `<message xmlns='jabber:client' from='romeo@localhost' id='1'><body>${text}</body></message>`;
}
