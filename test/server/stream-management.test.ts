/*
 * XEP-0198 on the whole server, from its client's side: enabling, counting, resuming, and each of them in a state where
 * it is not expected or cannot be done. What happens to others meanwhile is in test/scenes/stream-management.md, the
 * machine alone in test/protocol/stream-management.test.ts.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Element } from 'tercet';
import type { MemoryAccounts } from 'tercet/server';
import { tcpHeader } from '../protocol/host.js';
import { Client, Stage, makeAccounts } from './play.js';

let accounts: MemoryAccounts;

beforeAll(async () => {
  accounts = await makeAccounts('juliet', 'romeo');
});

const ns = "xmlns='urn:xmpp:sm:3'";
const enable = (attributes = ''): string => `<enable ${ns} ${attributes}/>`;
const resume = (id: string, h: number | string = 0): string =>
  `<resume ${ns} previd='${id}' h='${h}'/>`;
const ask = `<r ${ns}/>`;
const bind =
  "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>";

const newStage = (): Stage => new Stage({ accounts, rates: false });

/** Juliet with a stream that has no resource yet. */
async function arrive(stage: Stage, local = 'juliet'): Promise<Client> {
  const client = new Client(stage.server);
  await client.logIn(local, null);
  client.hear();
  return client;
}

async function enter(stage: Stage, attributes?: string): Promise<Client> {
  const client = await stage.enter('juliet', 'balcony');
  client.hear();
  if (attributes !== undefined) client.say(enable(attributes));
  return client;
}

const said = (client: Client): string[] => client.hear().map(({ name }) => name);

function expectFailure(heard: Element | undefined, condition: string): void {
  expect(heard?.name).toBe('failed');
  expect(heard?.ns).toBe('urn:xmpp:sm:3');
  expect(heard?.child(condition, 'urn:ietf:params:xml:ns:xmpp-stanzas')).toBeDefined();
}

const streamError = (client: Client): string =>
  /<stream:error[^>]*><([\w-]+)/.exec(client.text)?.[1] ?? '';

describe('what is offered', () => {
  test('is so once the client has authenticated, and not before', async () => {
    const stage = newStage();
    const client = new Client(stage.server);
    client.say(tcpHeader);
    expect(client.text).toContain('</stream:features>');
    expect(client.text).not.toContain('urn:xmpp:sm:3');
    const bound = await arrive(stage);
    expect(bound.text.slice(bound.text.indexOf('<success'))).toContain('<sm xmlns="urn:xmpp:sm:3"');
  });
});

describe('enabling', () => {
  test('is confirmed', async () => {
    const [enabled] = (await enter(newStage(), '')).hear();
    expect(enabled.name).toBe('enabled');
    expect(enabled.attr('resume')).toBeUndefined();
  });

  test.each(['true', '1'])(
    'for resumption (%s) gives a name that nobody else has',
    async (word) => {
      const stage = newStage();
      const ids = new Set<string>();
      for (const client of [await enter(stage), await enter(stage), await enter(stage)]) {
        client.say(enable(`resume='${word}'`));
        const [enabled] = client.hear();
        expect(enabled.attr('resume')).toMatch(/^(true|1)$/);
        expect(Number(enabled.attr('max'))).toBeGreaterThan(0);
        ids.add(enabled.attr('id') ?? '');
      }
      expect(ids.size).toBe(3);
      for (const id of ids) expect(id.length).toBeGreaterThan(10);
    },
  );

  test('for less time than the server would grant is granted, for more is not', async () => {
    const stage = newStage();
    for (const [wanted, granted] of [
      [60, '60'],
      [100_000, '300'],
    ] as const) {
      const [enabled] = (await enter(stage, `resume='true' max='${wanted}'`)).hear();
      expect(enabled.attr('max')).toBe(granted);
    }
  });

  test('without a resource fails, and the stream goes on', async () => {
    const client = await arrive(newStage());
    client.say(enable());
    expectFailure(client.hear()[0], 'unexpected-request');
    client.say(bind);
    expect(client.hear()[0].attr('type')).toBe('result');
    client.say(enable());
    expect(said(client)).toEqual(['enabled']);
  });

  test('before authentication fails or ends the stream, and enables nothing', () => {
    const client = new Client(newStage().server);
    client.say(tcpHeader + enable());
    expect(client.text).not.toContain('<enabled');
    expect(client.text).toMatch(/<failed|<stream:error>/);
  });

  test('twice ends the stream', async () => {
    const client = await enter(newStage(), '');
    client.hear();
    client.say(enable());
    expect(said(client)).not.toContain('enabled');
    expect(streamError(client)).toBe('policy-violation');
  });
});

describe('counting', () => {
  test('is of stanzas from enabling on, whatever their kind and fate', async () => {
    const client = await enter(newStage());
    client.say('<presence/>');
    client.say(enable());
    client.hear();
    const stanzas = [
      '<presence/>',
      "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
      "<iq type='get' id='2' to='localhost'><query xmlns='urn:x:unheard-of'/></iq>",
      "<message to='romeo@localhost'><body>x</body></message>",
      "<message to='nobody@localhost'><body>x</body></message>",
      "<message to='@'/>",
      "<presence type='nonsense'/>",
    ];
    for (const [index, stanza] of stanzas.entries()) {
      client.say(`${stanza} \n${ask}`);
      const acks = client.hear().filter(({ name }) => name === 'a');
      expect(acks.map((ack) => ack.attr('h'))).toEqual([String(index + 1)]);
    }
    // White space and what is no stanza count for nothing.
    client.say(` ${ask}${ask}<a ${ns} h='0'/>${ask}`);
    const acks = client.hear().filter(({ name }) => name === 'a');
    expect(acks.map((ack) => ack.attr('h'))).toEqual(['7', '7', '7']);
  });

  test('begins with 0', async () => {
    const client = await enter(newStage(), '');
    client.say(ask);
    expect(client.hear().at(-1)?.attr('h')).toBe('0');
  });

  test.each(['5', '4294967295'])('up to more than was sent (%s) ends the stream', async (h) => {
    const client = await enter(newStage(), '');
    client.say(`<a ${ns} h='${h}'/>`);
    expect(streamError(client)).toBe('undefined-condition');
    expect(client.text).toContain(
      `<handled-count-too-high xmlns="urn:xmpp:sm:3" h="${h}" send-count="0"/>`,
    );
  });

  test('is asked of the client, who is not asked to answer for more', async () => {
    const stage = newStage();
    const client = await enter(stage, '');
    client.say('<presence/>');
    const romeo = await stage.enter('romeo', 'orchard');
    for (let count = 0; count < 10; count++) {
      romeo.say("<message to='juliet@localhost' type='chat'><body>x</body></message>");
    }
    const heard = said(client);
    expect(heard.filter((name) => name === 'r')).toHaveLength(1);
    const count = heard.filter((name) => name === 'message' || name === 'presence').length;
    client.say(`<a ${ns} h='${count}'/>${ask}`);
    expect(said(client)).toEqual(['a']);
  });

  test.each([ask, `<a ${ns} h='0'/>`])(
    'is nothing to speak of where it is not enabled: %s',
    async (nonza) => {
      const client = await enter(newStage());
      client.say(nonza);
      expect(said(client)).not.toContain('a');
      expect(streamError(client)).toBe('unsupported-stanza-type');
    },
  );
});

describe('resuming', () => {
  /** A session that was lost with `count` stanzas handled, and its name. */
  async function lose(stage: Stage, count = 0): Promise<string> {
    const client = await enter(stage, "resume='true'");
    const id = client.hear()[0].attr('id') ?? '';
    for (let index = 0; index < count; index++) client.say("<message to='localhost'/>");
    client.connection.disconnected();
    return id;
  }

  test('goes on, with the counts of both and the same resource', async () => {
    const stage = newStage();
    const client = await enter(stage, "resume='true'");
    const id = client.hear()[0].attr('id') ?? '';
    client.say('<presence/>');
    client.hear();
    client.connection.disconnected();
    const romeo = await stage.enter('romeo', 'orchard');
    for (const name of ['1', '2']) {
      romeo.say(`<message to='juliet@localhost/balcony' id='${name}'><body>x</body></message>`);
    }
    const again = await arrive(stage);
    again.say(resume(id, 1));
    const [resumed, ...messages] = again.hear();
    expect(resumed.name).toBe('resumed');
    expect(resumed.attrs).toMatchObject({ previd: id, h: '1' });
    expect(messages.flatMap(({ name, attrs }) => (name === 'message' ? [attrs.id] : []))).toEqual([
      '1',
      '2',
    ]);
    expect(again.jid).toBe('juliet@localhost/balcony');
    again.say(`<presence/>${ask}`);
    expect(
      again
        .hear()
        .find(({ name }) => name === 'a')
        ?.attr('h'),
    ).toBe('2');
  });

  test.each([
    ['nobody', 'item-not-found'],
    ['', 'bad-request'],
  ])('a session that never was (%j) fails, and a resource can be bound', async (id, condition) => {
    const client = await arrive(newStage());
    client.say(resume(id));
    expectFailure(client.hear()[0], condition);
    client.say(bind);
    expect(client.hear()[0].attr('type')).toBe('result');
  });

  test("somebody else's session fails in the same words", async () => {
    const stage = newStage();
    const id = await lose(stage, 2);
    const romeo = await arrive(stage, 'romeo');
    romeo.say(resume(id));
    const [failed] = romeo.hear();
    expectFailure(failed, 'item-not-found');
    expect(failed.attr('h')).toBeUndefined();
    const juliet = await arrive(stage);
    juliet.say(resume(id));
    expect(juliet.hear()[0].name).toBe('resumed');
  });

  test('a session that is over fails, and says how much of it was handled', async () => {
    const stage = newStage();
    const id = await lose(stage, 2);
    stage.wait(301_000);
    const client = await arrive(stage);
    client.say(resume(id));
    const [failed] = client.hear();
    expectFailure(failed, 'item-not-found');
    expect(failed.attr('h')).toBe('2');
  });

  test('a session that its client has left fails', async () => {
    const stage = newStage();
    const client = await enter(stage, "resume='true'");
    const id = client.hear()[0].attr('id') ?? '';
    client.say('</stream:stream>');
    const again = await arrive(stage);
    again.say(resume(id));
    expectFailure(again.hear()[0], 'item-not-found');
  });

  test('a session that was not to be resumed has no name to do it by', async () => {
    const stage = newStage();
    const client = await enter(stage, '');
    expect(client.hear()[0].attr('id')).toBeUndefined();
    client.connection.disconnected();
    expect([...stage.server.sessions.of('juliet@localhost')]).toEqual([]);
  });

  test('with a resource already bound fails, and the session that was lost stays', async () => {
    const stage = newStage();
    const id = await lose(stage);
    const other = await stage.enter('juliet', 'chamber');
    other.hear();
    other.say(resume(id));
    expectFailure(other.hear()[0], 'unexpected-request');
    other.say(enable());
    expect(said(other)).toEqual(['enabled']);
    const client = await arrive(stage);
    client.say(resume(id));
    expect(client.hear()[0].name).toBe('resumed');
  });

  test('before authentication resumes nothing', async () => {
    const stage = newStage();
    const id = await lose(stage);
    const client = new Client(stage.server);
    client.say(tcpHeader + resume(id));
    expect(client.text).not.toContain('<resumed');
    expect(client.text).toMatch(/<failed|<stream:error>/);
  });

  test('with a count of more than was sent ends the stream', async () => {
    const stage = newStage();
    const id = await lose(stage);
    const client = await arrive(stage);
    client.say(resume(id, 9));
    expect(said(client)).not.toContain('resumed');
    expect(client.text).toContain('<handled-count-too-high xmlns="urn:xmpp:sm:3" h="9"');
  });

  test('twice by one stream ends it or fails', async () => {
    const stage = newStage();
    const id = await lose(stage);
    const client = await arrive(stage);
    client.say(resume(id));
    client.hear();
    client.say(resume(id));
    expect(said(client)).not.toContain('resumed');
  });
});
