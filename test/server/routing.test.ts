/*
 * Each cell of routing.md on a server, with clients: every way in which a column can come about (one resource,
 * several, equal and different priorities, some of them negative or without presence), as a stranger and as a
 * contact, over the short way of messages and the long one, which must agree.
 *
 * Beyond the table: what is delivered has the sender's address and is otherwise as it was sent, and a stranger
 * cannot tell an account where nobody is from none.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Element } from 'tercet';
import type { MemoryAccounts } from 'tercet/server';
import { Stage, makeAccounts } from './play.js';
import type { Client } from './play.js';

const columns = [
  'no account',
  'no resource',
  'no presence',
  'negative',
  '0 or more',
  'match',
  'miss',
  'miss, no account',
] as const;

type Column = (typeof columns)[number];
type Sender = 'stranger' | 'contact';

/** Priorities of the recipient's resources; null: it has sent no presence. */
type Resources = readonly (number | null)[];

interface Row {
  readonly name: string;
  readonly cells: Readonly<Record<Column, string>>;
}

const rows: readonly Row[] = readFileSync(join(import.meta.dirname, 'routing.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| (message|presence|iq)/.test(line))
  .map((line) => {
    const [name, ...cells] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    return {
      name,
      cells: Object.fromEntries(
        columns.map((column, index) => [column, cells[index]]),
      ) as Row['cells'],
    };
  });

const setups: readonly Resources[] = [
  [],
  [null],
  [null, null],
  [-1],
  [-128, -1],
  [-1, null],
  [0],
  [127],
  [0, null],
  [5, -5],
  [1, 2],
  [3, 3],
  [0, 0, 0],
  [7, 7, 2, -1, null],
];

const name = (resources: Resources): string =>
  resources.length === 0
    ? 'no resource'
    : resources.map((priority) => priority ?? 'no presence').join(', ');

function columnOf(resources: Resources, target: string): Column {
  if (target === 'bare') {
    if (resources.some((priority) => priority !== null && priority >= 0)) return '0 or more';
    if (resources.some((priority) => priority !== null)) return 'negative';
    return resources.length > 0 ? 'no presence' : 'no resource';
  }
  return target === 'miss' ? 'miss' : 'match';
}

/** What a cell says for a sender; '' where it says nothing. */
function cellOf({ cells }: Row, column: Column, sender: Sender): string {
  const [stranger, contact = stranger] = cells[column].split('/');
  return sender === 'stranger' ? stranger : contact;
}

const body = '<body>Hi</body>';
const payload = "<query xmlns='urn:x:unheard-of'/>";

/** A stanza of a row. */
function stanzaOf({ name: row }: Row, to: string, id: string): string {
  const [kind, type = '', extra = ''] = row.split(' ');
  const isEmpty = type === 'empty' || extra === 'empty';
  const written = type === '' || type === 'empty' ? '' : ` type='${type}'`;
  const error = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
  const content =
    type === 'error'
      ? error
      : kind === 'message'
        ? isEmpty
          ? "<active xmlns='http://jabber.org/protocol/chatstates'/>"
          : body
        : kind === 'iq'
          ? payload
          : '';
  return `<${kind}${written} to='${to}' id='${id}'>${content}</${kind}>`;
}

/** What can be seen of a stanza: who has it, what its sender hears, whether it waits. */
interface Outcome {
  readonly has: readonly number[];
  readonly hears: readonly string[];
  readonly waits: number;
}

const nothing: Outcome = { has: [], hears: [], waits: 0 };

function expected(
  cell: string,
  row: Row,
  resources: Resources,
  target: number | undefined,
  sender: Sender,
): Outcome {
  const pick = (wanted: (priority: number | null) => boolean): Outcome => ({
    ...nothing,
    has: resources.flatMap((priority, index) => (wanted(priority) ? [index] : [])),
  });
  const priorities = resources.filter((priority) => priority !== null);
  const highest = Math.max(...priorities);
  switch (cell) {
    case 'D':
      return { ...nothing, has: target === undefined ? [] : [target] };
    case 'A':
      return pick((priority) => priority !== null && priority >= 0);
    case 'M':
      return pick((priority) => priority === highest);
    case 'V':
      return pick((priority) => priority !== null);
    case 'O':
      return { ...nothing, waits: 1 };
    case 'S':
      return nothing;
    case 'E':
      return { ...nothing, hears: ['service-unavailable'] };
    case 'U':
      return { ...nothing, hears: ['unsubscribed'] };
    case 'N':
      return { ...nothing, hears: ['unavailable'] };
    case 'P':
      return {
        ...nothing,
        hears: priorities.length === 0 ? ['unavailable'] : priorities.map(() => 'available'),
      };
    case 'B':
      return expected(
        cellOf(row, columnOf(resources, 'bare'), sender),
        row,
        resources,
        undefined,
        sender,
      );
    default:
      throw new Error(`no such cell: ${cell}`);
  }
}

const juliet = 'juliet@localhost';

const said = (stanza: Element): string =>
  stanza.child('error')?.elements().at(0)?.name ?? stanza.attr('type') ?? 'available';

class Cast {
  readonly stage: Stage;
  readonly resources: readonly Client[];
  readonly romeo: Client;
  #count = 0;

  constructor(stage: Stage, resources: readonly Client[], romeo: Client) {
    this.stage = stage;
    this.resources = resources;
    this.romeo = romeo;
  }

  static async make(accounts: MemoryAccounts, resources: Resources, sender: Sender, way: string) {
    const stage = new Stage({ accounts, rates: false });
    if (sender === 'contact') stage.server.rosters.befriend(juliet, 'romeo@localhost');
    const clients: Client[] = [];
    for (const [index, priority] of resources.entries()) {
      const client = await stage.enter('juliet', `r${index}`);
      if (priority !== null) {
        client.say(`<presence><priority>${priority}</priority></presence>`);
      }
      clients.push(client);
    }
    const romeo = await stage.enter('romeo', 'orchard', way === 'websocket' ? way : 'stream');
    if (way === 'managed') romeo.say("<enable xmlns='urn:xmpp:sm:3'/>");
    const cast = new Cast(stage, clients, romeo);
    cast.forget();
    return cast;
  }

  forget(): void {
    const { mailbox } = this.stage.server;
    for (const { tag } of mailbox.take(juliet)) mailbox.confirm(tag);
    for (const client of [...this.resources, this.romeo]) client.hear();
  }

  /** Romeo sends a stanza; what comes of it. */
  send(row: Row, to: string): Outcome {
    this.#count += 1;
    const id = `s${this.#count}`;
    const source = stanzaOf(row, to, id);
    const isFramed = this.romeo.connection.scope === '';
    this.romeo.say(isFramed ? source.replace(/^<\w+/, "$& xmlns='jabber:client'") : source);
    const has = this.resources.flatMap((client, index) => {
      const heard = client.hear();
      if (heard.length === 0) return [];
      expect(heard, source).toHaveLength(1);
      this.#isSame(heard[0], row, id);
      return [index];
    });
    const hears = this.romeo
      .hear()
      .filter(({ name: element }) => element !== 'r')
      .map(said);
    const waits = this.stage.server.mailbox.count(juliet);
    this.forget();
    return { has, hears, waits };
  }

  #isSame(heard: Element, row: Row, id: string): void {
    const [kind, type = ''] = row.name.split(' ');
    const isRequest = type.startsWith('subscribe');
    expect(heard.name).toBe(kind);
    expect(heard.attr('id')).toBe(id);
    expect(heard.attr('from')).toBe(isRequest ? 'romeo@localhost' : 'romeo@localhost/orchard');
    if (kind === 'message') expect(heard.elements()).toHaveLength(1);
  }
}

let accounts: MemoryAccounts;

beforeAll(async () => {
  accounts = await makeAccounts('juliet', 'romeo');
});

/** Rows that change what is remembered of a subscription: each has a stage for itself. */
const changes = (row: Row): boolean => /^presence (un)?subscribe/.test(row.name);

const senders: readonly Sender[] = ['stranger', 'contact'];
const ways = ['short', 'managed', 'websocket'] as const;

describe.each(senders)('of a %s', (sender) => {
  describe.each(ways)('over a stream: %s', (way) => {
    test.each(setups.map((resources) => [name(resources), resources] as const))(
      'to juliet with %s',
      async (_name, resources) => {
        let cast = await Cast.make(accounts, resources, sender, way);
        const faults: string[] = [];
        let count = 0;
        for (const row of rows) {
          // Subscriptions take the long way anyhow, and contacts' are in subscriptions.md.
          if (changes(row) && way !== 'short') continue;
          const targets: (number | 'bare' | 'miss')[] = ['bare', 'miss', ...resources.keys()];
          for (const target of targets) {
            const column = typeof target === 'number' ? 'match' : columnOf(resources, target);
            const cell = cellOf(row, column, sender);
            if (cell === '') continue;
            const to =
              target === 'bare'
                ? juliet
                : `${juliet}/${target === 'miss' ? 'elsewhere' : `r${target}`}`;
            if (changes(row)) cast = await Cast.make(accounts, resources, sender, way);
            const outcome = cast.send(row, to);
            const wanted = expected(
              cell,
              row,
              resources,
              typeof target === 'number' ? target : undefined,
              sender,
            );
            count += 1;
            if (JSON.stringify(outcome) !== JSON.stringify(wanted)) {
              faults.push(
                `${row.name} to ${to}: ${JSON.stringify(outcome)}, not ${JSON.stringify(wanted)}`,
              );
            }
          }
        }
        expect(faults).toEqual([]);
        expect(count).toBeGreaterThan(30);
      },
    );

    test('to nobody', async () => {
      const cast = await Cast.make(accounts, [], sender, way);
      const faults: string[] = [];
      for (const row of rows) {
        for (const [to, column] of [
          ['tybalt@localhost', 'no account'],
          ['tybalt@localhost/hall', 'miss, no account'],
        ] as const) {
          const outcome = cast.send(row, to);
          const wanted = expected(cellOf(row, column, 'stranger'), row, [], undefined, sender);
          if (JSON.stringify(outcome) !== JSON.stringify(wanted)) {
            faults.push(`${row.name} to ${to}: ${JSON.stringify(outcome)}`);
          }
        }
      }
      expect(faults).toEqual([]);
    });
  });
});

test('a stranger cannot tell an account where nobody is from none', async () => {
  const cast = await Cast.make(accounts, [], 'stranger', 'short');
  for (const row of rows) {
    for (const place of ['', '/hall']) {
      const there = cast.send(row, `${juliet}${place}`).hears;
      expect(cast.send(row, `tybalt@localhost${place}`).hears, row.name).toEqual(there);
    }
  }
});

test('an address counts by what it means, however it is written', async () => {
  const cast = await Cast.make(accounts, [1, 2], 'contact', 'short');
  for (const row of rows.filter((each) => !changes(each))) {
    const there = cast.send(row, juliet);
    expect(cast.send(row, 'Juliet@LocalHost'), row.name).toEqual(there);
    expect(cast.send(row, 'juliet@localhost.'), row.name).toEqual(there);
  }
});
