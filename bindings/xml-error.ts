/*
 * What a peer's bytes did wrong: RFC 6120, section 4.9 (stream errors). The rules, numbers and
 * conditions come from the table that the core's numbers come from.
 */
import { Tape } from '../assembly/abi.js';
import { errorTable } from './error-table.js';
import { TercetError } from './errors.js';

/** The defined conditions that faults of XML lead to: RFC 6120, section 4.9.3. */
export type XmlCondition =
  | 'bad-format'
  | 'internal-server-error'
  | 'not-well-formed'
  | 'policy-violation'
  | 'resource-constraint'
  | 'restricted-xml'
  | 'undefined-condition'
  | 'unsupported-encoding';

/**
 * The first fault of a stream. Nothing is read after it.
 *
 *     const [event] = new StreamParser().feed('<a b="1" b="2"/>');
 *     event.error.code        // 'xml-duplicate-attribute'
 *     event.error.condition   // 'not-well-formed'
 *     event.error.offset      // 9
 */
export class XmlError extends TercetError {
  /** What to tell the peer. */
  readonly condition: XmlCondition;
  /** Where, in bytes of UTF-8 since the parser was made or last restarted. */
  readonly offset: number;

  /** @internal */
  constructor(number: number, offset: number) {
    const entry = errorTable[number] ?? {
      code: 'unknown',
      condition: 'undefined-condition',
      message: `error ${number} of the core`,
    };
    super(entry.code, `${entry.message} (byte ${offset})`);
    this.condition = entry.condition as XmlCondition;
    this.offset = offset;
  }

  /**
   * The stream error to send before the stream is closed, self-contained: RFC 6120, section 4.9.1.
   *
   *     error.toStreamError()
   *     // <stream:error xmlns:stream="http://etherx.jabber.org/streams"><not-well-formed
   *     // xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>   (on one line)
   */
  toStreamError(): string {
    return (
      '<stream:error xmlns:stream="http://etherx.jabber.org/streams">' +
      `<${this.condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>`
    );
  }
}
Object.defineProperty(XmlError.prototype, 'name', { value: 'XmlError' });

/**
 * The error whose tape record is at index `record` of `words`.
 *
 * @internal
 */
export function errorAt(words: Int32Array, record: number): XmlError {
  const low = words[record + Tape.Offset] >>> 0;
  const high = words[record + Tape.Extent] >>> 0;
  return new XmlError(words[record + Tape.Detail], high * 0x1_0000_0000 + low);
}
