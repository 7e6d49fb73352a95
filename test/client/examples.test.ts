/*
 * The clients of examples/, as they stand: the one in Node as a process, the one in a browser bundled by Vite
 * and opened in Chromium.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { xml } from 'tercet';
import type { Client } from 'tercet/client';
import { connect } from 'tercet/node';
import { serve } from '../clients/serve.js';
import type { Serving } from '../clients/serve.js';
import { chromiumPath, withPage } from '../runtimes/chromium.js';
import { eventually } from './eventually.js';

const root = join(import.meta.dirname, '../..');
const examples = join(root, 'examples');
let serving: Serving;
let romeo: Client;

beforeAll(async () => {
  serving = await serve();
  const service = serving.webSocket;
  romeo = await connect({ jid: 'romeo@localhost/orchard', password: 'orchard', service });
});

afterAll(async () => {
  await romeo.close();
  await serving.stop();
});

const message = (to: string, body: string): Promise<void> =>
  romeo.send(xml('message', { to, type: 'chat' }, xml('body', {}, body)));

test('the client in Node says back what it is told, until Ctrl-C', async () => {
  const child = spawn(process.execPath, [join(examples, 'node/client.mjs')], {
    env: {
      ...process.env,
      JID: 'juliet@localhost/echo',
      PASSWORD: 'balcony',
      SERVICE: `xmpp://127.0.0.1:${serving.port}`,
      CA: serving.authorityPath,
    },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await eventually(() => output).toBe('online as juliet@localhost/echo\n');
  const heard = romeo.stanzas();
  await message('juliet@localhost/echo', 'Wherefore?');
  for await (const stanza of heard) {
    if (stanza.name !== 'message') continue;
    expect(stanza.attr('from')).toBe('juliet@localhost/echo');
    expect(stanza.child('body')?.text).toBe('Wherefore?');
    break;
  }
  child.kill('SIGINT');
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
});

const absence = !chromiumPath()
  ? 'no chromium on the PATH'
  : existsSync(join(root, 'test/runtimes/node_modules/playwright-core'))
    ? ''
    : 'playwright-core is not installed';

describe.skipIf(absence !== '')(`Chromium${absence === '' ? '' : ` (skipped: ${absence})`}`, () => {
  test('the page logs in, reads and writes', async () => {
    const result = await build({
      configFile: false,
      logLevel: 'silent',
      root: join(examples, 'browser'),
      build: { write: false, target: 'es2022', rolldownOptions: { input: 'chat.js' } },
    });
    if (Array.isArray(result) || !('output' in result)) throw new Error('one output is expected');
    const files = {
      'page.html': readFileSync(join(examples, 'browser/index.html'), 'utf8'),
      'chat.js': result.output[0].code,
    };
    await withPage({ files }, async (page) => {
      const text = (selector: string): Promise<string> =>
        page.evaluate(`document.querySelector('${selector}').textContent`);
      await page.evaluate(
        `{
            const { account } = document.forms;
            account.elements.jid.value = 'juliet@localhost/page';
            account.elements.service.value = '${serving.webSocket}';
            account.requestSubmit();
          }`,
      );
      await eventually(() => text('#status')).toBe('online');
      const heard = romeo.stanzas();
      await message('juliet@localhost/page', 'Wherefore?');
      await eventually(() => text('#messages')).toContain('orchard: Wherefore?');
      await page.evaluate(
        `{
            const { message } = document.forms;
            message.elements.body.value = 'Here';
            message.elements.to.value = 'romeo@localhost/orchard';
            message.requestSubmit();
          }`,
      );
      const { value } = await heard.next();
      expect(value?.child('body')?.text).toBe('Here');
      expect(value?.attr('from')).toBe('juliet@localhost/page');
    });
  }, 60_000);
});
