/*
 * Mechanisms without a password, on the server's side: one message each.
 *
 *     ANONYMOUS   RFC 4505, XEP-0175   a trace for the log, up to 255 characters; the host makes up the account
 *     EXTERNAL    RFC 4422, appendix A the identity to act as, or nothing: the certificate says who it is
 */
import { decodeText, failed } from './mechanism.js';
import type { AuthAnswer, SaslStep, ServerMechanism } from './mechanism.js';

abstract class OneMessage implements ServerMechanism {
  abstract respond(data: Uint8Array): SaslStep;

  start(initial: Uint8Array | undefined): SaslStep {
    if (initial === undefined) return { type: 'challenge', data: new Uint8Array() };
    return this.respond(initial);
  }

  answer(answer: AuthAnswer): SaslStep {
    if (answer.kind === 'accepted') return { type: 'success', local: answer.local, authzid: '' };
    return failed(answer.kind === 'refused' ? answer.condition : 'temporary-auth-failure');
  }
}

export class AnonymousServer extends OneMessage {
  respond(data: Uint8Array): SaslStep {
    const trace = decodeText(data);
    if (trace === undefined || Array.from(trace).length > 255) return failed('malformed-request');
    return { type: 'check', question: { kind: 'anonymous', trace } };
  }
}

/** Whether the certificate may act as the identity that was asked for is the host's to say. */
export class ExternalServer extends OneMessage {
  respond(data: Uint8Array): SaslStep {
    const authzid = decodeText(data);
    if (authzid === undefined || authzid.includes('\0')) return failed('malformed-request');
    return { type: 'check', question: { kind: 'external', authzid } };
  }
}
