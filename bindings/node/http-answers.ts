/*
 * What the HTTP port says to those who do not ask for a WebSocket: where the WebSocket is (XEP-0156), a page of
 * plain text at /status, and at / the same or the files of a page.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from '../server/index.js';
import { staticHeaders } from './static-files.js';
import type { StaticFile, StaticFiles } from './static-files.js';

export const webSocketPath = '/xmpp-websocket';

/**
 * The path of a request's target, in origin form or absolute form (RFC 9112, section 3.2). Not by
 * `URL`, which throws for what any client may write there, such as `//`.
 */
export function pathOf(target = '/'): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*/s, '') || '/';
}

const relation = 'urn:xmpp:alt-connections:websocket';

export interface HttpAnswers {
  readonly server: Server;
  readonly scheme: 'ws' | 'wss';
  /** A page's files; absent: / is the page of plain text too. */
  readonly pages?: StaticFiles | undefined;
}

export function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  { server, scheme, pages }: HttpAnswers,
): void {
  const url = `${scheme}://${request.headers.host ?? server.domain}${webSocketPath}`;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return answer(response, 405, 'text/plain', 'only GET and HEAD are answered here\n');
  }
  const path = pathOf(request.url);
  const file = pages?.get(path);
  if (file) return answerFile(response, file);
  switch (path) {
    case '/':
    case '/status':
      return answer(
        response,
        200,
        'text/plain',
        `tercet serves ${server.domain}\n` +
          `XMPP over WebSocket: ${url}\n` +
          `bound resources: ${server.sessions.count}\n`,
      );
    case webSocketPath:
      response.setHeader('Upgrade', 'websocket');
      return answer(response, 426, 'text/plain', 'this address speaks WebSocket, protocol xmpp\n');
    case '/.well-known/host-meta.json':
      return answer(
        response,
        200,
        'application/json',
        JSON.stringify({ links: [{ rel: relation, href: url }] }),
      );
    case '/.well-known/host-meta':
      return answer(
        response,
        200,
        'application/xrd+xml',
        "<?xml version='1.0' encoding='utf-8'?>" +
          "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>" +
          `<Link rel='${relation}' href='${escapeAttribute(url)}'/></XRD>`,
      );
    default:
      return answer(response, 404, 'text/plain', 'nothing is here\n');
  }
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    // Web clients are served from anywhere (XEP-0156, section 3.3).
    'Access-Control-Allow-Origin': '*',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function answerFile(response: ServerResponse, { type, body }: StaticFile): void {
  response.writeHead(200, {
    ...staticHeaders,
    'Content-Type': type,
    'Content-Length': body.length,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** The Host header is the client's word. */
const escapeAttribute = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
