/*
 * The server of examples/node, as it is shown: its own module answers and greets.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bindRequest, plainAuth, tcpHeader } from '../protocol/host.js';

test('the example serves, greets and stops', async () => {
  const script = join(import.meta.dirname, '../../examples/node/server.mjs');
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const socket = connect(Number(/:(\d+)/.exec(line)?.[1]), '127.0.0.1').setEncoding('utf8');
  let heard = '';
  socket.on('data', (text: string) => (heard += text));
  const say = async (text: string, answer: string): Promise<void> => {
    socket.write(text);
    await expect.poll(() => heard).toContain(answer);
  };
  await say(tcpHeader, '</stream:features>');
  await say(plainAuth, '<success');
  await say(tcpHeader, '<bind');
  await say(bindRequest, '<jid>juliet@localhost/balcony</jid>');
  await say('<presence/>', '<body>Welcome</body>');
  await say(
    "<iq type='get' id='1' to='localhost'><hello xmlns='urn:example:hello'/></iq>",
    'Hello, balcony',
  );
  socket.end('</stream:stream>');
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
});
