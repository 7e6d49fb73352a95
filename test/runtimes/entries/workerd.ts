/*
 * The suite as a Cloudflare Worker: the outcomes are the answer to `/`. The worker also serves XMPP over
 * WebSocket, and connects to itself.
 */
import { connect } from 'tercet/client';
import { createServer } from 'tercet/server';
import type { Server } from 'tercet/server';
import { upgrade } from 'tercet/workers';
import { makeAccounts } from '../../server/play.js';
import type { Check } from '../check.js';
import { greet } from '../checks/greeting.js';
import { runSuite } from '../suite.js';

let serving: Promise<Server> | undefined;
const serve = async (): Promise<Server> =>
  createServer({ domain: 'localhost', accounts: await makeAccounts('juliet') });

export default {
  async fetch(request: Request): Promise<Response> {
    const { host, pathname } = new URL(request.url);
    if (pathname !== '/') return upgrade(request, await (serving ??= serve()));
    const webSocket: Check[] = [
      {
        name: 'connect over WebSocket',
        run: () => greet(connect, { service: `ws://${host}/xmpp-websocket` }),
      },
      {
        name: 'serve over WebSocket',
        run: async () => String((await fetch(`http://${host}/xmpp-websocket`)).status),
      },
    ];
    return Response.json(await runSuite(webSocket));
  },
};
