/*
 * What a stream machine asks of its host, and what the host tells it. A machine performs no input or
 * output: it takes bytes, the time and the results of earlier effects, and returns the next effects in
 * order. Times are milliseconds of any steady clock; the host always passes the current one.
 *
 * `authCheck` and `bind` carry a token: the host answers once, whenever it can. Until then the machine
 * keeps what the peer sends and looks at none of it.
 */
import type { Element } from '../element.js';
import type { AuthQuestion } from './sasl/mechanism.js';
import type { StanzaCondition } from './stanza-error.js';
import type { StreamCondition } from './stream-error.js';

export type StreamEffect =
  /** Write these bytes. On a message transport each effect is one message. */
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  /** Everything sent so far goes out in clear; then TLS starts, and `secured` tells that it holds. */
  | { readonly type: 'upgradeTls' }
  | { readonly type: 'authCheck'; readonly token: number; readonly question: AuthQuestion }
  /** A resource of this account is wanted; undefined: the server chooses one. */
  | {
      readonly type: 'bind';
      readonly token: number;
      readonly local: string;
      readonly domain: string;
      readonly resource: string | undefined;
    }
  /** A stanza of a bound stream, not looked at beyond its kind; its `from` is not to be trusted. */
  | { readonly type: 'stanza'; readonly stanza: Element }
  /** Call `tick` at this time; undefined: no longer. The last one counts. */
  | { readonly type: 'timerSet'; readonly at: number | undefined }
  /** The stream is over, once a stream: nothing comes from it any more and nothing can be sent. */
  | { readonly type: 'ended'; readonly reason: EndReason }
  /** Write out what was sent, then close the transport. The last effect of a machine. */
  | { readonly type: 'close' };

export type EndReason =
  /** The peer closed its stream, or our side did without an error. */
  | { readonly kind: 'closed' }
  /** The transport went away under an open stream. */
  | { readonly kind: 'disconnected' }
  /** We ended it with a stream error; `detail` is the code of a parse error or a short reason. */
  | { readonly kind: 'error'; readonly condition: StreamCondition; readonly detail: string }
  /** The peer sent a stream error. */
  | { readonly kind: 'peer-error'; readonly condition: string };

export type BindAnswer =
  | { readonly kind: 'bound'; readonly resource: string }
  | {
      readonly kind: 'refused';
      readonly condition: Extract<
        StanzaCondition,
        'bad-request' | 'conflict' | 'not-allowed' | 'resource-constraint'
      >;
    };
