/*
 * A transport in memory from clients to an embedded server, with what goes wrong on real ones: it is cut
 * after so many bytes of either direction, it cannot be opened, nobody takes what is written.
 */
import type { Endpoint, Transport, Wire, WireEvents } from 'tercet/client';
import type { Connection, Server, Transport as ServerTransport } from 'tercet/server';
import { tcpFraming } from 'tercet/transport';

export class Line implements Transport {
  readonly schemes = ['xmpp:'];
  readonly framing: Transport['framing'];
  server: Server;
  /** What `open` rejects with. */
  refusal: Error | undefined;
  openCount = 0;
  readonly opened: string[] = [];
  /** Whether the client reads. */
  isRead = true;
  /** Bytes that the client's side says are waiting. */
  bufferedBytes = 0;
  events: WireEvents | undefined;
  connection: Connection | undefined;
  /** The bytes of a direction that still pass. */
  left = { out: Infinity, in: Infinity };
  #arriving: Uint8Array[] = [];

  constructor(server: Server, framing = tcpFraming) {
    this.framing = framing;
    this.server = server;
  }

  discover(): Promise<readonly string[]> {
    return Promise.resolve(['xmpp://localhost']);
  }

  open({ uri }: Endpoint, events: WireEvents): Promise<Wire> {
    this.openCount += 1;
    this.opened.push(uri);
    if (this.refusal) return Promise.reject(this.refusal);
    this.events = events;
    this.isRead = true;
    this.left = { out: Infinity, in: Infinity };
    const transport: ServerTransport = {
      write: (units) => {
        for (const unit of units) {
          const passing = this.#pass('in', unit);
          if (passing.length > 0) queueMicrotask(() => this.#arrive(events, passing));
          if (passing.length < unit.length) {
            queueMicrotask(() => this.cut());
            break;
          }
        }
        return 0;
      },
      startTls: () => {
        throw new Error('there is no TLS in memory');
      },
      close: () => queueMicrotask(() => this.#lose(events, connection)),
      destroy: () => queueMicrotask(() => this.#lose(events, connection)),
    };
    // Encrypted: the server offers SASL2 there.
    const connection = this.server.connect(transport, {
      isEncrypted: true,
      framing: this.framing,
    });
    this.connection = connection;
    // Getters of this line, read when they are asked for.
    const waiting = (): number => this.bufferedBytes;
    return Promise.resolve({
      isEncrypted: true,
      get bufferedBytes() {
        return waiting();
      },
      write: (bytes: Uint8Array) => {
        const passing = this.#pass('out', bytes);
        if (passing.length > 0) queueMicrotask(() => connection.receive(passing));
        if (passing.length < bytes.length) queueMicrotask(() => this.cut());
      },
      pause: () => (this.isRead = false),
      resume: () => {
        this.isRead = true;
        this.#arrive(events);
      },
      close: () => queueMicrotask(() => connection.disconnected()),
      destroy: () => queueMicrotask(() => connection.disconnected()),
    });
  }

  /** Both sides find the connection gone. */
  cut(): void {
    const { events, connection } = this;
    if (!events || !connection) return;
    this.events = undefined;
    connection.disconnected();
    events.disconnected(new Error('cut'));
  }

  #lose(events: WireEvents, connection: Connection): void {
    connection.disconnected();
    if (this.events === events) this.events = undefined;
    events.disconnected();
  }

  #pass(direction: 'out' | 'in', bytes: Uint8Array): Uint8Array {
    const isWhole = bytes.length <= this.left[direction];
    // A message of WebSocket arrives whole or not at all.
    const partLength = this.framing.name === 'websocket' ? 0 : Math.max(0, this.left[direction]);
    const passing = isWhole ? bytes : bytes.slice(0, partLength);
    this.left[direction] -= bytes.length;
    return passing;
  }

  #arrive(events: WireEvents, bytes?: Uint8Array): void {
    if (this.events !== events) return;
    if (bytes) this.#arriving.push(bytes);
    if (!this.isRead) return;
    for (const each of this.#arriving.splice(0)) events.receive(each);
  }
}
