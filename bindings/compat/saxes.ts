/*
 * The parser of saxes, over the core: the same events, tags and positions (RFC 6120, section 11;
 * Namespaces in XML 1.0).
 *
 * Stricter than the original: prefixes are checked without `xmlns` too, comments and processing
 * instructions are faults unless `document` is true, a DOCTYPE always is, and XML 1.1 and own entities
 * are refused. The first fault is the last event; nothing that it belongs to is reported before it.
 */
import '../wasm/parser.js';
import { UsageError } from '../errors.js';
import { faultOf, sentenceOf } from './sax-fault.js';
import { bare, SaxesEvents, xmlNamespace, xmlnsNamespace, type Bindings } from './saxes-events.js';
import type { EventName, EventNameToHandler, SaxesOptions, XMLDecl } from './saxes-types.js';

export type * from './saxes-types.js';

export const EVENTS = [
  'xmldecl',
  'text',
  'processinginstruction',
  'doctype',
  'comment',
  'opentagstart',
  'attribute',
  'opentag',
  'closetag',
  'cdata',
  'error',
  'end',
  'ready',
] as const satisfies readonly EventName[];

/** Around a fragment, which has no root of its own. */
const lead = { start: '<fragment>', end: '</fragment>' };

/**
 * Reads a document and calls one handler an event.
 *
 *     const parser = new SaxesParser({ xmlns: true });
 *     parser.on('opentag', ({ local, uri }) => console.log(local, uri));
 *     parser.write("<a xmlns='urn:x'/>").close();   // prints: a urn:x
 *
 * `write` takes strings and bytes of UTF-8, cut anywhere. Without a handler of `error` a fault is
 * thrown by `write`.
 */
export class SaxesParser<Options extends SaxesOptions = object> {
  readonly opt: SaxesOptions;
  readonly #events: SaxesEvents;
  readonly #entities = refusing({ amp: '&', gt: '>', lt: '<', quot: '"', apos: "'" });

  /** Throws UsageError for XML 1.1, and for options that are not as described. */
  constructor(opt?: Options) {
    const options: SaxesOptions = opt ?? {};
    this.opt = options;
    checkVersion(options);
    const isNs = options.xmlns === true;
    const { additionalNamespaces, resolvePrefix, document, limits, engine } = options;
    const isOpen = isNs && (additionalNamespaces ?? resolvePrefix) !== undefined;
    this.#events = new SaxesEvents({
      ...(document === undefined ? {} : { document }),
      ...(limits === undefined ? {} : { limits }),
      ...(engine === undefined ? {} : { engine }),
      ...(options.fragment === true ? { lead } : {}),
      position: options.position !== false,
      outside: true,
      anyPrefix: isOpen,
      isNs,
      known: knownPrefixes(isNs ? additionalNamespaces : undefined),
      resolvePrefix: isNs ? resolvePrefix : undefined,
      failed: (error) => {
        const { message } = this.makeError(sentenceOf(error));
        const fault = faultOf(error, message);
        const handler = this.#events.handlers.error;
        if (handler === undefined) throw fault;
        handler(fault);
      },
    });
  }

  /** Whether the handler of `end` runs. */
  get closed(): boolean {
    return this.#events.isClosed;
  }

  /** The document's XML declaration. */
  get xmlDecl(): XMLDecl {
    return this.#events.declarations;
  }

  /** The five of XML; whoever would add one gets a UsageError. */
  get ENTITIES(): Record<string, string> {
    return this.#entities;
  }

  set ENTITIES(_entities: Record<string, string>) {
    throw new UsageError('entities are refused: RFC 6120, section 11.1');
  }

  /** The line of the next character, from 1. In handlers, that of the end of the event. */
  get line(): number {
    return (this.#events.reader.position?.lines ?? 0) + 1;
  }

  /** Its column in characters, from 0. */
  get column(): number {
    return this.#events.reader.position?.characters ?? 0;
  }

  /** Its column in UTF-16 units, from 0. */
  get columnIndex(): number {
    const position = this.#events.reader.position;
    return position === undefined ? 0 : position.units - position.lineStart;
  }

  /** UTF-16 units before it. */
  get position(): number {
    return this.#events.reader.position?.units ?? 0;
  }

  /** Sets the handler of an event, in place of an earlier one. */
  on<Name extends EventName>(name: Name, handler: EventNameToHandler<Options, Name>): void {
    this.#events.handlers[name] = handler as (value?: unknown) => void;
  }

  off(name: EventName): void {
    this.#events.handlers[name] = undefined;
  }

  /** An error whose message says where the parser is. */
  makeError(message: string): Error {
    const { fileName = '', position } = this.opt;
    const place = position === false ? '' : `${this.line}:${this.column}`;
    const parts = [fileName, place].filter((part) => part !== '');
    return new Error(parts.length === 0 ? message : `${parts.join(':')}: ${message}`);
  }

  /** Reports a fault that the caller has found; it does not end the document. */
  fail(message: string): this {
    const error = this.makeError(message);
    const handler = this.#events.handlers.error;
    if (handler === undefined) throw error;
    handler(error);
    return this;
  }

  /** Reads a piece of the document; null is its end. Throws what handlers throw. */
  write(chunk: string | object | null): this {
    if (this.closed) return this.fail('cannot write after close; assign an onready handler.');
    const { reader } = this.#events;
    if (chunk === null) reader.finish();
    else if (typeof chunk === 'string' || ArrayBuffer.isView(chunk)) reader.write(chunk);
    // As with the original, whatever makes a string of itself.
    else reader.write((chunk as { toString(): string }).toString());
    return this;
  }

  /** The document is over: `end` and `ready`, or a fault if it is not complete. */
  close(): this {
    return this.write(null);
  }

  /** The namespace that a prefix stands for where the parser is. */
  resolve(prefix: string): string | undefined {
    return this.#events.resolve(prefix);
  }
}

function checkVersion({ defaultXMLVersion, forceXMLVersion }: SaxesOptions): void {
  if (defaultXMLVersion === undefined && forceXMLVersion === true) {
    throw new UsageError('forceXMLVersion is set and defaultXMLVersion is not');
  }
  if (defaultXMLVersion !== undefined && defaultXMLVersion !== '1.0') {
    throw new UsageError('XML 1.1 is refused: RFC 6120 is about XML 1.0');
  }
}

function knownPrefixes(additional: Record<string, string> | undefined): Bindings {
  const known: Bindings = bare();
  for (const [prefix, uri] of Object.entries(additional ?? {})) {
    const isReserved = (name: string, space: string) => (prefix === name) !== (uri === space);
    if (isReserved('xml', xmlNamespace) || isReserved('xmlns', xmlnsNamespace)) {
      throw new UsageError('additionalNamespaces cannot bind the prefixes xml and xmlns');
    }
    known[prefix] = uri;
  }
  return Object.assign(known, { xml: xmlNamespace, xmlns: xmlnsNamespace });
}

/** A map that says no to whoever changes it. */
function refusing(map: Record<string, string>): Record<string, string> {
  const refuse = () => {
    throw new UsageError('entities are refused: RFC 6120, section 11.1');
  };
  return new Proxy(map, { set: refuse, defineProperty: refuse, deleteProperty: refuse });
}
