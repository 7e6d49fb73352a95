/*
 * The short way of messages through the router in the core, against the long way through the modules: whoever
 * is there hears the same, stanza by stanza. A module that looks at everything forces the long way.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Element } from 'tercet';
import { standardModules } from 'tercet/server';
import type { MemoryAccounts, ServerModule } from 'tercet/server';
import { Client, Stage, makeAccounts } from './play.js';

let accounts: MemoryAccounts;

beforeAll(async () => {
  accounts = await makeAccounts('juliet', 'romeo', 'nurse');
});

const watching: ServerModule = { name: 'watching', stanza: () => false };

const types = ['', 'chat', 'groupchat', 'headline', 'error', 'nonsense'];
const addresses = [
  undefined,
  'romeo@localhost',
  'Romeo@LocalHost/orchard',
  'romeo@localhost/street',
  'romeo@localhost/gone',
  'nurse@localhost',
  'nurse@localhost/gone',
  'tybalt@localhost',
  'tybalt@localhost/gone',
  'juliet@localhost',
  'juliet@localhost/balcony',
  'localhost',
  'localhost/gone',
  'example.com',
  'rosaline@example.com',
  'a b@localhost',
  '@',
];
const bodies = [
  '',
  '<body>Hi &amp; &#x1f339; <![CDATA[<b>]]></body>',
  "<body>Hi</body><x:y xmlns:x='urn:x' x:z='1'/>",
  "<body>Hi</body><no-store xmlns='urn:xmpp:hints'/>",
];

const messages = types.flatMap((type) =>
  addresses.flatMap((to) =>
    bodies.map((body, index) => {
      const attrs = [
        ...(to === undefined ? [] : [`to='${to}'`]),
        ...(type === '' ? [] : [`type='${type}'`]),
        ...(index % 2 === 0 ? [`id='m${index}'`] : ["xml:lang='it'"]),
      ];
      return `<message ${attrs.join(' ')}>${body}</message>`;
    }),
  ),
);

interface Play {
  readonly stage: Stage;
  readonly people: readonly Client[];
}

async function open(isShort: boolean, romeos: readonly string[]): Promise<Play> {
  const modules = [...standardModules(), ...(isShort ? [] : [watching])];
  const stage = new Stage({ accounts, modules, date: () => 0 });
  stage.server.rosters.befriend('juliet@localhost', 'romeo@localhost');
  const juliet = new Client(stage.server);
  await juliet.logIn('juliet', 'balcony', { header: "xml:lang='en' xmlns:p='urn:p'" });
  const people = [juliet];
  for (const [index, presence] of romeos.entries()) {
    const resource = ['orchard', 'street'][index];
    const romeo = await stage.enter('romeo', resource, index === 1 ? 'websocket' : 'stream');
    romeo.say(presence);
    people.push(romeo);
  }
  for (const person of people) person.hear();
  return { stage, people };
}

const ns = "xmlns='jabber:client'";

describe('what everybody hears is the same both ways', () => {
  test.each([
    ['Romeo is away', []],
    ['he has not said that he is there', ['']],
    ['he takes no messages', ['<presence><priority>-1</priority></presence>']],
    ['he is there', ['<presence/>']],
    ['he is there twice', ['<presence/>', `<presence ${ns}><priority>5</priority></presence>`]],
    ['he blocks Juliet', ['<presence/>'], 'romeo'],
    ['Juliet blocks him', ['<presence/>'], 'juliet'],
    ['he acknowledges', ["<enable xmlns='urn:xmpp:sm:3'/><presence/>"]],
    ['Juliet is acknowledged', ['<presence/>'], 'managed'],
  ] as [string, string[], string?][])('when %s', async (_title, romeos, more) => {
    const plays = [await open(true, romeos), await open(false, romeos)];
    const heard = plays.map(({ stage, people }) => {
      const [juliet, romeo] = people;
      const block = (jid: string) =>
        `<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='${jid}'/></block></iq>`;
      if (more === 'romeo') romeo.say(block('juliet@localhost'));
      if (more === 'juliet') juliet.say(block('romeo@localhost'));
      if (more === 'managed') juliet.say("<enable xmlns='urn:xmpp:sm:3'/>");
      const all: Element[][] = people.map(() => []);
      for (const message of messages) {
        juliet.say(message);
        for (const [index, person] of people.entries()) all[index].push(...person.hear());
      }
      // All in one chunk, which the server writes to each of them at once.
      juliet.say(messages.join(''));
      for (const [index, person] of people.entries()) all[index].push(...person.hear());
      expect(stage.log.filter(({ level }) => level === 'error')).toEqual([]);
      // Order holds between two addresses (RFC 6120, section 10.1), and so for each sender; no name is one's own.
      const from = (each: Element): string => each.attr('from') ?? 'juliet@localhost';
      return all.map((stanzas) =>
        stanzas
          .filter(({ name }) => name === 'message')
          .sort((one, other) => from(one).localeCompare(from(other), 'en')),
      );
    });
    const [short, long] = heard;
    for (const [index, stanzas] of long.entries()) {
      expect(short[index].map(String)).toHaveLength(stanzas.length);
      for (const [place, stanza] of stanzas.entries()) {
        const other = short[index][place];
        if (!same(other, stanza)) expect(other.toString()).toBe(stanza.toString());
      }
    }
    expect(plays[0].stage.server.mailbox.count('romeo@localhost')).toBe(
      plays[1].stage.server.mailbox.count('romeo@localhost'),
    );
  });
});

/** An error need not carry as much of what it refuses: what is for elsewhere comes without content. */
function same(one: Element, other: Element): boolean {
  const error = one.child('error');
  const expected = other.child('error');
  if (!error || !expected) return one.equals(other);
  // Of a message without `to` either the own account speaks, or nobody by name: both are it.
  const head = ({ attrs }: Element) =>
    ['id', 'to', 'from', 'type']
      .map((name) => attrs[name]?.replace(/^juliet@localhost$/, ''))
      .join();
  return head(one) === head(other) && error.equals(expected);
}

test('a prefix of the stream header is declared where it is used', async () => {
  const { people } = await open(true, ['<presence/>']);
  const [juliet, romeo] = people;
  juliet.say("<message to='romeo@localhost/orchard'><p:q p:r='1'/></message>");
  expect(romeo.hear()[0].child('q', 'urn:p')?.attr('r', 'urn:p')).toBe('1');
});

test('a message may come in pieces, and with other stanzas around it', async () => {
  const { people } = await open(true, ['<presence/>']);
  const [juliet, romeo] = people;
  const ping = "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>";
  const message = (id: string) =>
    `<message to='romeo@localhost' id='${id}'><body>x</body></message>`;
  const text = message('1') + ping + message('2') + message('3') + ping + message('4');
  for (const size of [1, 2, 7, 30, 64, text.length]) {
    for (let at = 0; at < text.length; at += size) juliet.say(text.slice(at, at + size));
    expect(romeo.hear().map((stanza) => stanza.attr('id'))).toEqual(['1', '2', '3', '4']);
    expect(juliet.hear().map((stanza) => stanza.attr('id'))).toEqual(['p', 'p']);
  }
});

test('presence that is cut where a message begins in it is presence all the same', async () => {
  const { people } = await open(true, ['<presence/>']);
  const [juliet, romeo] = people;
  for (const end of ['</presence>', "</presence><message to='romeo@localhost' id='2'/>"]) {
    juliet.say("<presence to='romeo@localhost/orchard' id='1'><x xmlns='urn:x'>");
    juliet.say(`<message xmlns='jabber:client'/></x>${end}`);
    expect(romeo.hear().at(0)?.attr('id')).toBe('1');
  }
  juliet.connection.disconnected();
  expect(romeo.hear().at(-1)?.attr('type')).toBe('unavailable');
});

test('a request that is cut there is answered all the same', async () => {
  const { people } = await open(true, []);
  const [juliet] = people;
  const conditions = ['', " to='romeo@localhost'", " to='somebody@example.com'", " to='@'"].map(
    (to) => {
      juliet.say(`<iq type='get' id='1'${to}><query xmlns='urn:x'>`);
      juliet.say('<message/></query></iq>');
      return juliet.hear().map((reply) => reply.child('error')?.child()?.name);
    },
  );
  expect(conditions).toEqual([
    ['service-unavailable'],
    ['service-unavailable'],
    ['remote-server-not-found'],
    ['jid-malformed'],
  ]);
});

describe('a client that is acknowledged', () => {
  const message = (id: number) =>
    `<message to='romeo@localhost/orchard' id='${id}'><body>x</body></message>`;
  const ask = "<r xmlns='urn:xmpp:sm:3'/>";

  test.each([1, 5, 17, 64, 400, 100_000])(
    'has its stanzas counted, %i bytes at once',
    async (size) => {
      const { people } = await open(true, ['<presence/>']);
      const [juliet, romeo] = people;
      juliet.say("<enable xmlns='urn:xmpp:sm:3'/>");
      juliet.hear();
      const counts = [3, 1, 8, 2];
      let next = 0;
      const text = counts
        .map((count) => Array.from({ length: count }, () => message(next++)).join('') + ask)
        .join('');
      for (let at = 0; at < text.length; at += size) juliet.say(text.slice(at, at + size));
      const acks = juliet.hear().filter(({ name }) => name === 'a');
      expect(acks.map((stanza) => stanza.attr('h'))).toEqual(['3', '4', '12', '14']);
      const ids = romeo.hear().map((stanza) => Number(stanza.attr('id')));
      expect(ids).toEqual(Array.from({ length: 14 }, (_none, index) => index));
    },
  );

  test.each([1, 30, 100_000])('may name its own prefixes, %i bytes at once', async (size) => {
    const { people } = await open(true, ['<presence/>']);
    const [juliet, romeo] = people;
    juliet.say("<enable xmlns='urn:xmpp:sm:3'/>");
    juliet.hear();
    const own = "<sm:r xmlns:sm='urn:xmpp:sm:3'/>";
    const text = message(1) + message(2) + own + message(3) + own + own + message(4);
    for (let at = 0; at < text.length; at += size) juliet.say(text.slice(at, at + size));
    expect(juliet.hear().map((stanza) => stanza.attr('h'))).toEqual(['2', '3', '3']);
    expect(romeo.hear().map((stanza) => stanza.attr('id'))).toEqual(['1', '2', '3', '4']);
  });

  test.each([1, 7, 30, 1000])('may be begun behind a message, %i bytes at once', async (size) => {
    const { people } = await open(true, ['<presence/>']);
    const [juliet, romeo] = people;
    const enable = "<sm:enable xmlns:sm='urn:xmpp:sm:3'/>";
    const text = message(1) + enable + message(2) + ask;
    for (let at = 0; at < text.length; at += size) juliet.say(text.slice(at, at + size));
    expect(juliet.text).toContain('<enabled');
    expect(/<a xmlns="urn:xmpp:sm:3" h="(\d+)"/.exec(juliet.text)?.[1]).toBe('1');
    expect(romeo.hear().map((stanza) => stanza.attr('id'))).toEqual(['1', '2']);
  });

  test('has what is refused and what is dropped counted too', async () => {
    const { people } = await open(true, ['<presence/>']);
    const [juliet] = people;
    juliet.say("<enable xmlns='urn:xmpp:sm:3'/>");
    juliet.hear();
    for (const to of [
      '@',
      'localhost',
      'example.com',
      'tybalt@localhost',
      'romeo@localhost/gone',
    ]) {
      juliet.say(`<message to='${to}'><body>x</body></message>`);
    }
    juliet.say(ask);
    expect(juliet.hear().at(-1)?.attr('h')).toBe('5');
  });
});
