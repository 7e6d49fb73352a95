/*
 * Puts this parser into a client of stanza (12.22), for its WebSocket transport.
 *
 * The transport makes its parser in `connect`; a subclass of it puts this one in its place, with the
 * listeners that the transport gave the other. The client's own table of transports is changed, no
 * class of stanza.
 */
import type { Emitter, Listener } from '../emitter.js';
import { StreamParser } from './stream-parser.js';

interface TransportConfig {
  readonly acceptLanguages?: readonly string[];
  readonly lang?: string;
}

interface Transport {
  connect(config: TransportConfig): void;
}

/** What a transport keeps to itself, and is used of it here. */
interface Inside {
  readonly stanzas: object;
  parser: Emitter | undefined;
}

type TransportClass = new (...values: never[]) => Transport;

/**
 * Makes a client read frames with this parser; to be called before it connects. Returns the client.
 *
 *     const client = plugInto(createClient({ jid, password, transports: { websocket: url } }));
 *     client.connect();
 */
export function plugInto<Client extends object>(client: Client): Client {
  const { transports } = client as unknown as { transports: Record<string, TransportClass> };
  const Base = transports.websocket;
  transports.websocket = class extends Base {
    override connect(config: TransportConfig): void {
      super.connect(config);
      const inside = this as unknown as Inside;
      const parser = new StreamParser({
        acceptLanguages: config.acceptLanguages,
        allowComments: false,
        lang: config.lang,
        registry: inside.stanzas,
      });
      for (const event of ['data', 'error']) {
        for (const listener of inside.parser?.listeners(event) ?? []) {
          parser.on(event, listener as Listener);
        }
      }
      inside.parser = parser;
    }
  };
  return client;
}
