/*
 * The subscription machine, cell by cell: the rows of subscriptions.md against the machine, then against a
 * server whose Juliet is in that state with Romeo. Where the table that the rows were checked with lies
 * beside the repository, they are compared with it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Element } from 'tercet';
import { transition } from 'tercet/server';
import type {
  MemoryAccounts,
  SubscriptionDirection,
  SubscriptionEvent,
  SubscriptionState,
} from 'tercet/server';
import { Stage, makeAccounts } from './play.js';
import type { Client } from './play.js';

interface Cell {
  readonly title: string;
  readonly direction: SubscriptionDirection;
  readonly event: SubscriptionEvent;
  readonly state: SubscriptionState;
  readonly isApproved: boolean;
  readonly next: SubscriptionState;
  readonly isApprovedNext: boolean;
  readonly effects: readonly string[];
}

/** `N+O, approved`. */
const readState = (text: string) => {
  const [state, flag] = text.split(', ');
  return { state: state as SubscriptionState, isApproved: flag === 'approved' };
};

function readCells(): Cell[] {
  const source = readFileSync(join(import.meta.dirname, 'subscriptions.md'), 'utf8');
  const [, ...sections] = source.split(/^## /m);
  return sections.flatMap((section) => {
    const [heading, , , , ...rows] = section.trimEnd().split('\n');
    const direction = heading.startsWith('The account') ? 'out' : 'in';
    const event = heading.slice(heading.indexOf(': ') + 2) as SubscriptionEvent;
    return rows.map((row): Cell => {
      const [, before, after, effects] = row.split('|').map((text) => text.trim());
      const from = readState(before);
      const to = readState(after);
      return {
        title: `${heading} in ${before}`,
        ...{ direction, event, ...from, next: to.state, isApprovedNext: to.isApproved },
        effects: effects === '' ? [] : effects.split(', '),
      };
    });
  });
}

const cells = readCells();

test('there is a row for each of nine states and eight stanzas, and more where an approval counts', () => {
  expect(new Set(cells.map(({ title }) => title)).size).toBe(cells.length);
  expect(cells.filter(({ isApproved }) => !isApproved)).toHaveLength(72);
  expect(cells.filter(({ isApproved }) => isApproved)).toHaveLength(6);
});

describe('the machine', () => {
  test.each(cells)('$title', (cell) => {
    expect(transition(cell.direction, cell.event, cell.state, cell.isApproved)).toEqual({
      state: cell.next,
      isApproved: cell.isApprovedNext,
      effects: cell.effects,
    });
  });
});

describe('the server', () => {
  let accounts: MemoryAccounts;
  beforeAll(async () => {
    accounts = await makeAccounts('juliet', 'romeo');
  });

  const juliet = 'juliet@localhost';
  const romeo = 'romeo@localhost';
  const common = { name: '', groups: [] };

  async function enter(stage: Stage, name: 'juliet' | 'romeo'): Promise<Client> {
    const client = await stage.enter(name, 'here');
    client.say("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    client.say('<presence/>');
    return client;
  }

  test.each(cells)('$title', async (cell) => {
    const stage = new Stage({ accounts });
    const { rosters } = stage.server;
    const client = await enter(stage, 'juliet');
    const other = await enter(stage, 'romeo');
    const { state, isApproved } = cell;
    // A mere request is no item, all else is.
    rosters.set(juliet, { ...common, jid: romeo, state, isApproved, isListed: true });
    // Romeo passes on whatever comes, and sends whatever is asked of him.
    rosters.set(romeo, {
      ...{ ...common, jid: juliet, isApproved: false, isListed: true },
      state: cell.direction === 'out' ? mirrored(cell.event) : sending(cell.event),
    });
    client.hear();
    other.hear();
    const [sender, to] = cell.direction === 'out' ? [client, romeo] : [other, juliet];
    sender.say(`<presence type='${cell.event}' to='${to}/anywhere' id='x'/>`);

    const contact = rosters.contact(juliet, romeo);
    expect({ state: contact.state, isApproved: contact.isApproved }).toEqual({
      state: cell.next,
      isApproved: cell.isApprovedNext,
    });
    const heard = client.hear();
    const heardByOther = other.hear();
    if (cell.direction === 'out') {
      const passed = ['unavailable', 'forward', 'presence'].filter((each) =>
        cell.effects.includes(each),
      );
      const expected = passed.map((effect) =>
        effect === 'forward' ? cell.event : effect === 'presence' ? 'available' : 'unavailable',
      );
      // Romeo's own side may answer; what Juliet's side sent him is what she is asked about.
      expect(presences(heardByOther, juliet)).toEqual(expected);
      expect(pushes(heard).slice(0, 1)).toEqual(cell.effects.includes('push') ? [shown(cell)] : []);
      return;
    }
    const own = cell.effects.filter((effect) => effect === 'forward' || effect === 'push');
    expect(heard.map((each) => (each.name === 'iq' ? 'push' : 'forward'))).toEqual(
      expect.arrayContaining(own),
    );
    expect(heard.filter(({ name }) => name === 'iq')).toHaveLength(own.includes('push') ? 1 : 0);
    if (own.includes('push')) expect(pushes(heard)).toEqual([shown(cell)]);
    if (own.includes('forward')) {
      const [first] = heard;
      expect([first.attr('type'), first.attr('from'), first.attr('to'), first.attr('id')]).toEqual([
        ...[cell.event, romeo, juliet, 'x'],
      ]);
    } else expect(presences(heard, romeo)).not.toContain(cell.event);
    expect(presences(heardByOther, juliet).includes('available')).toBe(
      cell.effects.includes('presence'),
    );
    expect(presences(heardByOther, juliet).includes('unavailable')).toBe(
      cell.effects.includes('unavailable'),
    );
  });

  /** A state of Romeo in which he is told of what Juliet sends. */
  const mirrored = (event: SubscriptionEvent): SubscriptionState =>
    (({ subscribe: 'N', unsubscribe: 'N+I', subscribed: 'N+O', unsubscribed: 'N+O' }) as const)[
      event
    ];

  /** A state of Romeo in which he may send this, and has no presence to show or to hide. */
  const sending = (event: SubscriptionEvent): SubscriptionState =>
    (({ subscribe: 'N', unsubscribe: 'N', subscribed: 'N+I', unsubscribed: 'N+I' }) as const)[
      event
    ];

  /** The presence that came from an account, by type; the own presence left out. */
  const presences = (heard: readonly Element[], account: string): string[] =>
    heard
      .filter(({ name }) => name === 'presence')
      .filter((each) => each.attr('from')?.startsWith(account))
      .map((each) => each.attr('type') ?? 'available');

  const pushes = (heard: readonly Element[]): string[] =>
    heard
      .filter(({ name }) => name === 'iq')
      .map((each) => each.child('query')?.child('item'))
      .map((item) =>
        ['subscription', 'ask', 'approved'].map((name) => item?.attr(name) ?? '-').join(' '),
      );

  const shown = ({ next, isApprovedNext }: Cell): string => {
    const subscription = { N: 'none', T: 'to', F: 'from', B: 'both' }[next.charAt(0)] ?? '';
    const ask = next.includes('O') ? 'subscribe' : '-';
    return `${subscription} ${ask} ${isApprovedNext ? 'true' : '-'}`;
  };
});

const path = join(import.meta.dirname, '../../../shared/data/presence-sm.json');
const isThere = existsSync(path);

test.skipIf(!isThere)(
  `the rows are those of the table they were checked with${isThere ? '' : ' (skipped: no presence-sm.json)'}`,
  () => {
    interface Row {
      readonly forward: string;
      readonly state: string;
      readonly approved?: string;
      readonly push: boolean;
    }
    const { events } = JSON.parse(readFileSync(path, 'utf8')) as {
      events: Record<string, Record<string, Row & { readonly if_approved?: Row }>>;
    };
    for (const cell of cells) {
      const row = events[`${cell.direction} ${cell.event}`][cell.state];
      const wanted = cell.isApproved ? (row.if_approved ?? row) : row;
      expect(cell.next, cell.title).toBe(wanted.state === '=' ? cell.state : wanted.state);
      expect(cell.effects.includes('forward'), cell.title).toBe(wanted.forward === 'must');
      const isCleared = cell.isApproved && row.approved === 'clear';
      expect(cell.effects.includes('push'), cell.title).toBe(wanted.push || isCleared);
    }
  },
);
