/*
 * What a client asks of its roster (RFC 6121, section 2), case by case: what it hears, which of the account's
 * resources are told, and what stands in the roster then. Each case is played with an empty roster, with a
 * contact there without a subscription, and with one that is subscribed both ways.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Element } from 'tercet';
import type { MemoryAccounts } from 'tercet/server';
import { Stage, makeAccounts } from './play.js';
import type { Client } from './play.js';

const start = ['none', 'contact', 'friend'] as const;
type Start = (typeof start)[number];

interface Case {
  readonly title: string;
  /** What stands inside `<query/>`. */
  readonly items: string;
  /** A condition, or nothing for a result. */
  readonly error?: string | Partial<Record<Start, string>>;
  /** The item afterwards, as `jid subscription name [groups]`; null: none. Absent where it is as it was. */
  readonly item?: string | null;
  readonly to?: string;
}

const nurse = 'nurse@localhost';
const item = (attributes: string, ...groups: readonly string[]): string =>
  `<item ${attributes}>${groups.map((group) => `<group>${group}</group>`).join('')}</item>`;
const of = (attributes: string, ...groups: readonly string[]): string =>
  item(`jid='${nurse}' ${attributes}`, ...groups);
const long = 'x'.repeat(1023);

/** SUB stands for the subscription that was there. */
const cases: readonly Case[] = [
  { title: 'an address alone', items: of(''), item: 'SUB  []' },
  { title: 'a name', items: of("name='Angelica'"), item: 'SUB Angelica []' },
  { title: 'an empty name', items: of("name=''"), item: 'SUB  []' },
  { title: 'a name of blanks', items: of("name='  '"), item: 'SUB    []' },
  {
    title: 'a name of other scripts',
    items: of("name='\u04e8\u0434\u0440 \ud83c\udf39'"),
    item: 'SUB \u04e8\u0434\u0440 \ud83c\udf39 []',
  },
  { title: 'a name to be escaped', items: of("name='&lt;&amp;&quot;&apos;'"), item: `SUB <&"' []` },
  { title: 'the longest name', items: of(`name='${long}'`), item: `SUB ${long} []` },
  { title: 'a name that is too long', items: of(`name='${long}x'`), error: 'not-acceptable' },
  { title: 'a group', items: of('', 'Servants'), item: 'SUB  [Servants]' },
  { title: 'several groups', items: of('', 'B', 'A', 'C'), item: 'SUB  [A,B,C]' },
  { title: 'groups that differ in case', items: of('', 'a', 'A'), item: 'SUB  [A,a]' },
  { title: 'the same group twice', items: of('', 'A', 'A'), error: 'bad-request' },
  { title: 'an empty group', items: of('', ''), error: 'not-acceptable' },
  { title: 'an empty group among others', items: of('', 'A', ''), error: 'not-acceptable' },
  { title: 'the longest group', items: of('', long), item: `SUB  [${long}]` },
  { title: 'a group that is too long', items: of('', `${long}x`), error: 'not-acceptable' },
  { title: 'a group to be escaped', items: of('', '&lt;&amp;'), item: 'SUB  [<&]' },
  { title: 'an address in capitals', items: item("jid='NURSE@LocalHost'"), item: 'SUB  []' },
  {
    title: 'an address with a trailing dot',
    items: item("jid='nurse@localhost.'"),
    item: 'SUB  []',
  },
  {
    title: 'a full address, which counts as the bare one',
    items: item("jid='nurse@localhost/hall'"),
    item: 'SUB  []',
  },
  ...['none', 'to', 'from', 'both', 'nonsense', ''].map((value) => ({
    title: `subscription '${value}', which is not the client's to say`,
    items: of(`subscription='${value}'`),
    item: 'SUB  []',
  })),
  ...["ask='subscribe'", "ask='other'", "approved='true'", "approved='1'"].map((attribute) => ({
    title: `${attribute}, which is not the client's to say`,
    items: of(attribute),
    item: 'SUB  []',
  })),
  {
    title: 'unknown attributes',
    items: of("colour='red' x:y='z' xmlns:x='urn:x'"),
    item: 'SUB  []',
  },
  {
    title: 'unknown children',
    items: `<item jid='${nurse}'><group>A</group><note xmlns='urn:x'/></item>`,
    item: 'SUB  [A]',
  },
  { title: 'white space around', items: `\n  ${of('')}\n  `, item: 'SUB  []' },
  { title: 'no item', items: '', error: 'bad-request' },
  { title: 'two items', items: of('') + item("jid='paris@localhost'"), error: 'bad-request' },
  { title: 'the same item twice', items: of('') + of(''), error: 'bad-request' },
  { title: 'something else than an item', items: '<thing/>', error: 'bad-request' },
  {
    title: 'an item of another namespace',
    items: `<item xmlns='urn:x' jid='${nurse}'/>`,
    error: 'bad-request',
  },
  { title: 'an item without an address', items: item(''), error: 'bad-request' },
  ...['', '@', 'a@', '@localhost', 'a@b@c', 'a b@localhost', 'nurse@localhost/', 'a@-b'].map(
    (jid) => ({
      title: `the address '${jid}'`,
      items: item(`jid='${jid}'`),
      error: 'jid-malformed',
    }),
  ),
  { title: 'oneself', items: item("jid='juliet@localhost'"), error: 'not-allowed' },
  {
    title: 'oneself with a resource',
    items: item("jid='juliet@localhost/x'"),
    error: 'not-allowed',
  },
  { title: 'oneself in capitals', items: item("jid='JULIET@localhost'"), error: 'not-allowed' },
  {
    title: 'removal',
    items: of("subscription='remove'"),
    item: null,
    error: { none: 'item-not-found' },
  },
  {
    title: 'removal with a name and groups',
    items: of("subscription='remove' name='A'", 'B'),
    item: null,
    error: { none: 'item-not-found' },
  },
  {
    title: 'removal in capitals',
    items: item("jid='NURSE@localhost' subscription='remove'"),
    item: null,
    error: { none: 'item-not-found' },
  },
  {
    title: 'removal of somebody else',
    items: item("jid='paris@localhost' subscription='remove'"),
    error: 'item-not-found',
  },
  {
    title: 'removal of oneself',
    items: item("jid='juliet@localhost' subscription='remove'"),
    error: 'item-not-found',
  },
  {
    title: 'removal without an address',
    items: item("subscription='remove'"),
    error: 'bad-request',
  },
  { title: 'removal of two', items: of("subscription='remove'").repeat(2), error: 'bad-request' },
  { title: 'to the own account', items: of(''), item: 'SUB  []', to: 'juliet@localhost' },
  {
    title: 'to the own account in capitals',
    items: of(''),
    item: 'SUB  []',
    to: 'JULIET@LOCALHOST',
  },
  { title: 'to another account', items: of(''), error: 'forbidden', to: nurse },
  {
    title: 'to an account that does not exist',
    items: of(''),
    error: 'forbidden',
    to: 'tybalt@localhost',
  },
  { title: 'to the server', items: of(''), error: 'service-unavailable', to: 'localhost' },
  {
    title: 'to a resource that is not there',
    items: of(''),
    error: 'service-unavailable',
    to: 'juliet@localhost/elsewhere',
  },
];

let accounts: MemoryAccounts;

beforeAll(async () => {
  accounts = await makeAccounts('juliet', 'nurse');
});

const roster = 'jabber:iq:roster';

const written = (element: Element): string => {
  const groups = element.elements().filter(({ name }) => name === 'group');
  const named = groups.map(({ text }) => text).sort();
  return `${element.attr('subscription') ?? ''} ${element.attr('name') ?? ''} [${named.join(',')}]`;
};

const isPush = (stanza: Element): boolean =>
  stanza.name === 'iq' &&
  stanza.attr('type') === 'set' &&
  stanza.child('query', roster) !== undefined;

/** What stands in the roster of whoever asks. */
function read(client: Client): string[] {
  client.say(`<iq type='get' id='read'><query xmlns='${roster}'/></iq>`);
  const answer = client.hear().find((stanza) => stanza.attr('id') === 'read');
  return (answer?.child('query', roster)?.elements() ?? []).map(
    (each) => `${each.attr('jid') ?? ''} ${written(each)}`,
  );
}

async function enter(from: Start) {
  const stage = new Stage({ accounts, rates: false });
  if (from === 'friend') stage.server.rosters.befriend('juliet@localhost', nurse);
  const [juliet, chamber, silent] = [
    await stage.enter('juliet', 'balcony'),
    await stage.enter('juliet', 'chamber'),
    await stage.enter('juliet', 'tomb'),
  ];
  if (from === 'contact') {
    juliet.say(
      `<iq type='set' id='c'><query xmlns='${roster}'><item jid='${nurse}'/></query></iq>`,
    );
  }
  // Who has asked for the roster is told of changes; the third has not.
  for (const client of [juliet, chamber]) read(client);
  silent.hear();
  return { stage, juliet, chamber, silent };
}

describe.each(start)('with %s there', (from) => {
  test.each(cases)('$title', async ({ items, error, item: after, to }) => {
    const { juliet, chamber, silent, stage } = await enter(from);
    const before = read(juliet);
    juliet.say(
      `<iq type='set' id='1'${to === undefined ? '' : ` to='${to}'`}><query xmlns='${roster}'>${items}</query></iq>`,
    );
    const heard = juliet.hear();
    const answer = heard.filter((stanza) => stanza.attr('id') === '1');
    expect(answer).toHaveLength(1);
    const condition = typeof error === 'string' ? error : error?.[from];
    expect(answer[0].child('error')?.elements().at(0)?.name).toBe(condition);
    expect(answer[0].attr('type')).toBe(condition === undefined ? 'result' : 'error');

    const pushes = [heard, chamber.hear()].map((stanzas) => stanzas.filter(isPush));
    expect(silent.hear().filter(isPush)).toEqual([]);
    if (condition !== undefined) {
      expect(pushes).toEqual([[], []]);
      expect(read(juliet)).toEqual(before);
      return;
    }
    const subscription = from === 'friend' ? 'both' : 'none';
    const wanted = after === null ? 'remove  []' : (after ?? '').replace('SUB', subscription);
    for (const told of pushes) {
      const last = told.at(-1);
      expect(last?.child('query', roster)?.elements().map(written)).toEqual([wanted]);
      expect(last?.child('query', roster)?.attr('ver')).toMatch(/./);
      // From nobody but the own server (section 2.1.6).
      expect(last?.attr('from')).toBeUndefined();
    }
    const ids = pushes.flatMap((told) => told.map((push) => push.attr('id')));
    expect(new Set(ids).size).toBe(ids.length);
    expect(read(juliet)).toEqual(after === null ? [] : [`${nurse} ${wanted}`]);
    expect(stage.log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('versions (section 2.6)', () => {
  const versionOf = (client: Client): string => {
    client.say(`<iq type='get' id='v'><query xmlns='${roster}'/></iq>`);
    const answer = client.hear().find((stanza) => stanza.attr('id') === 'v');
    return answer?.child('query', roster)?.attr('ver') ?? '';
  };

  test.each(start)('what is known is not said again, with %s there', async (from) => {
    const { juliet } = await enter(from);
    const version = versionOf(juliet);
    juliet.say(`<iq type='get' id='2'><query xmlns='${roster}' ver='${version}'/></iq>`);
    const heard = juliet.hear();
    expect(heard).toHaveLength(1);
    expect(heard[0].attr('type')).toBe('result');
    expect(heard[0].elements()).toEqual([]);
  });

  test.each(['', 'nonsense', '0', '999999-1'])(
    "'%s' is none of ours: all is said",
    async (version) => {
      const { juliet } = await enter('friend');
      juliet.say(`<iq type='get' id='2'><query xmlns='${roster}' ver='${version}'/></iq>`);
      const [answer] = juliet.hear();
      expect(answer.child('query', roster)?.elements()).toHaveLength(1);
    },
  );

  test('what has changed since is pushed, in order', async () => {
    const { juliet, stage } = await enter('none');
    const names = Array.from({ length: 6 }, (_none, index) => `c${index}@localhost`);
    const set = (jid: string, attribute = ''): void =>
      juliet.say(
        `<iq type='set' id='s'><query xmlns='${roster}'><item jid='${jid}' ${attribute}/></query></iq>`,
      );
    for (const jid of names) set(jid);
    juliet.hear();
    const version = versionOf(juliet);
    set(names[0], "name='New'");
    set(names[1], "subscription='remove'");
    const later = await stage.enter('juliet', 'later');
    later.say(`<iq type='get' id='2'><query xmlns='${roster}' ver='${version}'/></iq>`);
    const heard = later.hear();
    expect(heard[0].elements()).toEqual([]);
    expect(
      heard.slice(1).map((push) =>
        push
          .child('query', roster)
          ?.elements()
          .map((each) => `${each.attr('jid') ?? ''} ${written(each)}`),
      ),
    ).toEqual([[`${names[0]} none New []`], [`${names[1]} remove  []`]]);
  });
});

describe('answers to pushes', () => {
  test.each(['result', 'error'])('a %s is ignored', async (type) => {
    const { juliet, chamber } = await enter('none');
    juliet.say(`<iq type='set' id='1'><query xmlns='${roster}'>${of('')}</query></iq>`);
    juliet.hear();
    const id = chamber.hear().find(isPush)?.attr('id') ?? '';
    const error =
      "<error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    chamber.say(`<iq type='${type}' id='${id}'>${type === 'error' ? error : ''}</iq>`);
    chamber.say(
      `<iq type='${type}' id='${id}' to='juliet@localhost'>${type === 'error' ? error : ''}</iq>`,
    );
    expect(chamber.hear()).toEqual([]);
    juliet.say(`<iq type='set' id='2'><query xmlns='${roster}'>${of("name='N'")}</query></iq>`);
    expect(chamber.hear().filter(isPush)).toHaveLength(1);
  });
});
