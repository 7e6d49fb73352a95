/*
 * A bare WebSocket that speaks frames: what no client would write, and what clients hide.
 */
import { once } from 'node:events';

export class Socket {
  readonly frames: string[] = [];
  /** The close code of WebSocket, once it is closed. */
  closeCode: number | undefined;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.frames.push(String(data)));
    socket.addEventListener('close', ({ code }) => (this.closeCode = code));
  }

  static async open(
    service: string,
    protocols: string[] = ['xmpp'],
    headers: Record<string, string> = {},
  ): Promise<Socket> {
    // Node's own takes headers, which the types of browsers do not know.
    const options: unknown = { protocols, headers };
    const socket = new WebSocket(service, options as string[]);
    const opened = new Socket(socket);
    await Promise.race([
      once(socket, 'open'),
      once(socket, 'error').then(() => Promise.reject(new Error('refused'))),
    ]);
    return opened;
  }

  /** Logs in with PLAIN, and has not asked for a resource yet. */
  static async authenticate(service: string, name: string, password: string): Promise<Socket> {
    const socket = await Socket.open(service);
    const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
    socket.send(open);
    const plain = Buffer.from(`\0${name}\0${password}`).toString('base64');
    socket.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`);
    await socket.heard('<success');
    socket.send(open);
    return socket;
  }

  /** The same, and binds a resource. */
  static async login(service: string, name: string, password: string, resource: string) {
    const socket = await Socket.authenticate(service, name, password);
    socket.send(
      `<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`,
    );
    await socket.heard(`${name}@localhost/${resource}`);
    socket.frames.length = 0;
    return socket;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  send(frame: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(frame);
  }

  /** Waits until a frame has come that contains this, and gives it. */
  async heard(part: string, timeoutMs = 10_000): Promise<string> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const frame = this.frames.find((each) => each.includes(part));
      if (frame !== undefined) return frame;
      if (performance.now() > end) throw new Error(`no ${part} in: ${this.frames.join(' ')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async closed(): Promise<number> {
    const end = performance.now() + 10_000;
    while (this.closeCode === undefined && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this.closeCode ?? 0;
  }

  close(): void {
    this.#socket.close();
  }
}
