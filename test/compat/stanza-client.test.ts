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
