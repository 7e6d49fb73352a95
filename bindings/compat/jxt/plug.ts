/*
 * Puts this parser into a client of stanza (12.22), for both of its transports.
 *
 * That for WebSocket makes its parser in `connect`; a subclass of it puts this one in its place, with
 * the listeners that the transport gave the other. That for BOSH makes one for each answer, in
 * `process`, which a subclass does anew. The client's own table of transports is changed, no class of
 * stanza.
 */
import type { Emitter } from '../emitter.js';
import { StreamParser, type StreamData } from './stream-parser.js';

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

/** The same of that for BOSH. */
interface BoshInside {
  readonly stanzas: object;
  readonly client: Emitter;
  readonly config: TransportConfig;
  hasStream: boolean | undefined;
  stream: object | undefined;
  isEnded: boolean;
  rid: number | undefined;
  sid: string | undefined;
  maxWaitTime: number;
  push(data: { kind: string | undefined; stanza: object } | null): void;
  send(kind: string, data: object): void;
  disconnect(): void;
  scheduleRequests(): void;
}

/** `<body/>` as the registry translates it. */
interface BoshHeader {
  readonly type?: string;
  readonly sid?: string;
  readonly maxWaitTime?: number;
}

type TransportClass = new (...values: never[]) => Transport;

/**
 * Makes a client read with this parser; to be called before it connects. Returns the client.
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
          parser.on(event, listener);
        }
      }
      inside.parser = parser;
    }
  };
  const Bosh = transports.bosh;
  transports.bosh = class extends Bosh {
    process(result: string): void {
      readAnswer(this as unknown as BoshInside, result);
    }
  };
  return client;
}

/** What the transport does with the answer to a request, XEP-0124: a `<body/>` around stanzas. */
function readAnswer(transport: BoshInside, result: string): void {
  const { client, config } = transport;
  const parser = new StreamParser({
    acceptLanguages: config.acceptLanguages,
    allowComments: false,
    lang: config.lang,
    registry: transport.stanzas,
    rootKey: 'bosh',
    wrappedStream: true,
  });
  parser.on('error', (error: Error) => {
    const streamError = { condition: 'invalid-xml' };
    client.emit('stream:error', streamError, error);
    transport.send('error', streamError);
    transport.disconnect();
  });
  parser.on('data', ({ event, kind, stanza }: StreamData) => {
    if (event === 'stream-start') beginAnswer(transport, stanza);
    else if (event === undefined) transport.push({ kind, stanza });
  });
  client.emit('raw', 'incoming', result);
  parser.write(result);
  transport.scheduleRequests();
}

function beginAnswer(transport: BoshInside, header: BoshHeader): void {
  const { client } = transport;
  transport.stream = header;
  if (header.type === 'terminate') {
    transport.hasStream = false;
    transport.rid = undefined;
    transport.sid = undefined;
    if (transport.isEnded) return;
    transport.isEnded = true;
    client.emit('bosh:terminate', header);
    client.emit('stream:end');
    transport.push(null);
  } else if (transport.hasStream !== true) {
    transport.hasStream = true;
    if (header.sid) transport.sid = header.sid;
    if (header.maxWaitTime) transport.maxWaitTime = header.maxWaitTime;
    client.emit('stream:start', header);
  }
}
