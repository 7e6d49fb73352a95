/*
 * What a server says that it should not, before and in a session: nothing of it is believed, harms the program
 * or is answered wrongly, and the client says what was wrong.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { NS, xml } from 'tercet';
import { connect, openRoster } from 'tercet/client';
import type { Client, ConnectOptions, Roster } from 'tercet/client';
import { eventually } from './eventually.js';
import { managed, Play } from './play.js';
import type { Part } from './play.js';

const clients: Client[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function open(play: Play, options: Partial<ConnectOptions> = {}): Promise<Client> {
  const client = await connect({
    jid: 'juliet@localhost/balcony',
    password: 'secret',
    transports: [play],
    reconnect: { minMs: 1, maxMs: 2 },
    connectMs: 500,
    ...options,
  });
  clients.push(client);
  return client;
}

/** A server that answers what contains `at` with this, once. */
function answering(at: string, answer: string, features = managed): Play {
  let isDone = false;
  return new Play({
    features,
    answer: (element) => {
      if (isDone || !element.includes(at)) return undefined;
      isDone = true;
      return answer;
    },
  });
}

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' " +
  "from='localhost' id='1' version='1.0'>";

const offering = (...mechanisms: string[]): string =>
  `${header}<stream:features><mechanisms xmlns='${NS.sasl}'>` +
  mechanisms.map((name) => `<mechanism>${name}</mechanism>`).join('') +
  '</mechanisms></stream:features>';

const bound = (jid: string): string =>
  `<iq type='result' id='bind-1'><bind xmlns='${NS.bind}'><jid>${jid}</jid></bind></iq>`;

describe('connecting is refused, with the reason, to a server that', () => {
  test.each<[string, string, string, object]>([
    ['says no XML', '<?xml', 'hello', { condition: 'not-well-formed', isOwn: true }],
    [
      'is another one',
      '<?xml',
      header.replace('localhost', 'example.net'),
      { condition: 'invalid-from', isOwn: true },
    ],
    ['sends a stanza first', '<?xml', `${header}<message/>`, { condition: 'not-authorized' }],
    [
      'offers only what says nothing of the account',
      '<?xml',
      offering('ANONYMOUS', 'EXTERNAL', 'X-PLAIN'),
      { name: 'AuthenticationError', condition: 'invalid-mechanism' },
    ],
    [
      'believes us without a proof of its own',
      '<?xml',
      offering('SCRAM-SHA-1'),
      { name: 'AuthenticationError', condition: 'server-not-authenticated' },
    ],
    [
      'refuses the account, and says why',
      '<auth',
      `<failure xmlns='${NS.sasl}'><text xml:lang='en'>Ask the nurse</text><account-disabled/></failure>`,
      {
        name: 'AuthenticationError',
        condition: 'account-disabled',
        text: 'Ask the nurse',
        message: "authentication failed: account-disabled, 'Ask the nurse'",
      },
    ],
    [
      'ends the stream, and says why',
      '<auth',
      `<stream:error><text xmlns='${NS.streamErrors}'>Back at nine\n</text>` +
        `<system-shutdown xmlns='${NS.streamErrors}'/></stream:error>`,
      {
        name: 'StreamError',
        condition: 'system-shutdown',
        isOwn: false,
        text: 'Back at nine\n',
        message: "the server ended the stream: system-shutdown, 'Back at nine\\u{a}'",
      },
    ],
    [
      'binds no resource, and says why',
      NS.bind,
      "<iq type='error' id='bind-1'><error type='wait'>" +
        `<too-many xmlns='urn:x'/><text xmlns='${NS.stanzas}'>No more than five</text>` +
        `<resource-constraint xmlns='${NS.stanzas}'/></error></iq>`,
      {
        name: 'ConnectionError',
        condition: 'resource-constraint',
        message: "no resource was bound: resource-constraint, 'No more than five'",
      },
    ],
    ['binds nothing', NS.bind, "<iq type='result' id='bind-1'/>", { condition: 'bad-request' }],
    ['binds no address', NS.bind, bound('@@@'), { condition: 'bad-request' }],
    ['binds an account', NS.bind, bound('juliet@localhost'), { condition: 'bad-request' }],
  ])('%s', async (_name, at, answer, error) => {
    await expect(open(answering(at, answer))).rejects.toMatchObject(error);
  });
});

test('a server that sends from place to place for ever is left', async () => {
  const elsewhere = (place: string): string =>
    `${header}<stream:error><see-other-host xmlns='${NS.streamErrors}'>${place}</see-other-host>` +
    '</stream:error>';
  let count = 0;
  const play = new Play({
    answer: (element) =>
      element.startsWith('<?xml') ? elsewhere(`h${(count += 1)}.example`) : undefined,
  });
  await expect(open(play)).rejects.toMatchObject({ condition: 'see-other-host' });
  expect(play.opened).toEqual([
    'xmpp://localhost',
    ...[1, 2, 3, 4, 5].map((index) => `xmpp://h${index}.example`),
  ]);
});

test('an address that the server chose is ours', async () => {
  const client = await open(answering(NS.bind, bound('capulet@localhost/1')));
  expect(client.jid.toString()).toBe('capulet@localhost/1');
});

describe('in a session', () => {
  const rosterOf = (play: Play, items = ''): Part => ({
    ...play.part,
    answer: (element) => {
      const id = /id="([^"]*)"/.exec(element)?.[1] ?? '';
      const isRead = element.includes('type="get"') && element.includes(NS.roster);
      return isRead
        ? `<iq type='result' id='${id}'><query xmlns='${NS.roster}'>${items}</query></iq>`
        : undefined;
    },
  });

  async function withRoster(): Promise<{ play: Play; client: Client; roster: Roster }> {
    const play = new Play({ features: managed });
    play.part = rosterOf(play, "<item jid='nurse@localhost'/>");
    const client = await open(play);
    const roster = await openRoster(client);
    play.heard.length = 0;
    return { play, client, roster };
  }

  const push = (items: string, from = ''): string =>
    `<iq type='set' id='p1'${from}><query xmlns='${NS.roster}'>${items}</query></iq>`;

  test.each([
    ['of a stranger', push("<item jid='a@b'/>", " from='tybalt@localhost'"), 'service-unavailable'],
    ['of the domain', push("<item jid='a@b'/>", " from='localhost'"), 'service-unavailable'],
    ['of no address', push("<item jid='a@b'/>", " from='@/'"), 'service-unavailable'],
    ['of two items', push("<item jid='a@b'/><item jid='c@d'/>"), 'bad-request'],
    ['of nobody', push('<item/>'), 'bad-request'],
    ['of nothing', push(''), 'bad-request'],
  ])('a roster push %s changes nothing', async (_name, text, condition) => {
    const { play, client, roster } = await withRoster();
    play.say(text);
    await eventually(() => play.heard.join('')).toContain(condition);
    expect([...roster.items.keys()]).toEqual(['nurse@localhost']);
    expect(client.status.state).toBe('online');
  });

  test('an iq of an unknown type, or that comes twice, answers nothing', async () => {
    const { play, client } = await withRoster();
    const hello = xml(
      'iq',
      { type: 'get', id: 'h', to: 'localhost' },
      xml('hello', { xmlns: 'urn:x' }),
    );
    const request = client.request(hello);
    for (const type of ['', " type='chat'", " type='RESULT'"]) {
      play.say(`<iq id='h' from='localhost'${type}/>`);
    }
    play.say("<iq id='h' from='localhost' type='result'><one xmlns='urn:x'/></iq>");
    play.say("<iq id='h' from='localhost' type='error'/>");
    play.say("<iq id='h' from='localhost' type='result'/>");
    expect((await request).child()?.name).toBe('one');
    expect(client.status.state).toBe('online');
  });

  test.each([
    ['no one', "type='result'"],
    ['another account', "type='result' from='tybalt@localhost'"],
    ['the account asked, of another resource', "type='result' from='romeo@localhost/ship'"],
    ['ourselves', "type='error' from='juliet@localhost/balcony'"],
    ['our account', "type='error' from='juliet@localhost'"],
    ['the server', "type='error' from='localhost'"],
    ['no address', "type='result' from='@@'"],
  ])('an answer of %s to a request of another is none', async (_name, attributes) => {
    const { play, client } = await withRoster();
    const to = 'Romeo@localhost/orchard';
    const request = client.request(
      xml('iq', { type: 'get', id: 'h', to }, xml('hello', { xmlns: 'urn:x' })),
    );
    play.say(`<iq id='h' ${attributes}/>`);
    play.say("<iq id='h' type='result' from='romeo@localhost/orchard'><true xmlns='urn:x'/></iq>");
    expect((await request).child()?.name).toBe('true');
  });

  test.each([
    ['', true],
    [" from='juliet@localhost'", true],
    [" from='juliet@localhost/balcony'", true],
    [" from='localhost'", true],
    [" from='tybalt@localhost'", false],
    [" from='juliet@localhost/vault'", false],
    [" from='@'", false],
  ])('an answer with%s is one of our account: %s', async (from, isOne) => {
    const { play, client } = await withRoster();
    const request = client.request(
      xml('iq', { type: 'get', id: 'h' }, xml('hello', { xmlns: 'urn:x' })),
      { timeoutMs: 20 },
    );
    play.say(`<iq id='h' type='result'${from}/>`);
    const settled = await request.then(
      () => true,
      () => false,
    );
    expect(settled).toBe(isOne);
  });

  test.each([
    ['nobody', '<iq/>'],
    ['an answer to nothing', "<iq type='error' id='x'/>"],
    ['a message of nobody', "<message from='@@' to=''/>"],
    ['presence of no address', "<presence from='///'/>"],
    ['presence without an address', '<presence/>'],
    ['a priority out of range', "<presence from='a@b/c'><priority>999999</priority></presence>"],
    ['an acknowledgement too many', "<a xmlns='urn:xmpp:sm:3' h='0'/>"],
    ['features', '<stream:features/>'],
  ])('%s is passed over', async (_name, text) => {
    const { play, client } = await withRoster();
    play.say(text);
    play.say(`<iq type='get' id='after'><ping xmlns='${NS.ping}'/></iq>`);
    await eventually(() => play.heard.join('')).toMatch(/id="after"/);
    expect(client.status.state).toBe('online');
    expect(play.opened).toHaveLength(1);
  });

  test.each([
    ['text', 'hello', 'bad-format'],
    ['a comment', '<!-- hello -->', 'restricted-xml'],
    ['what is not well-formed', '<a></b>', 'not-well-formed'],
    ['an element that was not asked for', "<a xmlns='urn:x'/>", 'unsupported-stanza-type'],
    ['success again', `<success xmlns='${NS.sasl}'/>`, 'unsupported-stanza-type'],
    ['TLS again', `<proceed xmlns='${NS.tls}'/>`, 'unsupported-stanza-type'],
    ['a session again', "<enabled xmlns='urn:xmpp:sm:3'/>", 'unsupported-stanza-type'],
    ['a count that is none', "<a xmlns='urn:xmpp:sm:3' h='-1'/>", 'bad-format'],
    ['a count too high', "<a xmlns='urn:xmpp:sm:3' h='99'/>", 'undefined-condition'],
  ])('%s ends it, and another begins after a pause', async (_name, text, condition) => {
    const { play, client } = await withRoster();
    const errors: unknown[] = [];
    client.onStatus((status) => status.state === 'waiting' && errors.push(status.error));
    play.say(text);
    await eventually(() => client.status).toMatchObject({ state: 'online', isResumed: false });
    expect(errors).toMatchObject([{ name: 'StreamError', condition, isOwn: true }]);
    expect(play.heard[0]).toContain(`<${condition} `);
  });

  test.each([
    ['a port of another host', 'other.example:5299', 'xmpp://other.example:5299'],
    ['another host', 'other.example', 'xmpp://other.example'],
    ['an address', '[::1]:5299', 'xmpp://[::1]:5299'],
    ['nowhere', '', 'xmpp://localhost'],
    ['a blank', ' ', 'xmpp://localhost'],
    ['half an address', '[::1', 'xmpp://localhost'],
    ['a user', 'juliet:secret@other.example', 'xmpp://localhost'],
    ['a path', 'other.example/../x?y#z', 'xmpp://localhost'],
    ['a port that is none', 'other.example:99999', 'xmpp://localhost'],
    ['a line break', 'other.exa\nmple', 'xmpp://localhost'],
  ])('sent to %s the client goes there if it is a place', async (_name, elsewhere, uri) => {
    const { play, client } = await withRoster();
    play.say(
      `<stream:error><see-other-host xmlns='${NS.streamErrors}'>${elsewhere}</see-other-host>` +
        '</stream:error>',
    );
    await eventually(() => client.status).toMatchObject({ state: 'online', uri });
  });
});
