/*
 * What a stream machine asks of its host, and what the host tells it. A machine performs no input or
 * output: it takes bytes, the time and the results of earlier effects, and returns the next effects in
 * order. Times are milliseconds of any steady clock; the host always passes the current one.
 *
 * Effects with a token are questions: the host answers once, whenever it can. Until then the machine
 * keeps what the peer sends and looks at none of it. `ack` is answered by `acknowledge`, without waiting.
 */
import type { Element } from '../element.js';
import type { ProofQuestion } from './sasl/client-mechanism.js';
import type { AuthQuestion, IdentityQuestion } from './sasl/mechanism.js';
import type { StanzaCondition } from './stanza-error.js';
import type { StreamCondition } from './stream-error.js';
import type { Sent, StreamManagement } from './stream-management.js';

/** What both roles ask of their hosts. */
export type CommonEffect =
  /** Write these bytes. On a message transport each effect is one message. */
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  /** Everything sent so far goes out in clear; then TLS starts, and `secured` tells that it holds. */
  | { readonly type: 'upgradeTls' }
  /** The peer asks what was handled: call `acknowledge(h)` when all that came so far is safe. */
  | { readonly type: 'ack'; readonly h: number }
  /** The peer has these stanzas of ours; they need be kept no longer. */
  | { readonly type: 'acked'; readonly stanzas: readonly Sent[] }
  /** A stanza of a bound stream, not looked at beyond its kind; its `from` is not to be trusted. */
  | { readonly type: 'stanza'; readonly stanza: Element }
  /** Call `tick` at this time; undefined: no longer. The last one counts. */
  | { readonly type: 'timerSet'; readonly at: number | undefined }
  /**
   * The stream is over, once a stream: nothing comes from it any more and nothing can be sent.
   * `isResumable`: its session may go on in another one, as long as its management says.
   */
  | { readonly type: 'ended'; readonly reason: EndReason; readonly isResumable: boolean }
  /** Write out what was sent, then close the transport. The last effect of a machine. */
  | { readonly type: 'close' };

/** What a server's stream asks beside. */
export type ServerQuestion =
  | { readonly type: 'authCheck'; readonly token: number; readonly question: AuthQuestion }
  /** A client without a password: a guest, or one with a certificate. Answered like `authCheck`. */
  | { readonly type: 'identityCheck'; readonly token: number; readonly question: IdentityQuestion }
  /** A client without an account asks for one (XEP-0077); only where `hasRegistration` says so. */
  | { readonly type: 'register'; readonly token: number; readonly stanza: Element }
  /** A resource of this account is wanted; undefined: the server chooses one. */
  | {
      readonly type: 'bind';
      readonly token: number;
      readonly local: string;
      readonly domain: string;
      readonly resource: string | undefined;
      /** Of Bind 2 (XEP-0386): what the chosen resource should begin with, and what should make it lasting. */
      readonly tag?: string | undefined;
      readonly clientId?: string | undefined;
      /** Of Bind 2: what else is to be done, such as enabling carbons. */
      readonly requests?: readonly Element[];
    }
  /** Stream management is wanted (XEP-0198); `wantsResume`: with resumption, for so long if it says. */
  | {
      readonly type: 'enable';
      readonly token: number;
      readonly wantsResume: boolean;
      readonly maxSeconds: number | undefined;
    }
  /** This account wants to go on with an earlier session, of whose stanzas it has handled `h`. */
  | {
      readonly type: 'resume';
      readonly token: number;
      readonly local: string;
      readonly domain: string;
      readonly id: string;
      readonly h: number;
    };

/** What a client's stream asks and tells beside. */
export type ClientQuestion =
  /** The password is needed, or what is computed from it. */
  | { readonly type: 'proof'; readonly token: number; readonly question: ProofQuestion }
  /** There is a session, a new one or the earlier one, at this address. */
  | { readonly type: 'ready'; readonly jid: string; readonly isResumed: boolean };

export type ServerEffect = CommonEffect | ServerQuestion;
export type ClientEffect = CommonEffect | ClientQuestion;
export type StreamEffect = ServerEffect | ClientEffect;

export type EndReason =
  /** The peer closed its stream, or our side did without an error. */
  | { readonly kind: 'closed' }
  /** The transport went away under an open stream. */
  | { readonly kind: 'disconnected' }
  /** We ended it with a stream error; `detail` is the code of a parse error or a short reason. */
  | { readonly kind: 'error'; readonly condition: StreamCondition; readonly detail: string }
  /**
   * The peer sent a stream error; `text` is what it says for people, `elsewhere` where to go instead
   * (`see-other-host`).
   */
  | {
      readonly kind: 'peer-error';
      readonly condition: string;
      readonly text?: string;
      readonly elsewhere?: string;
    }
  /**
   * Of a client: there was no way in. `condition` is what the server said, or what was missing, `text` what
   * it said for people. With `hasClassicSasl` another stream may succeed without SASL2.
   */
  | {
      readonly kind: 'failed';
      readonly step: 'tls' | 'authentication' | 'binding';
      readonly condition: string;
      readonly text?: string;
      readonly hasClassicSasl: boolean;
    };

export type BindAnswer =
  | { readonly kind: 'bound'; readonly resource: string }
  | {
      readonly kind: 'refused';
      readonly condition: Extract<
        StanzaCondition,
        'bad-request' | 'conflict' | 'not-allowed' | 'resource-constraint'
      >;
    };

/** The answer to an `enable`. An `id`, which nobody can guess and which is never used again, allows resumption. */
export type EnableAnswer =
  | {
      readonly kind: 'enabled';
      readonly id?: string;
      readonly maxSeconds?: number;
      /** Where to resume, if not here: `host:port`. */
      readonly location?: string;
    }
  | { readonly kind: 'refused'; readonly condition: StanzaCondition };

/**
 * The answer to a `resume`: the account of the earlier session, all of which is safe, and which no other
 * stream holds any more. A refusal may still tell how much of the client's was handled.
 */
export type ResumeAnswer =
  | {
      readonly kind: 'resumed';
      readonly management: StreamManagement;
      /** What the session is bound to. */
      readonly resource?: string;
    }
  | { readonly kind: 'refused'; readonly condition: StanzaCondition; readonly h?: number };

/** How a stream is ended from our side. */
export interface Closing {
  /** Absent: no error. */
  readonly condition?: StreamCondition | undefined;
  /** One sentence in English for people. */
  readonly text?: string;
  /** Where to go instead: `host:port` with `see-other-host`, a URI of the same kind over WebSocket. */
  readonly elsewhere?: string;
  /** An element of the application's, beside the condition. */
  readonly application?: Element;
}
