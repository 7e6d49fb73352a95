/*
 * What the HTTP port says to those who do not ask for a WebSocket: a page of plain text, and where the
 * WebSocket is (XEP-0156).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from '../server/index.js';

export const webSocketPath = '/xmpp-websocket';

/**
 * The path of a request's target, in origin form or absolute form (RFC 9112, section 3.2). Not by
 * `URL`, which throws for what any client may write there, such as `//`.
 */
export function pathOf(target = '/'): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*/s, '') || '/';
}

const relation = 'urn:xmpp:alt-connections:websocket';

export function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  server: Server,
  scheme: 'ws' | 'wss',
): void {
  const url = `${scheme}://${request.headers.host ?? server.domain}${webSocketPath}`;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return answer(response, 405, 'text/plain', 'only GET and HEAD are answered here\n');
  }
  switch (pathOf(request.url)) {
    case '/':
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

/** The Host header is the client's word. */
const escapeAttribute = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
