/*
 * The subscription machine (RFC 6121, appendix A): what a presence stanza of type subscribe, subscribed,
 * unsubscribe or unsubscribed does to the state between an account and one contact. A pure function; who
 * stores, sends and pushes is the caller.
 *
 *     N none    T to: the account sees the contact    F from: the contact sees the account    B both
 *     +O the account has asked (pending out)          +I the contact has asked (pending in)
 *
 * Where the RFC contradicts itself the tables of the appendix decide: an unsubscribe takes back a pending
 * request and is delivered, a refusal of a pending request is delivered (tables 7 and 9). Unavailable
 * presence is sent only where presence was shown before: refusing a request tells a stranger no resources.
 */
export type SubscriptionState = 'N' | 'N+O' | 'N+I' | 'N+OI' | 'T' | 'T+I' | 'F' | 'F+O' | 'B';

export type SubscriptionEvent = 'subscribe' | 'unsubscribe' | 'subscribed' | 'unsubscribed';

/** `out`: from the account to the contact; `in`: from the contact to the account. */
export type SubscriptionDirection = 'out' | 'in';

/**
 * A cell: the state after it, and the stanza is passed on; or
 *
 *     '='      passed on, the state stays
 *     '.'      not passed on, nothing changes
 *     'pre'    not passed on: the contact's next request is approved beforehand (section 3.4)
 *     'unpre'  not passed on: that approval is taken back
 *     'again'  not passed on, answered: the contact has what it asks for (section 3.1.3)
 */
type Cell = SubscriptionState | '=' | '.' | 'pre' | 'unpre' | 'again';
type Row = readonly [Cell, Cell, Cell, Cell];

// prettier-ignore
const table: Record<SubscriptionDirection, Record<SubscriptionState, Row>> = {
  out: {  // subscribe  unsubscribe  subscribed  unsubscribed
    'N':    [ 'N+O',     '=',         'pre',      'unpre' ],
    'N+O':  [ '=',       'N',         'pre',      'unpre' ],
    'N+I':  [ 'N+OI',    '=',         'F',        'N'     ],
    'N+OI': [ '=',       'N+I',       'F+O',      'N+O'   ],
    'T':    [ '=',       'N',         'pre',      'unpre' ],
    'T+I':  [ '=',       'N+I',       'B',        'T'     ],
    'F':    [ 'F+O',     '=',         '.',        'N'     ],
    'F+O':  [ '=',       'F',         '.',        'N+O'   ],
    'B':    [ '=',       'F',         '.',        'T'     ],
  },
  in: {
    'N':    [ 'N+I',     '.',         '.',        '.'     ],
    'N+O':  [ 'N+OI',    '.',         'T',        'N'     ],
    'N+I':  [ '.',       'N',         '.',        '.'     ],
    'N+OI': [ '.',       'N+O',       'T+I',      'N+I'   ],
    'T':    [ 'T+I',     '.',         '.',        'N'     ],
    'T+I':  [ '.',       'T',         '.',        'N+I'   ],
    'F':    [ 'again',   'N',         '.',        '.'     ],
    'F+O':  [ 'again',   'N+O',       'B',        'F'     ],
    'B':    [ 'again',   'T',         '.',        'F'     ],
  },
};

const columns: readonly SubscriptionEvent[] = [
  'subscribe',
  'unsubscribe',
  'subscribed',
  'unsubscribed',
];

/** What is to be done, in this order. */
export type SubscriptionEffect =
  /** Pass the stanza on: to the contact (out), to the account's resources (in). */
  | 'forward'
  /** Answer the contact in the account's name, bare JID to bare JID. */
  | 'reply-subscribed'
  | 'reply-unsubscribed'
  /** Tell the interested resources what the item has become. */
  | 'push'
  /** Show the contact every available resource, or that none is available any more. */
  | 'presence'
  | 'unavailable';

export interface Transition {
  readonly state: SubscriptionState;
  readonly isApproved: boolean;
  readonly effects: readonly SubscriptionEffect[];
}

/** `isApproved`: the account has approved the contact's next request beforehand. */
export function transition(
  direction: SubscriptionDirection,
  event: SubscriptionEvent,
  state: SubscriptionState,
  isApproved: boolean,
): Transition {
  const cell = table[direction][state][columns.indexOf(event)] ?? '.';
  if (direction === 'in' && event === 'subscribe' && isApproved && cell in approvedState) {
    const next = approvedState[cell as keyof typeof approvedState];
    return { state: next, isApproved, effects: ['reply-subscribed', 'push', 'presence'] };
  }
  if (cell === '.') return { state, isApproved, effects: [] };
  if (cell === '=') return { state, isApproved, effects: ['forward'] };
  if (cell === 'again') return { state, isApproved, effects: ['reply-subscribed'] };
  if (cell === 'pre') return { state, isApproved: true, effects: ['push'] };
  if (cell === 'unpre') return { state, isApproved: false, effects: isApproved ? ['push'] : [] };
  return moved(direction, event, state, cell, isApproved);
}

/** Where a request leads that was approved beforehand (section 3.4.2). */
const approvedState = { 'N+I': 'F', 'N+OI': 'F+O', 'T+I': 'B' } as const;

/** A move to another state: whoever gains or loses sight is told, and so are those who look at the roster. */
function moved(
  direction: SubscriptionDirection,
  event: SubscriptionEvent,
  state: SubscriptionState,
  next: SubscriptionState,
  wasApproved: boolean,
): Transition {
  // Who refuses or takes back an approval does not mean it to hold for the next request.
  const isApproved = wasApproved && !(direction === 'out' && event === 'unsubscribed');
  const effects: SubscriptionEffect[] = [];
  const losesSight = isFrom(state) && !isFrom(next);
  if (losesSight && direction === 'out') effects.push('unavailable');
  effects.push('forward');
  if (direction === 'in' && event === 'unsubscribe') effects.push('reply-unsubscribed');
  if (shown(state) !== shown(next) || isApproved !== wasApproved) effects.push('push');
  if (losesSight && direction === 'in') effects.push('unavailable');
  if (!isFrom(state) && isFrom(next)) effects.push('presence');
  return { state: next, isApproved, effects };
}

/** Whether the contact sees the account's presence. */
export const isFrom = (state: SubscriptionState): boolean => state.startsWith('F') || state === 'B';

/** Whether the account sees the contact's presence. */
export const isTo = (state: SubscriptionState): boolean => state.startsWith('T') || state === 'B';

/** Whether the contact waits for an answer. */
export const isPendingIn = (state: SubscriptionState): boolean => state.endsWith('I');

/** Whether the account waits for an answer: `ask='subscribe'`. */
export const isPendingOut = (state: SubscriptionState): boolean => /\+OI?$/.test(state);

/** The `subscription` attribute of a roster item (section 2.1.2.5). */
export function subscriptionOf(state: SubscriptionState): 'none' | 'to' | 'from' | 'both' {
  if (state === 'B') return 'both';
  if (isTo(state)) return 'to';
  return isFrom(state) ? 'from' : 'none';
}

/** What of a state is visible in the roster: a request that waits for an answer is not. */
const shown = (state: SubscriptionState): string =>
  `${subscriptionOf(state)} ${isPendingOut(state) ? 'ask' : ''}`;
