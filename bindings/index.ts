/*
 * The face of the package: re-exports only. tercet/parser and tercet/jid are its parts.
 */
import './wasm/full.js';

export {
  Jid,
  JidError,
  type JidOptions,
  type JidPart,
  type JidParts,
  type JidResult,
  type JidRule,
} from './jid.js';
export * from './xml.js';
export {
  Batch,
  Router,
  Seat,
  type Answer,
  type BindOptions,
  type PeerOptions,
  type Question,
  type RouterAccounts,
  type RouterOptions,
  type SeatFlags,
  type SeatStream,
  type StanzaKind,
  type Subject,
  type Verdict,
  type VerdictType,
} from './router.js';
