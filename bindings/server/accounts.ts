/*
 * Accounts and their credentials. Only SCRAM keys are kept (RFC 5802, section 3): a stolen store lets
 * nobody log in. They are records of the server's storage, read at each login, so that an account which
 * another process adds or changes counts from then on.
 *
 * A user who does not exist gets a salt derived from a secret of the server (RFC 5802, section 9 warns
 * of the difference), always the same for the same name, and every proof is computed to its end: from
 * outside, an unknown name is a wrong password. The secret is kept beside the accounts, since a salt that
 * changed with each start would tell which names are not.
 */
import { Jid } from '../jid.js';
import { decodeBase64, encodeBase64 } from '../protocol/sasl/base64.js';
import { encodeText } from '../protocol/sasl/mechanism.js';
import type { AuthAnswer, AuthQuestion, ScramHash } from '../protocol/sasl/mechanism.js';
import {
  deriveScramKeys,
  hmac,
  verifyPassword,
  verifyScramProof,
} from '../protocol/sasl/scram-keys.js';
import type { ScramKeys } from '../protocol/sasl/scram-keys.js';
import { MemoryStorage } from './storage/memory.js';
import type { Storage } from './storage/storage.js';

export interface Accounts {
  /** Whether this bare JID, in canonical form, is an account. */
  exists(account: string): boolean;
  answer(question: AuthQuestion, domain: string): Promise<AuthAnswer>;
  /** Adds one or changes its password; absent where accounts are made elsewhere. */
  set?(local: string, domain: string, password: string): Promise<void>;
  delete?(account: string): boolean;
}

export interface AccountsOptions {
  /** RFC 7677, section 4 asks for 4096 iterations at least; each login costs the client as many. */
  readonly iterationCount?: number;
}

type Credentials = Readonly<Record<ScramHash, ScramKeys>>;

const collection = 'account';
const saltSize = 16;
const refused: AuthAnswer = { kind: 'refused', condition: 'not-authorized' };

export class StoredAccounts implements Accounts {
  readonly #storage: Storage;
  readonly #iterationCount: number;

  constructor(storage: Storage, { iterationCount = 4096 }: AccountsOptions = {}) {
    this.#storage = storage;
    this.#iterationCount = iterationCount;
  }

  exists(account: string): boolean {
    return this.#storage.get(collection, account, '') !== undefined;
  }

  /** All bare JIDs, in ascending order. */
  list(): readonly string[] {
    return this.#storage.owners(collection);
  }

  /**
   * Adds an account or gives it a new password; throws JidError for a name that cannot be one. Keys are
   * derived first, so the account is there once the promise resolves.
   */
  async set(local: string, domain: string, password: string): Promise<void> {
    const account = Jid.from({ local, domain }).toString();
    const derive = (hash: ScramHash) =>
      deriveScramKeys(
        hash,
        password,
        crypto.getRandomValues(new Uint8Array(saltSize)),
        this.#iterationCount,
      );
    const [sha1, sha256] = await Promise.all([derive('SHA-1'), derive('SHA-256')]);
    const credentials = { 'SHA-1': written(sha1), 'SHA-256': written(sha256) };
    this.#storage.set(collection, account, '', JSON.stringify(credentials));
  }

  /** Deletes an account with all that it has stored; false if there was none. */
  delete(account: string): boolean {
    if (!this.exists(account)) return false;
    this.#storage.clear(account);
    return true;
  }

  async answer(question: AuthQuestion, domain: string): Promise<AuthAnswer> {
    const local = canonicalLocal(question.username, domain);
    const hash = question.kind === 'plain' ? 'SHA-256' : question.hash;
    const stored =
      local === undefined ? undefined : this.#credentials(`${local}@${domain}`)?.[hash];
    const keys = stored ?? (await this.#decoy(hash, question.username));
    switch (question.kind) {
      case 'scram-salt':
        return { kind: 'salt', salt: keys.salt, iterationCount: keys.iterationCount };
      case 'plain': {
        const isRight = await verifyPassword(hash, keys, question.password);
        return isRight && stored && local !== undefined ? { kind: 'accepted', local } : refused;
      }
      case 'scram-proof': {
        const { authMessage, proof } = question;
        const serverSignature = await verifyScramProof(hash, keys, authMessage, proof);
        return serverSignature && stored && local !== undefined
          ? { kind: 'accepted', local, serverSignature }
          : refused;
      }
    }
  }

  #credentials(account: string): Credentials | undefined {
    const value = this.#storage.get(collection, account, '');
    if (value === undefined) return undefined;
    const stored = JSON.parse(value) as Record<ScramHash, WrittenKeys>;
    return { 'SHA-1': read(stored['SHA-1']), 'SHA-256': read(stored['SHA-256']) };
  }

  /** Keys that look real and that no password fits. */
  async #decoy(hash: ScramHash, username: string): Promise<ScramKeys> {
    const derived = await hmac('SHA-256', this.#secret(), encodeText(`${hash}\0${username}`));
    const size = hash === 'SHA-1' ? 20 : 32;
    return {
      salt: derived.slice(0, saltSize),
      iterationCount: this.#iterationCount,
      storedKey: derived.slice(0, size),
      serverKey: derived.slice(0, size),
    };
  }

  #secret(): Uint8Array {
    const kept = this.#storage.get('server', '', 'decoy-secret');
    if (kept !== undefined) return bytesOf(kept);
    const secret = crypto.getRandomValues(new Uint8Array(32));
    this.#storage.set('server', '', 'decoy-secret', encodeBase64(secret));
    return secret;
  }
}

/** Accounts that end with the process. */
export class MemoryAccounts extends StoredAccounts {
  constructor(options: AccountsOptions = {}) {
    super(new MemoryStorage(), options);
  }
}

/** Keys as they are stored: base64. */
interface WrittenKeys {
  readonly salt: string;
  readonly iterationCount: number;
  readonly storedKey: string;
  readonly serverKey: string;
}

const written = (keys: ScramKeys): WrittenKeys => ({
  salt: encodeBase64(keys.salt),
  iterationCount: keys.iterationCount,
  storedKey: encodeBase64(keys.storedKey),
  serverKey: encodeBase64(keys.serverKey),
});

const read = (keys: WrittenKeys): ScramKeys => ({
  salt: bytesOf(keys.salt),
  iterationCount: keys.iterationCount,
  storedKey: bytesOf(keys.storedKey),
  serverKey: bytesOf(keys.serverKey),
});

function bytesOf(text: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (!bytes) throw new Error('stored credentials are damaged');
  return bytes;
}

function canonicalLocal(username: string, domain: string): string | undefined {
  try {
    return Jid.from({ local: username, domain }).local;
  } catch {
    return undefined;
  }
}
