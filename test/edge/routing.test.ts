/*
 * Section 8.5 of RFC 6121 at the edge: the cells of test/server/routing.md, by clients whose accounts are objects of
 * their own. Left out are the rows about subscriptions, which change what the next cell meets.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../repository/files.js';
import { hasWorkerd, isQuick, startExample } from './edge.js';
import type { EdgeWorker } from './edge.js';
import { Socket } from './socket.js';

interface Row {
  readonly kind: string;
  readonly type: string | undefined;
  readonly hasBody: boolean;
  /** By the title of the column. */
  readonly cells: ReadonlyMap<string, string>;
}

const lines = readFileSync(join(root, 'test/server/routing.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const [titles = [], , ...body] = lines;

const rows: readonly Row[] = body
  .filter(([name = '']) => !name.includes('subscribe'))
  .map(([name = '', ...cells]) => {
    const [kind = '', ...words] = name.split(' ');
    return {
      kind,
      type: words.find((word) => word !== 'empty'),
      hasBody: !words.includes('empty'),
      cells: new Map(titles.slice(1).map((title, index) => [title, cells[index] ?? ''])),
    };
  });

/** What of Juliet is there in a column: resources with their priorities, undefined for no presence. */
interface Scene {
  readonly column: string;
  readonly to: string;
  readonly priorities: Readonly<Record<string, number | undefined>>;
}

const juliet = 'juliet@localhost';
const scenes: readonly Scene[] = [
  { column: 'no account', to: 'nobody@localhost', priorities: {} },
  { column: 'miss, no account', to: 'nobody@localhost/x', priorities: {} },
  { column: 'no resource', to: juliet, priorities: {} },
  { column: 'no presence', to: juliet, priorities: { a: undefined } },
  { column: 'negative', to: juliet, priorities: { a: -1, b: undefined } },
  { column: '0 or more', to: juliet, priorities: { a: 0 } },
  { column: '0 or more', to: juliet, priorities: { a: 5, b: 1, c: 5, d: -1, e: undefined } },
  { column: 'match', to: `${juliet}/a`, priorities: { a: 0, b: 5 } },
  { column: 'match', to: `${juliet}/a`, priorities: { a: undefined, b: 5 } },
  { column: 'miss', to: `${juliet}/x`, priorities: { a: 0, b: 5 } },
  { column: 'miss', to: `${juliet}/x`, priorities: {} },
];

describe.skipIf(!hasWorkerd || isQuick)('section 8.5 at the edge (workerd is installed)', () => {
  let worker: EdgeWorker;
  const senders = new Map<string, Socket>();
  /** Juliet's of the present case. */
  const open: Socket[] = [];

  async function arrive(resource: string): Promise<Socket> {
    const socket = await Socket.login(worker.service, 'juliet', 'balcony', resource);
    open.push(socket);
    return socket;
  }

  // One after the other: the next case meets nobody.
  afterEach(async () => {
    for (const socket of open.splice(0)) await leave(socket);
  });

  beforeAll(async () => {
    worker = await startExample('edge', '--account', 'nurse:angelica');
    const login = (name: string, password: string) =>
      Socket.login(worker.service, name, password, 'play');
    senders.set('stranger', await login('romeo', 'orchard'));
    const nurse = await login('nurse', 'angelica');
    senders.set('contact', nurse);
    const own = await login('juliet', 'balcony');
    own.send("<presence xmlns='jabber:client'/>");
    nurse.send(`<presence xmlns='jabber:client' type='subscribe' to='${juliet}'/>`);
    await own.heard('subscribe');
    own.send("<presence xmlns='jabber:client' type='subscribed' to='nurse@localhost'/>");
    await barrier(own, 'nurse@localhost');
    await leave(own);
  });

  afterAll(async () => {
    await worker.stop();
  });

  /** The end of a stream: its resource is gone when the answer to a later request has come. */
  async function leave(socket: Socket): Promise<void> {
    socket.send("<presence xmlns='jabber:client' type='unavailable'/>");
    await barrier(socket, juliet);
    socket.send("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    await socket.closed();
  }

  /** All that was sent to this account before has been decided on, and what comes of it has been written. */
  let barrierCount = 0;
  async function barrier(socket: Socket, to: string): Promise<void> {
    const id = `barrier-${++barrierCount}-`;
    socket.send(
      `<iq xmlns='jabber:client' type='get' id='${id}' to='${to}'><barrier xmlns='urn:x'/></iq>`,
    );
    await socket.heard(id);
  }

  const cases = scenes.flatMap((scene) =>
    ['stranger', 'contact'].map((who) => ({
      ...scene,
      who,
      name: Object.entries(scene.priorities).join(' '),
    })),
  );

  test.each(cases)('of a $who: $column, $to, $name', async ({ column, to, priorities, who }) => {
    const sender = senders.get(who);
    if (!sender) throw new Error('there is no such sender');
    const resources = new Map<string, Socket>();
    for (const [resource, priority] of Object.entries(priorities)) {
      const socket = await arrive(resource);
      resources.set(resource, socket);
      if (priority === undefined) continue;
      socket.send(`<presence xmlns='jabber:client'><priority>${priority}</priority></presence>`);
      await socket.heard(`${juliet}/${resource}`);
    }
    const reached = (wanted: (priority: number) => boolean): string[] =>
      [...resources.keys()].filter((resource) => {
        const priority = priorities[resource];
        return priority !== undefined && wanted(priority);
      });
    const highest = Math.max(...Object.values(priorities).map((priority) => priority ?? -1));
    const [bare = ''] = to.split('/');

    /** What is heard where, for a cell that is not in question with the sender. */
    const outcomes: Record<string, string[]> = {
      S: [],
      O: ['later'],
      E: ['error service-unavailable'],
      D: ['a'],
      A: reached((priority) => priority >= 0),
      M: reached((priority) => priority === highest && priority >= 0),
      V: reached(() => true),
      // It goes to the sender's object, whose roster has nothing to end: no client hears of it (appendix A.3.4).
      U: [],
      N: ['unavailable'],
      P: reached(() => true).map((resource) => `presence of ${resource}`),
    };
    if (outcomes.P.length === 0) outcomes.P = ['unavailable'];
    const expected: Record<string, string[]> = {};
    const heard: Record<string, string[]> = {};
    const ids: string[] = [];

    for (const [index, row] of rows.entries()) {
      const cell = row.cells.get(column) ?? '';
      const [one = '', other = one] = cell.split('/');
      let letter = who === 'stranger' ? one : other;
      // As for the bare JID: the column that these resources are.
      if (letter === 'B') letter = resources.size === 0 ? 'O' : 'M';
      if (letter === '') continue;
      const id = `${row.kind}-${row.type ?? 'none'}-${row.hasBody ? 'full' : 'empty'}-${index}-`;
      ids.push(id);
      const wanted = outcomes[letter] ?? [`cell ${letter}`];
      // Without a body there is nothing to keep.
      expected[id] = letter === 'O' && !row.hasBody ? [] : wanted;
      const type = row.type === undefined ? '' : ` type='${row.type}'`;
      const content = {
        message: row.hasBody ? '<body>Hist!</body>' : "<active xmlns='urn:x'/>",
        presence: '',
        iq: row.type === 'get' || row.type === 'set' ? "<x xmlns='urn:x'/>" : '',
      }[row.kind];
      sender.frames.length = 0;
      sender.send(
        `<${row.kind} xmlns='jabber:client'${type} to='${to}' id='${id}'>${content ?? ''}</${row.kind}>`,
      );
      await barrier(sender, bare);
      if (row.kind === 'presence' && row.type === 'probe') {
        // Answers do not wait for each other.
        await expect.poll(() => probed(sender).length).toBe(wanted.length);
        heard[id] = probed(sender);
      } else {
        heard[id] = sender.frames
          .filter((frame) => frame.includes(id))
          .map((frame) => `error ${/<(service-unavailable)/.exec(frame)?.[1] ?? frame}`);
      }
    }
    for (const socket of resources.values()) await barrier(socket, juliet);
    for (const [resource, socket] of resources) {
      for (const id of ids) {
        if (socket.frames.some((frame) => frame.includes(id))) heard[id].push(resource);
      }
    }
    if (bare === juliet) {
      for (const socket of open.splice(0)) await leave(socket);
      const later = await arrive('later');
      later.send("<presence xmlns='jabber:client'/>");
      await later.heard(`${juliet}/later`);
      await barrier(later, juliet);
      for (const id of ids) {
        if (later.frames.some((frame) => frame.includes(id))) heard[id].push('later');
      }
    }
    expect(heard).toEqual(expected);
  });
});

/** What a sender of a probe has heard of Juliet. */
function probed({ frames }: Socket): string[] {
  return frames
    .filter((frame) => frame.startsWith('<presence'))
    .map((frame) => {
      const type = /type=["'](\w+)["']/.exec(frame)?.[1];
      return type ?? `presence of ${/from=["'][^/]*\/(\w+)/.exec(frame)?.[1] ?? ''}`;
    })
    .sort();
}
