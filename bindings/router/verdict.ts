/*
 * What the router says of a stanza, and how it is read from the words of the core (assembly/abi.ts, Verdict).
 */
import { Action, Column, Condition, Row } from '../../assembly/abi.js';

/**
 * What the host does with the stanza:
 *
 *     deliver   give `bytes` to each of `targets`
 *     handle    it is the host's own: `subject` says which part of it
 *     store     keep `bytes` for the account of `to` (offline storage)
 *     forward   send `bytes` to the server of `to`
 *     bounce    give `bytes`, an error reply, to `targets`: the sender
 *     drop      nothing, silently
 *     wait      nothing yet: `token` is to be answered first
 *     close     end the sender's stream with the stream error `condition`
 *
 * Presence that is about a subscription always comes up and holds back its stream: the roster of the sender comes first
 * (RFC 6121, section 3), and the verdict is on what happens at the other end after that.
 */
export type VerdictType =
  'deliver' | 'handle' | 'store' | 'forward' | 'bounce' | 'drop' | 'wait' | 'close';

/**
 * Which part of the host handles a stanza:
 *
 *     account       for the account of `to`: an iq, a presence probe
 *     host          for the served domain of `to`
 *     broadcast     presence without `to`; `priority` has been read from it
 *     subscription  RFC 6121, section 3; both addresses of `bytes` are bare already
 *     unsubscribed  a probe of somebody who may not know: answer `unsubscribed` from the bare JID
 *     element       no stanza: what has been negotiated, such as stream management, or else the end of
 *                   the stream with `unsupported-stanza-type`
 */
export type Subject =
  'account' | 'host' | 'broadcast' | 'subscription' | 'unsubscribed' | 'element';

export type StanzaKind = 'message' | 'presence' | 'iq';

/** What only the host knows, a question of the verdict `wait`. */
export type Question = 'exists' | 'knows';

export type StanzaErrorType = 'auth' | 'cancel' | 'modify' | 'wait';

export interface Verdict<Target> {
  readonly type: VerdictType;
  /** The section that decides, such as `RFC 6121, 8.5.2.1.1`. */
  readonly rule: string;
  /** undefined for an element that is no stanza. */
  readonly kind: StanzaKind | undefined;
  /** As in RFC 6121; `normal` and `available` where the stanza says nothing. '' if it says nothing known. */
  readonly stanzaType: string;
  /** In canonical form; the own bare JID where the stanza has none, '' if it is malformed. */
  readonly to: string;
  /** `to` without a resource. */
  readonly toBare: string;
  /** Those who get `bytes`. */
  readonly targets: readonly Target[];
  /**
   * One stanza that stands alone: `from` stamped, its namespace, language and prefixes declared. Of
   * `bounce` the error reply, of `forward` in the namespace `jabber:server`. Safe to keep.
   */
  readonly bytes: Uint8Array;
  /** Of `handle`. */
  readonly subject?: Subject;
  /** Of `bounce` a stanza error (RFC 6120, section 8.3.3), of `close` a stream error. */
  readonly condition?: string;
  readonly errorType?: StanzaErrorType;
  /** Of presence `available`. */
  readonly priority: number;
  /**
   * The stanza may change what later ones of its stream meet: they wait until it has been dealt with
   * (RFC 6120, section 10.1).
   */
  readonly holds: boolean;
  /** Of `wait`: what to answer, and with which token. */
  readonly token?: number;
  readonly question?: Question;
  /** Of a batch: stanzas of it that came before this one. */
  readonly stanzas: number;
}

/** Types in the order of Row. */
const stanzaTypes = [
  'normal',
  'chat',
  'groupchat',
  'headline',
  'error',
  'available',
  'unavailable',
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
  'probe',
  'error',
  'get',
  'set',
  'result',
  'error',
  '',
];

export function stanzaTypeOf(row: number): string {
  return stanzaTypes[row] ?? '';
}

/** The row of a type, as RFC 6121 names it; -1 for one that there is not. */
export function rowOf(kind: StanzaKind, type: string): number {
  const first = kind === 'message' ? Row.Normal : kind === 'presence' ? Row.Available : Row.Get;
  const row = stanzaTypes.indexOf(type, first);
  return row >= 0 && kindOf(row, Action.Ignore) === kind ? row : -1;
}

export function kindOf(row: number, action: number): StanzaKind | undefined {
  if (action === Action.Element) return undefined;
  if (row <= Row.MessageError) return 'message';
  if (row <= Row.PresenceError) return 'presence';
  return row <= Row.IqError ? 'iq' : undefined;
}

/** What `handle` is about. */
export function subjectOf(action: number): Subject | undefined {
  switch (action) {
    case Action.Handle:
      return 'account';
    case Action.Host:
      return 'host';
    case Action.Broadcast:
      return 'broadcast';
    case Action.Subscription:
      return 'subscription';
    case Action.Unsubscribed:
      return 'unsubscribed';
    case Action.Element:
      return 'element';
    default:
      return undefined;
  }
}

/** Conditions in the order of Condition (abi.ts), with the type of a stanza error. */
const conditions: readonly (readonly [string, StanzaErrorType | undefined])[] = [
  ['', undefined],
  ['service-unavailable', 'cancel'],
  ['jid-malformed', 'modify'],
  ['bad-request', 'modify'],
  ['invalid-from', undefined],
  ['improper-addressing', undefined],
  ['host-unknown', undefined],
  ['resource-constraint', 'wait'],
];

export function conditionOf(condition: number): readonly [string, StanzaErrorType | undefined] {
  return conditions[condition] ?? ['', undefined];
}

/** The section that decides. */
export function ruleOf(action: number, condition: number, row: number, column: number): string {
  switch (condition) {
    case Condition.JidMalformed:
      return 'RFC 6120, 8.3.3.8';
    case Condition.BadRequest:
      return 'RFC 6120, 8.3.3.1';
    case Condition.InvalidFrom:
      return 'RFC 6120, 4.9.3.9';
    case Condition.ImproperAddressing:
      return 'RFC 6120, 4.9.3.7';
    case Condition.HostUnknown:
      return 'RFC 6120, 4.9.3.6';
    case Condition.ResourceConstraint:
      return 'RFC 6120, 8.3.3.18';
    default:
  }
  switch (action) {
    case Action.Element:
      return 'RFC 6120, 4.9.3.24';
    case Action.Broadcast:
      return 'RFC 6120, 10.3.2';
    case Action.Host:
      return 'RFC 6120, 10.5.1';
    case Action.Forward:
      return 'RFC 6120, 10.4';
    default:
      return `RFC 6121, ${sectionOf(row, column)}`;
  }
}

/** RFC 6121, section 8.5: by what `to` is, who is there, and the kind of stanza. */
function sectionOf(row: number, column: number): string {
  const kind = row <= Row.MessageError ? 1 : row <= Row.PresenceError ? 2 : 3;
  switch (column) {
    case Column.NoAccount:
    case Column.MissNoAccount:
      return '8.5.1';
    case Column.NoResource:
      return `8.5.2.2.${kind}`;
    case Column.Match:
      return '8.5.3.1';
    case Column.Miss:
      return `8.5.3.2.${kind}`;
    default:
      return `8.5.2.1.${kind}`;
  }
}
