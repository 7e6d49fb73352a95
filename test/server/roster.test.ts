/*
 * Rosters beyond what a scene shows: versions, limits, storage.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  MemoryStorage,
  Rosters,
  offline,
  roster,
  standardModules,
  subscriptions,
} from 'tercet/server';
import type { Contact, MemoryAccounts, ServerModule } from 'tercet/server';
import { Stage, makeAccounts } from './play.js';
import type { Client } from './play.js';

let accounts: MemoryAccounts;

beforeAll(async () => {
  accounts = await makeAccounts('juliet', 'romeo', 'nurse');
});

const juliet = 'juliet@localhost';

const contact = (jid: string, changes: Partial<Contact> = {}): Omit<Contact, 'change'> => ({
  ...{ jid, name: '', groups: [], state: 'N', isApproved: false, isListed: true },
  ...changes,
});

describe('the version of a roster', () => {
  const get = (client: Client, version: string): void =>
    client.say(`<iq type='get' id='v'><query xmlns='jabber:iq:roster' ver='${version}'/></iq>`);
  const summary = (client: Client): string[] =>
    client.hear().map((iq) => {
      const query = iq.child('query');
      const items = query?.elements('item') ?? [];
      const shown = items.map((item) => `${item.attr('jid')} ${item.attr('subscription')}`);
      return [iq.attr('type'), query ? 'query' : 'empty', ...shown].join(' ');
    });

  test('that a client knows already is answered with nothing', async () => {
    const stage = new Stage({ accounts });
    stage.server.rosters.set(juliet, contact('romeo@localhost'));
    const client = await stage.enter('juliet', 'balcony');
    get(client, stage.server.rosters.version(juliet));
    expect(summary(client)).toEqual(['result empty']);
  });

  test('that is older is answered with what has changed since, in order', async () => {
    const stage = new Stage({ accounts });
    const { rosters } = stage.server;
    for (const name of ['a', 'b', 'c', 'd']) rosters.set(juliet, contact(`${name}@localhost`));
    const known = rosters.version(juliet);
    rosters.set(juliet, contact('b@localhost', { state: 'T' }));
    rosters.remove(juliet, 'a@localhost');
    const client = await stage.enter('juliet', 'balcony');
    get(client, known);
    expect(summary(client)).toEqual([
      'result empty',
      'set query b@localhost to',
      'set query a@localhost remove',
    ]);
    get(client, rosters.version(juliet));
    expect(summary(client)).toEqual(['result empty']);
  });

  test.each(['', 'x', 'x-1', 'other-0', '-1', '1-1-1'])(
    'that is none of ours, %j, is answered with the whole',
    async (version) => {
      const stage = new Stage({ accounts });
      stage.server.rosters.set(juliet, contact('romeo@localhost'));
      const client = await stage.enter('juliet', 'balcony');
      get(client, version);
      expect(summary(client)).toEqual(['result query romeo@localhost none']);
    },
  );

  test('that is too old, or of another storage, is answered with the whole', () => {
    const storage = new MemoryStorage();
    const rosters = new Rosters(storage, { maxRemoved: 2 });
    rosters.set(juliet, contact('a@localhost'));
    const old = rosters.version(juliet);
    for (const name of ['b', 'c', 'd']) {
      rosters.set(juliet, contact(`${name}@localhost`));
      rosters.remove(juliet, `${name}@localhost`);
    }
    expect(rosters.changesSince(juliet, old)).toBeUndefined();
    expect(rosters.changesSince(juliet, rosters.version(juliet))).toEqual([]);
    expect(new Rosters(new MemoryStorage()).changesSince(juliet, old)).toBeUndefined();
  });

  test('does not tell of strangers who have only asked', () => {
    const rosters = new Rosters(new MemoryStorage());
    const before = rosters.version(juliet);
    rosters.set(juliet, contact('tybalt@localhost', { state: 'N+I', isListed: false }));
    expect(rosters.version(juliet)).toBe(before);
    expect(rosters.changesSince(juliet, before)).toEqual([]);
  });
});

test('a roster is the same when it is read from storage again', () => {
  const storage = new MemoryStorage();
  const rosters = new Rosters(storage);
  rosters.set(juliet, contact('a@localhost', { name: 'A', groups: ['G', 'H'], state: 'B' }));
  rosters.set(juliet, contact('b@localhost', { state: 'N+I', isListed: false, request: '<x/>' }));
  rosters.set(juliet, contact('c@localhost'));
  rosters.remove(juliet, 'c@localhost');
  const again = new Rosters(storage);
  expect([...again.contacts(juliet)]).toEqual([...rosters.contacts(juliet)]);
  expect(again.version(juliet)).toBe(rosters.version(juliet));
  expect(again.isSubscriber(juliet, 'a@localhost')).toBe(true);
});

test('rosters that are not at hand any longer are read again', () => {
  const rosters = new Rosters(new MemoryStorage(), { maxCached: 2 });
  for (let index = 0; index < 10; index++) {
    rosters.set(`user${index}@localhost`, contact(`friend${index}@localhost`));
  }
  for (let index = 0; index < 10; index++) {
    expect(rosters.count(`user${index}@localhost`)).toBe(1);
  }
});

describe('what grows is bounded', () => {
  const stageOf = (...own: ServerModule[]) => {
    const names = new Set(own.map(({ name }) => name));
    const others = standardModules().filter(({ name }) => !names.has(name));
    return new Stage({ accounts, modules: [...own, ...others] });
  };
  const condition = (client: Client): (string | undefined)[] =>
    client.hear().map((each) => each.child('error')?.child()?.name);

  test('contacts, by roster sets and by subscriptions', async () => {
    const stage = stageOf(roster({ maxContacts: 1 }), subscriptions({ maxContacts: 1 }));
    const client = await stage.enter('juliet', 'balcony');
    const add = (jid: string) =>
      client.say(
        `<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='${jid}'/></query></iq>`,
      );
    add('a@localhost');
    expect(condition(client)).toEqual([undefined]);
    add('b@localhost');
    expect(condition(client)).toEqual(['resource-constraint']);
    add('a@localhost');
    expect(condition(client)).toEqual([undefined]);
    client.say("<presence type='subscribe' to='b@localhost'/>");
    expect(condition(client)).toEqual(['resource-constraint']);
  });

  test('strangers who wait for an answer, and what they say', async () => {
    const stage = stageOf(subscriptions({ maxPending: 1, maxRequestBytes: 200 }));
    const romeo = await stage.enter('romeo');
    const nurse = await stage.enter('nurse');
    const ask = (status: string) =>
      `<presence type='subscribe' to='${juliet}'><status>${status}</status></presence>`;
    romeo.say(ask('x'.repeat(300)));
    nurse.say(ask('Me too'));
    const client = await stage.enter('juliet', 'balcony');
    client.say('<presence/>');
    const requests = client.hear().filter((each) => each.attr('type') === 'subscribe');
    expect(requests.map((each) => [each.attr('from'), each.children.length])).toEqual([
      ['romeo@localhost', 0],
    ]);
  });

  test('messages that wait; whoever sends one more hears of it, a stranger too', async () => {
    const stage = stageOf(offline({ maxMessages: 1 }));
    stage.server.rosters.befriend(juliet, 'romeo@localhost');
    const romeo = await stage.enter('romeo');
    const nurse = await stage.enter('nurse');
    const message = `<message to='${juliet}'><body>Hi</body></message>`;
    romeo.say(message);
    expect(condition(romeo)).toEqual([]);
    romeo.say(message);
    expect(condition(romeo)).toEqual(['service-unavailable']);
    nurse.say(message);
    expect(condition(nurse)).toEqual(['service-unavailable']);
    expect(stage.server.mailbox.count(juliet)).toBe(1);
  });

  test('addresses of directed presence', async () => {
    const stage = new Stage({ accounts });
    const client = await stage.enter('juliet', 'balcony');
    for (let index = 0; index < 1100; index++) client.say(`<presence to='u${index}@localhost'/>`);
    const [session] = stage.server.sessions.of(juliet);
    expect(session.directed.size).toBe(1000);
  });
});
