/*
 * SCRAM on the server's side, without its cryptography (RFC 5802, section 5; RFC 7677):
 *
 *     C  n,,n=user,r=clientNonce                            client-first
 *     S  r=clientNonce+serverNonce,s=salt,i=count           server-first
 *     C  c=biws,r=clientNonce+serverNonce,p=proof           client-final
 *     S  v=serverSignature                                  server-final
 *
 * AuthMessage is client-first without its GS2 header, server-first and client-final without its proof,
 * joined by commas. The proofs themselves are checked by the host (scram-keys.ts has them on WebCrypto).
 *
 * The GS2 header says what the client thinks of channel binding (section 6), and comes again in `c=` under
 * the proof, with the bytes of the channel behind it:
 *
 *     n          it has none                           refused under -PLUS
 *     y          it has some and saw none offered      refused where -PLUS was offered: somebody took it away
 *     p=type     it binds to the channel               only under -PLUS, of a type that was offered
 */
import { decodeBase64, encodeBase64 } from './base64.js';
import type { ChannelBinding } from './channel-binding.js';
import { decodeText, encodeText, failed } from './mechanism.js';
import type { AuthAnswer, SaslStep, ScramHash, ServerMechanism } from './mechanism.js';
import { decodeName } from './scram-name.js';

export interface ScramServerOptions {
  readonly hash: ScramHash;
  /** Printable ASCII without a comma, unpredictable and used once. */
  readonly nonce: string;
  /** Whether this is the -PLUS form. */
  readonly isPlus?: boolean;
  /** Whether a -PLUS form was offered to this client. */
  readonly offersPlus?: boolean;
  readonly channelBindings?: readonly ChannelBinding[];
}

const clientFirstForm =
  /^([ny]|p=([A-Za-z0-9.-]+)),(?:a=([^,]*))?,(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/su;
const clientFinalForm = /^(c=([^,]+),r=([^,]+)(?:,.*)?),p=([^,]+)$/su;

export class ScramServer implements ServerMechanism {
  readonly #options: ScramServerOptions;
  #expected: 'first' | 'salt' | 'final' | 'proof' | 'nothing' = 'first';
  /** What `c=` must be. */
  #binding = '';
  #authzid = '';
  #username = '';
  #nonce = '';
  #clientFirstBare = '';
  #serverFirst = '';

  constructor(options: ScramServerOptions) {
    this.#options = options;
  }

  start(initial: Uint8Array | undefined): SaslStep {
    if (initial === undefined) return { type: 'challenge', data: new Uint8Array() };
    return this.respond(initial);
  }

  respond(data: Uint8Array): SaslStep {
    const message = decodeText(data);
    if (message === undefined) return failed('malformed-request');
    if (this.#expected === 'first') return this.#clientFirst(message);
    if (this.#expected === 'final') return this.#clientFinal(message);
    return failed('malformed-request');
  }

  answer(answer: AuthAnswer): SaslStep {
    if (answer.kind === 'refused') return failed(answer.condition);
    if (this.#expected === 'salt' && answer.kind === 'salt') {
      this.#expected = 'final';
      this.#serverFirst = `r=${this.#nonce},s=${encodeBase64(answer.salt)},i=${answer.iterationCount}`;
      return { type: 'challenge', data: encodeText(this.#serverFirst) };
    }
    if (this.#expected === 'proof' && answer.kind === 'accepted' && answer.serverSignature) {
      this.#expected = 'nothing';
      const data = encodeText(`v=${encodeBase64(answer.serverSignature)}`);
      return { type: 'success', local: answer.local, authzid: this.#authzid, data };
    }
    return failed('temporary-auth-failure');
  }

  #clientFirst(message: string): SaslStep {
    const match = clientFirstForm.exec(message);
    if (!match) return failed('malformed-request');
    const [, flag = '', bindingType, authzid = '', bare = '', name = '', clientNonce = ''] = match;
    const username = decodeName(name);
    const decodedAuthzid = decodeName(authzid);
    if (username === undefined || decodedAuthzid === undefined) return failed('malformed-request');
    const { hash, nonce, isPlus = false, offersPlus = false, channelBindings = [] } = this.#options;
    if (isPlus !== flag.startsWith('p')) return failed('malformed-request');
    if (flag === 'y' && offersPlus) return failed('not-authorized');
    const channel = channelBindings.find(({ type }) => type === bindingType);
    if (isPlus && !channel) return failed('malformed-request');
    const header = encodeText(`${flag},${authzid && `a=${authzid}`},`);
    this.#binding = encodeBase64(joined(header, channel?.data));
    this.#authzid = decodedAuthzid;
    this.#username = username;
    this.#nonce = clientNonce + nonce;
    this.#clientFirstBare = bare;
    this.#expected = 'salt';
    return { type: 'check', question: { kind: 'scram-salt', hash, username } };
  }

  #clientFinal(message: string): SaslStep {
    const match = clientFinalForm.exec(message);
    if (!match) return failed('malformed-request');
    const [, withoutProof = '', binding = '', nonce = '', encodedProof = ''] = match;
    const proof = decodeBase64(encodedProof);
    if (!proof) return failed('malformed-request');
    if (binding !== this.#binding || nonce !== this.#nonce) return failed('not-authorized');
    this.#expected = 'proof';
    const authMessage = encodeText(`${this.#clientFirstBare},${this.#serverFirst},${withoutProof}`);
    const { hash } = this.#options;
    const username = this.#username;
    return { type: 'check', question: { kind: 'scram-proof', hash, username, authMessage, proof } };
  }
}

function joined(header: Uint8Array, data: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(header.length + data.length);
  bytes.set(header);
  bytes.set(data, header.length);
  return bytes;
}
