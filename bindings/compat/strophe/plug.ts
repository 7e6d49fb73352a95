/*
 * Puts this parser into the component transport of strophe.js (5.0, Node).
 */
import { ComponentParser, type Handlers } from './component-parser.js';

type ComponentClass = new (connection: never) => object;

/** What is used of the `Strophe` object. */
export interface Strophe {
  readonly Component: ComponentClass;
  readonly Connection: { addProtocol(name: string, transport: never): void };
}

/** What a transport keeps to itself, and is used of it here. */
interface Inside {
  _parser: object;
  readonly _onStreamStart: Handlers['onStreamStart'];
  readonly _onStanza: Handlers['onStanza'];
  readonly _onStreamEnd: Handlers['onStreamEnd'];
  readonly _onParseError: Handlers['onError'];
}

/**
 * Makes each new connection with `{ protocol: 'component' }` read with this parser. The elements are
 * those of the global document, as strophe's own are.
 *
 *     plugInto(Strophe);
 *     const connection = new Strophe.Connection(url, { protocol: 'component' });
 */
export function plugInto(strophe: object): void {
  const { Component, Connection } = strophe as Strophe;
  class WithParser extends Component {
    constructor(connection: never) {
      super(connection);
      const inside = this as unknown as Inside;
      inside._parser = new ComponentParser({
        onStreamStart: (attrs) => inside._onStreamStart(attrs),
        onStanza: (stanza) => inside._onStanza(stanza),
        onStreamEnd: () => inside._onStreamEnd(),
        onError: (error) => inside._onParseError(error),
      });
    }
  }
  Connection.addProtocol('component', WithParser as never);
}
