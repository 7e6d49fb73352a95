/*
 * The examples of Node, Bun, Deno and browsers as a user has them: in a folder of their own with the package as it is packed,
 * started by the command that their README gives; the one for browsers on Vite's server. What else they do:
 * test/server/example.test.ts and test/client/examples.test.ts.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../clients/serve.js';
import { root } from './bundle.js';
import { withPage } from './chromium.js';
import { runtimes } from './runtimes.js';

const runFile = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'tercet-examples-'));
const environment = { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };

beforeAll(() => {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'tercet'), { recursive: true });
  const pack = ['pack', '--ignore-scripts', '--json', `--pack-destination=${folder}`];
  const packed = execFileSync('npm', pack, { cwd: root, encoding: 'utf8' });
  const { filename } = Object.values(JSON.parse(packed) as Record<string, { filename: string }>)[0];
  const unpack = ['-xzf', join(folder, filename), '-C', join(modules, 'tercet')];
  execFileSync('tar', [...unpack, '--strip-components=1']);
  // What npm would install beside it, without asking the registry.
  for (const scope of ['@assemblyscript', '@peculiar', 'reflect-metadata', 'ws']) {
    symlinkSync(join(root, 'node_modules', scope), join(modules, scope));
  }
  for (const name of ['node/server.mjs', 'node/client.mjs', 'bun/server.mjs', 'deno/server.mjs']) {
    copyFileSync(join(root, 'examples', name), join(folder, name.replace('/', '-')));
  }
  for (const name of ['index.html', 'chat.js']) {
    copyFileSync(join(root, 'examples/browser', name), join(folder, name));
  }
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The command of a README, as parameters behind the name of the program; the script is that in the folder. */
function commandOf(name: string): string[] {
  const readme = readFileSync(join(root, `examples/${name}/README.md`), 'utf8');
  const [, line] = new RegExp(`^ *${name} (.*server\\.mjs)$`, 'm').exec(readme) ?? [];
  return line.replace('server.mjs', `${name}-server.mjs`).split(' ');
}

describe.each(['Bun', 'Deno'])('the example of %s', (name) => {
  const { absence, command } = runtimes.find((each) => each.name === name) ?? {};
  test.skipIf(command === undefined)(
    `logs in over STARTTLS, hears itself and ends${command ? '' : ` (skipped: ${absence ?? ''})`}`,
    async () => {
      const { stdout } = await runFile(command?.[0] ?? '', commandOf(name.toLowerCase()), {
        cwd: folder,
        env: environment,
      });
      expect(stdout).toBe(`juliet@localhost/balcony Hello from ${name}\n`);
    },
  );
});

const deno = runtimes.find(({ name }) => name === 'Deno');

test.skipIf(deno?.command === undefined)(
  `Deno checks a program's types${deno?.command ? '' : ` (skipped: ${deno?.absence ?? ''})`}`,
  async () => {
    const lines = [
      "import { parse, type Element } from 'tercet';",
      "import { listen, type Listening } from 'tercet/deno';",
      "import { createServer } from 'tercet/server';",
      "const server = createServer({ domain: 'localhost' });",
      'const listening: Listening = await listen(server, { port: 0 });',
      "const element: Element = parse('<a/>');",
      'await listening.close();',
      'console.log(element.name);',
    ];
    writeFileSync(join(folder, 'program.ts'), lines.join('\n'));
    const parameters = ['run', '--quiet', '--check', '--allow-net', 'program.ts'];
    const how = { cwd: folder, env: environment };
    const { stdout } = await runFile(deno?.command?.[0] ?? '', parameters, how);
    expect(stdout).toBe('a\n');
    const wrong = `${lines.join('\n')}\nconst text: string = element;`;
    writeFileSync(join(folder, 'program.ts'), wrong);
    await expect(runFile(deno?.command?.[0] ?? '', parameters, how)).rejects.toThrow(/TS2322/);
  },
  60_000,
);

const chromium = runtimes.find(({ name }) => name === 'Chromium, page');

test.skipIf(chromium?.absence !== undefined)(
  `the example of browsers logs in from Vite's own server${chromium?.absence ? ` (skipped: ${chromium.absence})` : ''}`,
  async () => {
    const serving = await serve();
    // It makes modules of its own of the packages that a page imports, and serves those.
    const vite = await createServer({
      configFile: false,
      logLevel: 'error',
      root: folder,
      server: { host: '127.0.0.1', port: 0, hmr: false },
    });
    await vite.listen();
    try {
      const url = vite.resolvedUrls?.local[0];
      await withPage({ ...(url !== undefined && { url }) }, async (page) => {
        const status = "document.querySelector('#status').textContent";
        await page.evaluate(
          `new Promise((resolve) => setTimeout(resolve, 1000)).then(() => {
             const { account } = document.forms;
             account.elements.service.value = '${serving.webSocket}';
             account.requestSubmit();
           })`,
        );
        await expect.poll(() => page.evaluate(status), { timeout: 10_000 }).toBe('online');
      });
      expect(vite.environments.client.depsOptimizer?.metadata.optimized).toHaveProperty([
        'tercet/browser',
      ]);
    } finally {
      await vite.close();
      await serving.stop();
    }
  },
  60_000,
);

test('the examples of Node find each other', async () => {
  const server = spawn(process.execPath, commandOf('node'), {
    cwd: folder,
    env: { ...environment, PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(server.stdout.setEncoding('utf8'), 'data')) as [string];
  const client = spawn(process.execPath, ['node-client.mjs'], {
    cwd: folder,
    env: {
      ...environment,
      JID: 'juliet@localhost/balcony',
      PASSWORD: 'balcony',
      SERVICE: `xmpp://127.0.0.1:${/:(\d+)/.exec(line)?.[1] ?? ''}`,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [greeting] = (await once(client.stdout.setEncoding('utf8'), 'data')) as [string];
  expect(greeting).toBe('online as juliet@localhost/balcony\n');
  for (const child of [client, server]) {
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  }
});
