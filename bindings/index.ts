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
export { stanzaAddresses } from './stanza-addresses.js';
export type { AddressReader, StanzaAddresses } from './stream-parser.js';
export * from './xml.js';
export {
  Batch,
  Dispatcher,
  localHop,
  Router,
  Seat,
  type Answer,
  type BindOptions,
  type Decision,
  type DispatcherOptions,
  type Envelope,
  type Epoch,
  type Hop,
  type NextHop,
  type NodeId,
  type Outcome,
  type PeerOptions,
  type Query,
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
