/** `tercet serve --memory`, as people run it; clients may make accounts, and the log has errors only. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from './process.mjs';

const program = new URL('../../../dist/bindings/cli/main.js', import.meta.url);

export const version = () => undefined;
export const reason = () => (existsSync(program) ? '' : 'the package is not built (npm run build)');

export async function start({ folder, node }) {
  const server = new ServerProcess(
    node,
    [
      ...(process.env.TERCET_NODE_OPTIONS?.split(' ') ?? []),
      ...[
        fileURLToPath(program),
        'serve',
        '--memory',
        '--register',
        '--rate',
        '0',
        '--log',
        'error',
      ],
      ...['--port', '0', '--tls-port', '0', '--http-port', '0'],
    ],
    { folder },
  );
  await server.until(() => server.output.includes('Ctrl-C'));
  const portOf = (pattern) => Number(pattern.exec(server.output)?.[1]);
  return {
    server,
    port: portOf(/XMPP +127\.0\.0\.1:(\d+)/),
    tlsPort: portOf(/over TLS +127\.0\.0\.1:(\d+)/),
  };
}
