/*
 * The cryptography of SCRAM on WebCrypto (RFC 5802, section 3), for hosts that have it: every runtime
 * here does. The machines of this folder never call it.
 *
 *     SaltedPassword = PBKDF2(password, salt, count)
 *     ClientKey = HMAC(SaltedPassword, "Client Key")       StoredKey = H(ClientKey)
 *     ServerKey = HMAC(SaltedPassword, "Server Key")
 *     proof     = ClientKey XOR HMAC(StoredKey, AuthMessage)
 *     signature = HMAC(ServerKey, AuthMessage)
 *
 * A server keeps StoredKey and ServerKey only. Passwords are taken as their UTF-8 stands: preparing
 * them (RFC 8265, OpaqueString) is the caller's.
 */
import { encodeText } from './mechanism.js';
import type { ScramHash } from './mechanism.js';
import type { ScramProof, ScramQuestion } from './scram-client.js';

/** What a server stores for one account and hash function. */
export interface ScramKeys {
  readonly salt: Uint8Array;
  readonly iterationCount: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

export async function deriveScramKeys(
  hash: ScramHash,
  password: string,
  salt: Uint8Array,
  iterationCount: number,
): Promise<ScramKeys> {
  const { storedKey, serverKey } = await keysOf(hash, password, salt, iterationCount);
  return { salt, iterationCount, storedKey, serverKey };
}

/** The server's check of a client's proof: the signature to answer with, or undefined. */
export async function verifyScramProof(
  hash: ScramHash,
  keys: ScramKeys,
  authMessage: Uint8Array,
  proof: Uint8Array,
): Promise<Uint8Array | undefined> {
  const clientSignature = await hmac(hash, keys.storedKey, authMessage);
  const serverSignature = await hmac(hash, keys.serverKey, authMessage);
  const storedKey = await digest(hash, xor(clientSignature, proof));
  return areEqual(storedKey, keys.storedKey) ? serverSignature : undefined;
}

/** The server's check of a password in clear, against the same keys. */
export async function verifyPassword(
  hash: ScramHash,
  keys: ScramKeys,
  password: string,
): Promise<boolean> {
  const { storedKey } = await keysOf(hash, password, keys.salt, keys.iterationCount);
  return areEqual(storedKey, keys.storedKey);
}

/** The client's answer to a server's challenge. */
export async function computeScramProof(
  question: ScramQuestion,
  password: string,
): Promise<ScramProof> {
  const { hash, salt, iterationCount, authMessage } = question;
  const { clientKey, storedKey, serverKey } = await keysOf(hash, password, salt, iterationCount);
  return {
    proof: xor(clientKey, await hmac(hash, storedKey, authMessage)),
    serverSignature: await hmac(hash, serverKey, authMessage),
  };
}

export async function hmac(
  hash: ScramHash,
  key: Uint8Array,
  message: Uint8Array,
): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash };
  const imported = await crypto.subtle.importKey('raw', owned(key), algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, owned(message)));
}

/** Takes the same time wherever the first difference is; lengths are no secret. */
export function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  one.forEach((byte, index) => (difference |= byte ^ (other[index] ?? 0)));
  return difference === 0;
}

const byteCounts: Record<ScramHash, number> = { 'SHA-1': 20, 'SHA-256': 32 };

async function keysOf(
  hash: ScramHash,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<{ clientKey: Uint8Array; storedKey: Uint8Array; serverKey: Uint8Array }> {
  const secret = owned(encodeText(password));
  const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash, salt: owned(salt), iterations },
    key,
    byteCounts[hash] * 8,
  );
  const saltedPassword = new Uint8Array(bits);
  const clientKey = await hmac(hash, saltedPassword, encodeText('Client Key'));
  const serverKey = await hmac(hash, saltedPassword, encodeText('Server Key'));
  return { clientKey, storedKey: await digest(hash, clientKey), serverKey };
}

async function digest(hash: ScramHash, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(hash, owned(bytes)));
}

/** Both have the size of the hash; a proof of another length gives bytes that fit no stored key. */
function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.length === other.length
    ? one.map((byte, index) => byte ^ (other[index] ?? 0))
    : new Uint8Array();
}

/** A copy that is surely no shared memory, which WebCrypto does not take. */
const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
