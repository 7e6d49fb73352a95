/*
 * Who serves a domain or a bare JID, found by the bytes of an address as they stand in a frame.
 *
 *     juliet@capulet.example/balcony
 *     └── bare JID, else ──┘
 *            └── domain ───┘
 *
 * Addresses in the table are in canonical form (RFC 7622); one that is looked up may have capitals, a resource and a
 * dot at its end. What is not ASCII is for whoever asks to bring into its canonical form.
 */
import { Jid } from '../jid.js';

interface Entry<Target> {
  readonly address: Uint8Array;
  readonly target: Target;
}

const encoder = new TextEncoder();
const at = 0x40;
const slash = 0x2f;
const dot = 0x2e;

export class AddressTable<Target> {
  /** By the hash of their address. */
  readonly #entries = new Map<number, Entry<Target>[]>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Who serves a domain or a bare JID. Throws JidError for what is neither; a resource is left out. */
  set(address: string | Jid, target: Target): void {
    this.delete(address);
    const bytes = canonicalBytes(address);
    const hash = hashOf(bytes, 0, bytes.length);
    const entries = this.#entries.get(hash) ?? [];
    this.#entries.set(hash, entries);
    entries.push({ address: bytes, target });
    this.#count += 1;
  }

  delete(address: string | Jid): boolean {
    const bytes = canonicalBytes(address);
    const hash = hashOf(bytes, 0, bytes.length);
    const entries = this.#entries.get(hash) ?? [];
    const rest = entries.filter((each) => !areEqual(each.address, bytes, 0, bytes.length));
    if (rest.length === entries.length) return false;
    if (rest.length === 0) this.#entries.delete(hash);
    else this.#entries.set(hash, rest);
    this.#count -= 1;
    return true;
  }

  /** Who an address is served by: a bare JID's own entry, else that of its domain. */
  find(address: string | Jid): Target | undefined {
    const bytes = canonicalBytes(address);
    return this.lookUp(bytes, 0, bytes.length);
  }

  /** The same for the bytes of an address in any form that is ASCII. */
  lookUp(bytes: Uint8Array, start: number, end: number): Target | undefined {
    let domain = start;
    let bare = end;
    // Bounded by the limit on the frame.
    for (let index = start; index < end; index++) {
      const byte = bytes[index];
      if (byte === slash) {
        bare = index;
        break;
      }
      if (byte === at && domain === start) {
        // A localpart that is present and empty is no address.
        if (index === start) return undefined;
        domain = index + 1;
      }
    }
    if (bytes[bare - 1] === dot) bare -= 1;
    const own = domain === start ? undefined : this.#entry(bytes, start, bare);
    return own ?? this.#entry(bytes, domain, bare);
  }

  #entry(bytes: Uint8Array, start: number, end: number): Target | undefined {
    const entries = this.#entries.get(hashOf(bytes, start, end));
    if (entries === undefined) return undefined;
    for (const { address, target } of entries) {
      if (areEqual(address, bytes, start, end)) return target;
    }
    return undefined;
  }
}

function canonicalBytes(address: string | Jid): Uint8Array {
  const jid = typeof address === 'string' ? Jid.parse(address) : address;
  return encoder.encode(jid.bare.toString());
}

/** As in lower case: whoever writes capitals means the same account (RFC 7622, section 3.3). */
const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** FNV-1a. The addresses of the table are its owner's, not a peer's. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let index = start; index < end; index++) {
    hash = Math.imul(hash ^ lower(bytes[index]), 0x01000193);
  }
  return hash;
}

function areEqual(address: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (address.length !== end - start) return false;
  for (let index = 0; index < address.length; index++) {
    if (address[index] !== lower(bytes[start + index])) return false;
  }
  return true;
}
