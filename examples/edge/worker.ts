/*
 * XMPP at the edge: the worker itself. It sends a WebSocket to one of the gates, which hold the sockets; each
 * account is an object of its own (account.ts). README.md has the picture.
 *
 *     GET  /xmpp-websocket                  XMPP over WebSocket (RFC 7395)
 *     GET  /.well-known/host-meta[.json]    where that is (XEP-0156)
 *     POST /accounts                        { "username", "password" } makes an account; with ADMIN_TOKEN
 */
import { Jid } from 'tercet/jid';
import { accountObject } from './env.js';
import type { Env } from './env.js';

export { Account } from './account.js';
export { Gate } from './gate.js';

/** Sockets are spread over as many objects: more of them wake less for each other, and cost more when awake. */
const gateCount = 8;
const path = '/xmpp-websocket';

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const socketUrl = `${url.protocol === 'https:' ? 'wss' : 'ws'}://${url.host}${path}`;
    switch (`${request.method} ${url.pathname}`) {
      case `GET ${path}`: {
        const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
        const gate = env.GATE.idFromName(`gate-${random % gateCount}`);
        return env.GATE.get(gate).fetch(request);
      }
      case 'GET /.well-known/host-meta': {
        const link = `<Link rel='urn:xmpp:alt-connections:websocket' href='${socketUrl}'/>`;
        const xrd = `<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>${link}</XRD>`;
        return answer(`<?xml version='1.0' encoding='utf-8'?>${xrd}`, 'application/xrd+xml');
      }
      case 'GET /.well-known/host-meta.json': {
        const links = [{ rel: 'urn:xmpp:alt-connections:websocket', href: socketUrl }];
        return answer(JSON.stringify({ links }), 'application/json');
      }
      case 'POST /accounts':
        return makeAccount(request, env);
      default:
        return new Response('not found\n', { status: 404 });
    }
  },
};

const answer = (body: string, type: string): Response =>
  new Response(body, { headers: { 'content-type': type, 'access-control-allow-origin': '*' } });

async function makeAccount(request: Request, env: Env): Promise<Response> {
  if (request.headers.get('authorization') !== `Bearer ${env.ADMIN_TOKEN}`) {
    return new Response('forbidden\n', { status: 403 });
  }
  const { username, password } = await request.json<{ username?: unknown; password?: unknown }>();
  const checked = Jid.check(`${String(username)}@${env.DOMAIN}`);
  if (!checked.ok || checked.jid.resource !== '' || typeof password !== 'string') {
    return new Response('a username and a password are needed\n', { status: 400 });
  }
  const account = checked.jid.toString();
  await accountObject(env, account).setPassword(account, password);
  return new Response(`${account}\n`, { status: 201 });
}
