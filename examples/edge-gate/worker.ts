/*
 * An edge gate: frames of XMPP over WebSocket (RFC 7395) between servers that are linked to it, each routed by the
 * domain or the bare JID that it is for. No object is made of a frame that is forwarded: the core checks it, its
 * addresses are looked up by their bytes, and the message that came is the message that is sent.
 *
 *     GET /link?serves=capulet.example,juliet@montague.example     a WebSocket; with GATE_TOKEN
 *
 * A link speaks for the addresses that it serves and for no others (RFC 6120, section 8.1.2.2). The gate may sleep:
 * what a link serves stands in the attachment of its socket.
 */
import { DurableObject } from 'cloudflare:workers';
import { parse } from 'tercet';
import { Jid } from 'tercet/jid';
import { errorReply, streamError } from 'tercet/protocol';
import type { StreamCondition } from 'tercet/protocol';
import { webSocketFraming, webSocketProtocol } from 'tercet/transport';
import { FrameRouter } from 'tercet/workers';

interface Env {
  readonly GATE_TOKEN: string;
  /** Not empty: `POST /route` runs a frame through the table many times, for measure.mjs. */
  readonly MEASURE: string;
  /** Not empty: links keep their gate awake, which costs less for each frame. */
  readonly AWAKE: string;
  readonly GATE: DurableObjectNamespace;
}

export default {
  fetch(request: Request, env: Env): Promise<Response> | Response {
    const { pathname } = new URL(request.url);
    if (request.headers.get('authorization') !== `Bearer ${env.GATE_TOKEN}`) {
      return new Response('forbidden\n', { status: 403 });
    }
    if (pathname === '/link' || (pathname === '/route' && env.MEASURE !== '')) {
      // One gate; a larger one is split by domains, as the servers behind it are.
      return env.GATE.get(env.GATE.idFromName('gate')).fetch(request);
    }
    return new Response('not found\n', { status: 404 });
  },
};

const decoder = new TextDecoder();

export class Gate extends DurableObject<Env> {
  readonly #router = new FrameRouter<WebSocket>();
  readonly #links: Set<WebSocket>;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#links = new Set(ctx.getWebSockets());
    for (const socket of this.#links) {
      for (const address of servedBy(socket)) this.#router.set(address, socket);
    }
  }

  override async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === '/route') return this.#measure(request, url);
    const checked = (url.searchParams.get('serves') ?? '')
      .split(',')
      .map((each) => Jid.check(each));
    const serves = checked.flatMap((each) => (each.ok ? [each.jid.bare.toString()] : []));
    const offered = request.headers.get('sec-websocket-protocol') ?? '';
    const isOffered = offered.split(',').some((each) => each.trim() === webSocketProtocol);
    if (request.headers.get('upgrade') !== 'websocket' || !isOffered) {
      return new Response('a link is XMPP over WebSocket\n', { status: 426 });
    }
    if (serves.length < checked.length) return new Response('no such address\n', { status: 400 });
    if (serves.some((address) => this.#isTaken(address))) {
      return new Response('served by another link\n', { status: 409 });
    }
    const { 0: client, 1: socket } = new WebSocketPair();
    if (this.env.AWAKE === '') this.ctx.acceptWebSocket(socket);
    else this.#listen(socket);
    this.#links.add(socket);
    socket.serializeAttachment(serves);
    for (const address of serves) this.#router.set(address, socket);
    const headers = { 'sec-websocket-protocol': webSocketProtocol };
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  #listen(socket: WebSocket): void {
    socket.accept();
    socket.addEventListener('message', ({ data }) =>
      this.webSocketMessage(socket, data as string | ArrayBuffer),
    );
    socket.addEventListener('close', () => this.#drop(socket));
    socket.addEventListener('error', () => this.#drop(socket));
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    if (typeof frame !== 'string') return socket.close(1003);
    const { target, source, isStanza, error } = this.#router.route(frame);
    if (error) return this.#fail(socket, error.condition);
    if (!isStanza) return this.#frame(socket, frame);
    if (source !== socket) return this.#fail(socket, 'invalid-from');
    if (target) return send(target, frame);
    const refusal = errorReply(parse(frame), 'remote-server-not-found');
    if (refusal) send(socket, refusal.toString());
  }

  override webSocketClose(socket: WebSocket): void {
    this.#drop(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#drop(socket);
  }

  /** What is no stanza: the beginning and the end of a link's stream. */
  #frame(socket: WebSocket, frame: string): void {
    const { name, ns } = parse(frame);
    if (ns !== 'urn:ietf:params:xml:ns:xmpp-framing') {
      return this.#fail(socket, 'unsupported-stanza-type');
    }
    if (name === 'close') {
      send(socket, decoder.decode(webSocketFraming.close()));
      return this.#drop(socket);
    }
    const header = {
      from: undefined,
      to: undefined,
      id: crypto.randomUUID(),
      version: '1.0',
      lang: 'en',
    };
    send(socket, decoder.decode(webSocketFraming.open(header, 'jabber:server')));
  }

  #fail(socket: WebSocket, condition: StreamCondition): void {
    send(socket, streamError(condition).toString());
    send(socket, decoder.decode(webSocketFraming.close()));
    this.#drop(socket);
  }

  #drop(socket: WebSocket): void {
    for (const address of servedBy(socket)) {
      if (this.#router.find(address) === socket) this.#router.delete(address);
    }
    this.#links.delete(socket);
    socket.serializeAttachment([]);
    try {
      socket.close(1000);
    } catch {
      // Closed already.
    }
  }

  /** An entry of its own: a domain's does not stand in the way of one of its accounts. */
  #isTaken(address: string): boolean {
    return [...this.#links].some((socket) => servedBy(socket).includes(address));
  }

  async #measure(request: Request, url: URL): Promise<Response> {
    const frame = await request.text();
    const rounds = Number(url.searchParams.get('rounds'));
    let count = 0;
    for (let round = 0; round < rounds; round++) {
      if (this.#router.route(frame).target !== undefined) count += 1;
    }
    return new Response(String(count));
  }
}

const servedBy = (socket: WebSocket): readonly string[] =>
  (socket.deserializeAttachment() as readonly string[] | null) ?? [];

function send(socket: WebSocket, frame: string): void {
  try {
    socket.send(frame);
  } catch {
    // It is gone: its close event takes it out of the table.
  }
}
