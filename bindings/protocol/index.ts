/*
 * The protocol machines, without input or output: for hosts of their own. `tercet/server` composes them
 * into a server, `tercet/node` gives that server sockets.
 */
import '../wasm/full.js';

export type {
  BindAnswer,
  ClientEffect,
  Closing,
  EnableAnswer,
  EndReason,
  ResumeAnswer,
  ServerEffect,
  StreamEffect,
} from './effects.js';
export type { Framing, StreamHeader } from './framing.js';
export type { ChannelBinding, ChannelBindingType, TlsFacts } from './sasl/channel-binding.js';
export type { ProofAnswer, ProofQuestion } from './sasl/client-mechanism.js';
export type {
  AuthAnswer,
  AuthQuestion,
  IdentityQuestion,
  SaslCondition,
  SaslStep,
  ScramHash,
} from './sasl/mechanism.js';
export { SaslServer, mechanismNames } from './sasl/negotiation.js';
export type { MechanismName, SaslServerOptions } from './sasl/negotiation.js';
export { ScramClient } from './sasl/scram-client.js';
export type { ClientBinding, ScramProof, ScramQuestion } from './sasl/scram-client.js';
export {
  computeScramProof,
  deriveScramKeys,
  verifyPassword,
  verifyScramProof,
} from './sasl/scram-keys.js';
export type { ScramKeys } from './sasl/scram-keys.js';
export { ClientStream } from './client-stream.js';
export type { ClientStreamOptions } from './client-stream.js';
export { limitsAfterAuth, limitsBeforeAuth } from './server-options.js';
export type { ServerStreamOptions } from './server-options.js';
export { ServerStream } from './server-stream.js';
export {
  checkStanza,
  messageType,
  presencePriority,
  presenceType,
  stanzaKind,
} from './stanza-check.js';
export type { MessageType, PresenceType, StanzaKind } from './stanza-check.js';
export { errorReply, resultReply, stanzaError } from './stanza-error.js';
export type { ErrorType, StanzaCondition, StanzaErrorOptions } from './stanza-error.js';
export { streamError } from './stream-error.js';
export type { StreamCondition, StreamErrorOptions } from './stream-error.js';
export type { LivenessOptions } from './managed-stream.js';
export { StreamManagement } from './stream-management.js';
export type { ManagementLimits, ManagementOptions, Sent } from './stream-management.js';
