/*
 * Accounts and their credentials. Only SCRAM keys are kept (RFC 5802, section 3): a stolen store lets
 * nobody log in. This implementation lives in memory; storage that lasts implements the same interface.
 *
 * A user who does not exist gets a salt derived from a secret of the server (RFC 5802, section 9 warns
 * of the difference), always the same for the same name, and every proof is computed to its end: from
 * outside, an unknown name is a wrong password.
 */
import { Jid } from '../jid.js';
import { encodeText } from '../protocol/sasl/mechanism.js';
import type { AuthAnswer, AuthQuestion, ScramHash } from '../protocol/sasl/mechanism.js';
import {
  deriveScramKeys,
  hmac,
  verifyPassword,
  verifyScramProof,
} from '../protocol/sasl/scram-keys.js';
import type { ScramKeys } from '../protocol/sasl/scram-keys.js';

export interface Accounts {
  /** Whether this localpart, in canonical form, is an account. */
  exists(local: string): boolean;
  /** All localparts, for rosters that have everybody in them. */
  locals(): Iterable<string>;
  answer(question: AuthQuestion, domain: string): Promise<AuthAnswer>;
}

const saltSize = 16;
const refused: AuthAnswer = { kind: 'refused', condition: 'not-authorized' };

export class MemoryAccounts implements Accounts {
  readonly #keys = new Map<string, Record<ScramHash, ScramKeys>>();
  readonly #secret = crypto.getRandomValues(new Uint8Array(32));
  readonly #iterationCount: number;

  /** RFC 7677, section 4 asks for 4096 iterations at least; each login costs the client as many. */
  constructor({ iterationCount = 4096 }: { readonly iterationCount?: number } = {}) {
    this.#iterationCount = iterationCount;
  }

  exists(local: string): boolean {
    return this.#keys.has(local);
  }

  locals(): Iterable<string> {
    return this.#keys.keys();
  }

  /** Adds an account or gives it a new password; throws JidError for a name that cannot be one. */
  async set(local: string, domain: string, password: string): Promise<void> {
    const canonical = Jid.from({ local, domain }).local;
    const derive = (hash: ScramHash) =>
      deriveScramKeys(
        hash,
        password,
        crypto.getRandomValues(new Uint8Array(saltSize)),
        this.#iterationCount,
      );
    const [sha1, sha256] = await Promise.all([derive('SHA-1'), derive('SHA-256')]);
    this.#keys.set(canonical, { 'SHA-1': sha1, 'SHA-256': sha256 });
  }

  async answer(question: AuthQuestion, domain: string): Promise<AuthAnswer> {
    const local = canonicalLocal(question.username, domain);
    const hash = question.kind === 'plain' ? 'SHA-256' : question.hash;
    const stored = local === undefined ? undefined : this.#keys.get(local)?.[hash];
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

  /** Keys that look real and that no password fits. */
  async #decoy(hash: ScramHash, username: string): Promise<ScramKeys> {
    const derived = await hmac('SHA-256', this.#secret, encodeText(`${hash}\0${username}`));
    const size = hash === 'SHA-1' ? 20 : 32;
    return {
      salt: derived.slice(0, saltSize),
      iterationCount: this.#iterationCount,
      storedKey: derived.slice(0, size),
      serverKey: derived.slice(0, size),
    };
  }
}

function canonicalLocal(username: string, domain: string): string | undefined {
  try {
    return Jid.from({ local: username, domain }).local;
  } catch {
    return undefined;
  }
}
