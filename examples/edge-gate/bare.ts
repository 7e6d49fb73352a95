/*
 * A gate with nothing in it, for measure.mjs: what comes from one link goes to the other, unread. What a frame costs
 * here is the runtime's share.
 */
import { DurableObject } from 'cloudflare:workers';

interface Env {
  readonly AWAKE: string;
  readonly GATE: DurableObjectNamespace;
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    env.GATE.get(env.GATE.idFromName('gate')).fetch(request),
};

export class Gate extends DurableObject<Env> {
  readonly #links: WebSocket[] = [];

  override fetch(): Response {
    const { 0: client, 1: socket } = new WebSocketPair();
    if (this.env.AWAKE === '') this.ctx.acceptWebSocket(socket);
    else {
      socket.accept();
      socket.addEventListener('message', ({ data }) =>
        this.webSocketMessage(socket, data as string),
      );
    }
    this.#links.push(socket);
    const headers = { 'sec-websocket-protocol': 'xmpp' };
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    const [first, second] = this.#links;
    (socket === first ? second : first).send(frame);
  }
}
