/*
 * Messages of a client that is acknowledged (XEP-0198), where storage lasts: kept before they are acknowledged, until
 * their recipient has them, over the short way of messages and over the long one, which must leave the same behind.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'tercet';
import { standardModules } from 'tercet/server';
import type { MemoryAccounts, ServerModule } from 'tercet/server';
import { Stage, makeAccounts } from './play.js';
import type { Client } from './play.js';
import { SlowStorage } from './slow-storage.js';

let accounts: MemoryAccounts;

beforeAll(async () => {
  accounts = await makeAccounts('juliet', 'romeo');
});

const enable = "<enable xmlns='urn:xmpp:sm:3'/>";
const ask = "<r xmlns='urn:xmpp:sm:3'/>";
const watching: ServerModule = { name: 'watching', stanza: () => false };
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
const romeos = 'romeo@localhost';

interface Play {
  readonly storage: SlowStorage;
  readonly stage: Stage;
  readonly juliet: Client;
  readonly romeo: Client;
  readonly kept: () => readonly string[];
  /** Writes last, and what waits for that is written. */
  readonly commit: () => Promise<void>;
}

async function begin(isManaged: boolean, isShort = true): Promise<Play> {
  const storage = new SlowStorage();
  const modules = [...standardModules(), ...(isShort ? [] : [watching])];
  const delays: (() => void)[] = [];
  const delay = (action: () => void) => delays.push(action);
  const stage = new Stage({ accounts, storage, modules, delay, date: () => 0, rates: false });
  const juliet = await stage.enter('juliet', 'balcony');
  const romeo = await stage.enter('romeo', 'orchard');
  juliet.say(enable);
  romeo.say(`${isManaged ? enable : ''}<presence/>`);
  const commit = async (): Promise<void> => {
    for (const action of delays.splice(0)) action();
    storage.finish();
    await turn();
  };
  await commit();
  for (const person of [juliet, romeo]) person.hear();
  const kept = () => storage.list('offline', romeos).map(({ value }) => value);
  return { storage, stage, juliet, romeo, kept, commit };
}

const message = (content: string, attributes = '', to = `${romeos}/orchard`): string =>
  `<message to='${to}' ${attributes}>${content}</message>`;

const names = (client: Client): string[] => client.hear().map(({ name }) => name);

test('a message is kept before it is acknowledged, until its recipient acknowledges it', async () => {
  const { juliet, romeo, kept, commit } = await begin(true);
  juliet.say(message('<body>Hi</body>', "id='1'"));
  expect(names(romeo)).toContain('message');
  expect(kept()).toHaveLength(1);
  juliet.say(ask);
  expect(names(juliet)).toEqual([]);
  await commit();
  expect(names(juliet)).toEqual(['a']);
  expect(kept()).toHaveLength(1);
  romeo.say("<a xmlns='urn:xmpp:sm:3' h='2'/>");
  expect(kept()).toEqual([]);
});

test('nor is it where the question has a prefix, and comes in the same chunk', async () => {
  const { juliet, commit } = await begin(true);
  juliet.say(`${message('<body>Hi</body>')}<s:r xmlns:s='urn:xmpp:sm:3'/>`);
  expect(names(juliet)).toEqual([]);
  await commit();
  expect(names(juliet)).toEqual(['a']);
});

test('until it is written out, where its recipient acknowledges nothing', async () => {
  const { juliet, romeo, kept, commit } = await begin(false);
  juliet.say(message('<body>Hi</body>', "id='1'"));
  expect(names(romeo)).toEqual(['message']);
  expect(kept()).toEqual([]);
  juliet.say(ask);
  expect(names(juliet)).toEqual([]);
  await commit();
  expect(names(juliet)).toEqual(['a']);
});

test('a recipient that goes without a word has it later, once, with the time it came', async () => {
  const { stage, juliet, romeo, commit } = await begin(true);
  juliet.say(message('<body>Hi &amp; &lt;there&gt; \u{1f339}</body>', "id='1' xml:lang='it'"));
  romeo.connection.disconnected();
  await commit();
  const later = await stage.enter('romeo', 'street');
  later.say('<presence/>');
  const [again, ...more] = later.hear().filter(({ name }) => name === 'message');
  expect(more).toEqual([]);
  expect(again.attrs).toMatchObject({
    id: '1',
    'xml:lang': 'it',
    from: 'juliet@localhost/balcony',
  });
  expect(again.child('body')?.text).toBe('Hi & <there> \u{1f339}');
  expect(again.child('delay', 'urn:xmpp:delay')?.attr('stamp')).toBe('1970-01-01T00:00:00.000Z');
});

test('what a resource gives back goes to the one of the highest priority', async () => {
  const { stage, juliet, romeo } = await begin(true);
  const others = [];
  for (const [resource, priority] of [
    ['street', 1],
    ['bridge', 5],
    ['square', 3],
    ['vault', -1],
  ] as const) {
    const other = await stage.enter('romeo', resource);
    other.say(`<presence><priority>${priority}</priority></presence>`);
    others.push(other);
  }
  juliet.say(message('<body>Hi</body>'));
  for (const other of others) other.hear();
  romeo.connection.disconnected();
  expect(others.map((other) => names(other).includes('message'))).toEqual([
    false,
    true,
    false,
    false,
  ]);
});

test('and to none of a negative priority, which gets nothing that is for the account', async () => {
  const { stage, juliet, romeo, kept } = await begin(true);
  const vault = await stage.enter('romeo', 'vault');
  vault.say('<presence><priority>-1</priority></presence>');
  juliet.say(message('<body>Hi</body>'));
  romeo.connection.disconnected();
  expect(names(vault)).not.toContain('message');
  expect(kept()).toHaveLength(1);
});

test('all resources that share the highest priority hold it until one has it', async () => {
  const { stage, juliet, romeo, kept } = await begin(true);
  const other = await stage.enter('romeo', 'street');
  other.say(`${enable}<presence/>`);
  other.hear();
  juliet.say(message('<body>Hi</body>', "type='chat'", romeos));
  expect(names(other)).toContain('message');
  expect(kept()).toHaveLength(1);
  other.connection.disconnected();
  expect(kept()).toHaveLength(1);
  // His own presence came before, that of the other and its end are among these.
  const stanzas = names(romeo).filter((name) => name === 'message' || name === 'presence');
  expect(stanzas).toContain('message');
  romeo.say(`<a xmlns='urn:xmpp:sm:3' h='${1 + stanzas.length}'/>`);
  expect(kept()).toEqual([]);
});

describe('a resource that is away and holds more than it may is given up', () => {
  const numbered = (count: number, to: string, first = 0): string =>
    Array.from({ length: count }, (_each, index) =>
      message('<body>x</body>', `type='chat' id='${first + index}'`, to),
    ).join('');
  const ids = (client: Client): Set<string | undefined> =>
    new Set(client.hear().flatMap(({ name, attrs }) => (name === 'message' ? [attrs.id] : [])));
  const enableResumption = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>";

  test('and what comes for it in the same chunk is for the account', async () => {
    const stage = new Stage({ accounts, rates: false });
    const juliet = await stage.enter('juliet', 'balcony');
    const romeo = await stage.enter('romeo', 'orchard');
    romeo.say(`${enableResumption}<presence/>`);
    romeo.connection.disconnected();
    juliet.say(numbered(1050, `${romeos}/orchard`));
    const later = await stage.enter('romeo', 'street');
    later.say('<presence/>');
    // Fifty were more than may wait, and were refused.
    expect([ids(later).size, ids(juliet).size]).toEqual([1000, 50]);
  });

  test('and what was going to be sent to it again waits', async () => {
    const { stage, juliet, romeo } = await begin(true);
    const street = await stage.enter('romeo', 'street');
    street.say(`${enableResumption}<presence/>`);
    juliet.say(numbered(300, `${romeos}/street`));
    street.connection.disconnected();
    juliet.say(numbered(900, `${romeos}/orchard`, 300));
    romeo.connection.disconnected();
    const later = await stage.enter('romeo', 'bridge');
    later.say('<presence/>');
    expect(ids(later).size).toBe(1200);
  });
});

test('order holds between what is kept and what is not', async () => {
  const { juliet, romeo } = await begin(true);
  const typing = "<active xmlns='http://jabber.org/protocol/chatstates'/>";
  const all = Array.from({ length: 12 }, (_each, index) =>
    message(index % 3 === 0 ? '<body>x</body>' : typing, `type='chat' id='${index}'`),
  );
  juliet.say(all.join(''));
  const ids = romeo.hear().flatMap(({ name, attrs }) => (name === 'message' ? [attrs.id] : []));
  expect(ids).toEqual(all.map((_each, index) => String(index)));
});

/** What is worth keeping, and how it is kept. */
const cases: readonly (readonly [string, string, number])[] = [
  ['a body', message('<body>Hi</body>'), 1],
  ['a body of chat', message('<body>Hi</body>', "type='chat'"), 1],
  ['a body and other things', message("<body>Hi</body><x:y xmlns:x='urn:x' x:z='1'/>"), 1],
  ['CDATA', message('<body><![CDATA[</message><a/>]]></body>'), 1],
  ['an empty body', message('<body/>'), 1],
  [
    'a prefix for its own namespace',
    `<c:message xmlns:c='jabber:client' to='${romeos}/orchard'><c:body>Hi</c:body></c:message>`,
    1,
  ],
  ['the hint to store it', message("<x/><store xmlns='urn:xmpp:hints'/>"), 1],
  ['the hint not to store it', message("<body>Hi</body><no-store xmlns='urn:xmpp:hints'/>"), 0],
  [
    'the hint in other letters',
    message("<body>Hi</body><no-store xmlns='urn:xmpp:hint&#115;'/>"),
    0,
  ],
  [
    'the hint not to store it for long',
    message("<body>Hi</body><no-permanent-store xmlns='urn:xmpp:hints'/>"),
    0,
  ],
  [
    'a stamp of somebody',
    message(
      "<body>Hi</body><delay xmlns='urn:xmpp:delay' from='example.com' stamp='2020-01-01T00:00:00Z'/>",
    ),
    1,
  ],
  [
    'a stamp as if it were ours',
    message(
      "<body>Hi</body><delay xmlns='urn:xmpp:delay' from='localhost' stamp='2020-01-01T00:00:00Z'/>",
    ),
    1,
  ],
  ['no body', message("<active xmlns='http://jabber.org/protocol/chatstates'/>"), 0],
  ['nothing', `<message to='${romeos}/orchard'/>`, 0],
  ['a body for all in a room', message('<body>Hi</body>', "type='groupchat'"), 0],
  ['a headline', message('<body>Hi</body>', "type='headline'"), 0],
];

describe('what is kept is the same both ways', () => {
  test.each(cases)('of a message with %s', async (_name, source, count) => {
    const ways = [await begin(true), await begin(true, false)];
    const [short, long] = ways.map(({ juliet, romeo, kept }) => {
      juliet.say(source);
      return { heard: romeo.hear().filter(({ name }) => name === 'message'), kept: kept() };
    });
    expect(short.heard).toHaveLength(1);
    expect(short.heard[0].equals(long.heard[0])).toBe(true);
    expect(short.kept).toHaveLength(count);
    expect(long.kept).toHaveLength(count);
    for (const [index, text] of short.kept.entries()) {
      const [one, other] = [parse(text), parse(long.kept[index])];
      expect(one.equals(other), `${text} and ${long.kept[index]}`).toBe(true);
    }
  });
});
