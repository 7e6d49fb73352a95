/*
 * Puts this parser, and an address parser, into a client of xmpp.js (@xmpp/client 0.14).
 *
 * A client copies `Parser` from the prototype of the transport that it connects with, and decodes
 * what it reads chunk by chunk, which garbles a character that is cut by two reads. Here the client's
 * own list of transports is replaced, and its own `_onData`; no class of xmpp.js is changed.
 */
import type { ElementClass } from '../ltx/tree.js';
import { FramedParser } from './framed-parser.js';
import { Parser } from './parser.js';

type TransportClass = new (...values: never[]) => object;

interface Transport {
  socketParameters(service: string): unknown;
}

/** What is used of a client. */
interface Entity {
  transports: TransportClass[];
  parser: { write(data: never): void } | null;
  jid: unknown;
}

export interface PlugOptions {
  /** The class of elements: `xml.Element` of @xmpp/client, so that `instanceof` holds there. */
  readonly Element?: ElementClass;
  /** Makes an address of a text: `jid` of tercet/compat/xmpp-jid. */
  readonly jid?: (address: string) => unknown;
}

/**
 * Makes a client read with this parser; to be called before it connects.
 *
 *     const xmpp = plugInto(client({ service, username, password }), { Element: xml.Element });
 *
 * Returns the client.
 */
export function plugInto<Client extends object>(client: Client, options: PlugOptions = {}): Client {
  const entity = client as unknown as Entity;
  const { Element, jid } = options;
  const stream = Element === undefined ? Parser : Parser.using(Element);
  const framed = Element === undefined ? FramedParser : FramedParser.using(Element);
  entity.transports = entity.transports.map((Transport) => {
    class WithParser extends Transport {}
    Object.assign(WithParser.prototype, { Parser: isFramed(Transport) ? framed : stream });
    return WithParser;
  });
  Object.assign(entity, {
    _onData(data: never) {
      // Gone after a fault, while the socket may still deliver.
      entity.parser?.write(data);
    },
  });
  if (jid !== undefined) {
    Object.assign(entity, { _jid: (address: string) => (entity.jid = jid(address)) });
  }
  return client;
}

/** Whether a transport connects over WebSocket. */
function isFramed(type: TransportClass): boolean {
  try {
    return (type.prototype as Transport).socketParameters('wss://localhost/') !== undefined;
  } catch {
    return false;
  }
}
