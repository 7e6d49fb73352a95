/*
 * Where frames go, by the domain or the bare JID that they are for (address-table.ts), read from the tape of the core:
 * no element, no string and no address is made of a frame that is forwarded, and what is forwarded is the frame as
 * it came.
 *
 * Each frame is checked as any other input: well-formed, namespaces, UTF-8, limits (RFC 6120, section 11; RFC 7395,
 * section 3.3). An address in plain ASCII is looked up by its bytes; any other, and one with references or
 * A-labels, is brought into its canonical form first (RFC 7622), which is what is slow about it.
 *
 * Not here: sessions, presence and section 8.5 of RFC 6121. This stands before servers, who have them.
 */
import { Abi, Feed, Flag, Framing, Kind, Name, Namespace, Tape } from '../../assembly/abi.js';
import { defaultEngine } from '../engine.js';
import type { Engine } from '../engine.js';
import { Jid } from '../jid.js';
import { release, watch } from '../lease.js';
import type { Lease } from '../lease.js';
import { limitValues } from '../limits.js';
import type { Limits } from '../limits.js';
import { parse } from '../parse.js';
import { vocabularyNames } from '../vocabulary.js';
import { errorAt } from '../xml-error.js';
import type { XmlError } from '../xml-error.js';
import { AddressTable } from './address-table.js';

export interface FrameRouterOptions {
  readonly limits?: Limits;
  readonly engine?: Engine;
}

/** What became of a frame. One object for all of them: it is valid until the next one. */
export interface FrameRoute<Target> {
  /** Who serves `to`; undefined: nobody here. */
  readonly target: Target | undefined;
  /** Who serves `from`, for whoever checks it. */
  readonly source: Target | undefined;
  /** Whether the frame is a message, a presence or an iq. */
  readonly isStanza: boolean;
  /** The frame is none (RFC 6120, section 4.9): `target` and `source` are undefined. */
  readonly error: XmlError | undefined;
}

/** Numbers in the vocabulary. */
const toId = /* @__PURE__ */ vocabularyNames.indexOf('to');
const fromId = /* @__PURE__ */ vocabularyNames.indexOf('from');

type Found<Target> = { -readonly [Key in keyof FrameRoute<Target>]: FrameRoute<Target>[Key] };

/**
 * A table of addresses, and the way of frames through it.
 *
 *     const router = new FrameRouter<WebSocket>();
 *     router.set('capulet.example', origin);
 *     router.set('juliet@capulet.example', other);     // before her domain
 *     const { target, error } = router.route(frame);
 *     target?.send(frame);
 */
export class FrameRouter<Target> {
  readonly #engine: Engine;
  readonly #lease: Lease;
  readonly #table = new AddressTable<Target>();
  readonly #found: Found<Target> = {
    target: undefined,
    source: undefined,
    isStanza: false,
    error: undefined,
  };

  constructor({ limits, engine = defaultEngine() }: FrameRouterOptions = {}) {
    this.#engine = engine;
    const values = limitValues(limits);
    const handle = engine.open(Framing.WebSocket, 0, values);
    this.#lease = { engine, handle, limits: values };
    watch(this, this.#lease);
  }

  /** Gives back what it holds in the core; it is of no use afterwards. */
  close(): void {
    release(this, this.#lease);
  }

  /** Addresses in the table. */
  get count(): number {
    return this.#table.count;
  }

  /** Who serves a domain or a bare JID. Throws JidError for what is neither; a resource is left out. */
  set(address: string | Jid, target: Target): void {
    this.#table.set(address, target);
  }

  delete(address: string | Jid): boolean {
    return this.#table.delete(address);
  }

  /** Who an address is served by: a bare JID's own entry, else that of its domain. */
  find(address: string | Jid): Target | undefined {
    return this.#table.find(address);
  }

  /** Where one frame goes. What the peer did wrong is in `error`. */
  route(frame: string | Uint8Array): FrameRoute<Target> {
    const found = this.#found;
    found.target = undefined;
    found.source = undefined;
    found.isStanza = false;
    found.error = undefined;
    const count = this.#feed(frame);
    const { words, tape } = this.#engine;
    const stop = tape + count;
    if (isFault(this.#engine, count)) {
      found.error = errorAt(words, stop - Tape.Size);
      this.#engine.reset(this.#lease.handle);
    } else if (count > 0 && (words[tape] & 0xff) === Kind.Start) {
      found.isStanza = isStanza(words[tape] >>> 16, words[tape + Tape.Detail]);
      if (found.isStanza) this.#readAddresses(tape + Tape.Size, stop, frame);
    }
    return found;
  }

  #feed(frame: string | Uint8Array): number {
    const engine = this.#engine;
    const { handle } = this.#lease;
    if (typeof frame === 'string') {
      for (let rest = frame; ;) {
        const read = engine.write(rest);
        const isLast = read === rest.length;
        const count = engine.feed(handle, isLast ? Feed.Last : Feed.Open);
        if (isLast || isFault(engine, count)) return count;
        rest = rest.substring(read);
      }
    }
    for (let start = 0; ; start += Abi.InputSize) {
      const end = Math.min(start + Abi.InputSize, frame.length);
      engine.writeBytes(frame, start, end);
      const isLast = end === frame.length;
      const count = engine.feed(handle, isLast ? Feed.Last : Feed.Open);
      if (isLast || isFault(engine, count)) return count;
    }
  }

  #readAddresses(first: number, stop: number, frame: string | Uint8Array): void {
    const { words } = this.#engine;
    for (let index = first; index < stop; index += Tape.Size) {
      const kind = words[index] & 0xff;
      if (kind === Kind.Xmlns) continue;
      if (kind !== Kind.Attribute) return;
      const name = words[index] >>> 16;
      if (name !== toId && name !== fromId) continue;
      const key = name === toId ? 'target' : 'source';
      const isPlain = (words[index] & ((Flag.Escaped | Flag.High) << 8)) === 0;
      const target = isPlain ? this.#findPlain(index) : undefined;
      if (target !== undefined) this.#found[key] = target;
      // The slow way uses the core itself: it has the whole frame, and the tape is not read any further.
      else return this.#readSlowly(frame);
    }
  }

  /** The entry of an address that is ASCII as it stands; undefined too where it may be in another form. */
  #findPlain(record: number): Target | undefined {
    const { words, bytes, base } = this.#engine;
    const start = base + words[record + Tape.Offset];
    const end = start + words[record + Tape.Extent];
    return this.#table.lookUp(bytes, start, end);
  }

  #readSlowly(frame: string | Uint8Array): void {
    const stanza = parse(frame);
    this.#found.target = this.#findChecked(stanza.attr('to'));
    this.#found.source = this.#findChecked(stanza.attr('from'));
  }

  #findChecked(address: string | undefined): Target | undefined {
    const checked = address === undefined ? undefined : Jid.check(address);
    return checked?.ok === true ? this.find(checked.jid) : undefined;
  }
}

const isStanza = (name: number, ns: number): boolean =>
  (name === Name.Message || name === Name.Presence || name === Name.Iq) &&
  (ns === Namespace.Client || ns === Namespace.Server);

/** Whether the last record is a fault: nothing more need be fed. */
const isFault = ({ words, tape }: Engine, count: number): boolean =>
  count > 0 && (words[tape + count - Tape.Size] & 0xff) === Kind.Error;
