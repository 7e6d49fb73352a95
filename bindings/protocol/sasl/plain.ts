/*
 * PLAIN on the server's side (RFC 4616): one message, `authzid NUL authcid NUL password`.
 *
 * The password is handed to the host byte for byte and kept nowhere. Whether PLAIN may be used at all
 * on an unencrypted stream is the policy of the stream, not of the mechanism.
 */
import { decodeText, failed } from './mechanism.js';
import type { AuthAnswer, SaslStep, ServerMechanism } from './mechanism.js';

export class PlainServer implements ServerMechanism {
  #authzid = '';

  start(initial: Uint8Array | undefined): SaslStep {
    // A client that sends no initial response is asked for one (RFC 4422, section 3.3).
    if (initial === undefined) return { type: 'challenge', data: new Uint8Array() };
    return this.respond(initial);
  }

  respond(data: Uint8Array): SaslStep {
    const fields = decodeText(data)?.split('\0');
    if (fields?.length !== 3) return failed('malformed-request');
    const [authzid = '', username = '', password = ''] = fields;
    if (username === '' || password === '') return failed('malformed-request');
    this.#authzid = authzid;
    return { type: 'check', question: { kind: 'plain', username, password } };
  }

  answer(answer: AuthAnswer): SaslStep {
    if (answer.kind === 'accepted') {
      return { type: 'success', local: answer.local, authzid: this.#authzid };
    }
    return failed(answer.kind === 'refused' ? answer.condition : 'temporary-auth-failure');
  }
}
