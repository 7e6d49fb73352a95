/*
 * The server around its streams, in memory: who gets which resource, what is written when, who is cut off
 * and how it ends.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { UsageError, xml } from 'tercet';
import type { Element } from 'tercet';
import { createServer, lineLog, standardModules } from 'tercet/server';
import type { Accounts, MemoryAccounts, ServerModule } from 'tercet/server';
import { webSocketFraming } from 'tercet/transport';
import { bindRequest, tcpHeader, webSocketHeader } from '../protocol/host.js';
import { Client, Stage, makeAccounts } from './play.js';
import { SlowStorage } from './slow-storage.js';

let accounts: MemoryAccounts;

beforeAll(async () => {
  accounts = await makeAccounts('juliet', 'romeo');
});

const message = (to: string, body = 'Hi') => `<message to='${to}'><body>${body}</body></message>`;

describe('a resource', () => {
  test('is the one that the client names, in canonical form', async () => {
    const juliet = await new Stage({ accounts }).enter('juliet', 'The Balcony');
    expect(juliet.jid).toBe('juliet@localhost/The Balcony');
  });

  test('is generated where the client names none, and hard to guess', async () => {
    const stage = new Stage({ accounts });
    const first = await stage.enter('juliet');
    const second = await stage.enter('juliet');
    expect(first.jid).toMatch(/^juliet@localhost\/[A-Za-z0-9_-]{12}$/);
    expect(second.jid).not.toBe(first.jid);
  });

  test('that is taken is replaced by a generated one', async () => {
    const stage = new Stage({ accounts });
    const first = await stage.enter('juliet', 'balcony');
    const second = await stage.enter('juliet', 'balcony');
    expect(first.jid).toBe('juliet@localhost/balcony');
    expect(second.jid).toMatch(/^juliet@localhost\/[A-Za-z0-9_-]{12}$/);
  });

  test('that is taken may be refused', async () => {
    const stage = new Stage({ accounts, conflict: 'refuse' });
    await stage.enter('juliet', 'balcony');
    const second = await stage.enter('juliet', 'balcony');
    expect(second.jid).toBe('');
    expect(second.text).toContain('<conflict xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>');
  });

  test('that is taken may be taken over', async () => {
    const stage = new Stage({ accounts, conflict: 'replace' });
    const first = await stage.enter('juliet', 'balcony');
    const second = await stage.enter('juliet', 'balcony');
    stage.server.flush();
    expect(first.text).toContain('<conflict xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>');
    expect(first.jid).toBe('');
    expect(second.jid).toBe('juliet@localhost/balcony');
    expect(stage.server.sessions.count).toBe(1);
  });

  test('that breaks a rule of addresses is refused', async () => {
    const juliet = await new Stage({ accounts }).enter('juliet', '&#9;');
    expect(juliet.jid).toBe('');
    expect(juliet.text).toContain('<bad-request ');
  });

  test('more than the limit is refused', async () => {
    const stage = new Stage({ accounts, maxResources: 2 });
    await stage.enter('juliet');
    await stage.enter('juliet');
    const third = await stage.enter('juliet');
    expect(third.text).toContain('<resource-constraint ');
    const romeo = await stage.enter('romeo');
    expect(romeo.jid).not.toBe('');
  });
});

describe('what a client is sent', () => {
  test.each([
    ['its end', '</stream:stream>'],
    ['a stream error', "<foo xmlns='urn:x'/>"],
    ['bytes that are no XML', '<<'],
  ])('before %s is the same however the input is cut', async (_name, end) => {
    const pieces = [
      "<iq type='get' id='p1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
      "<message to='nobody@localhost' type='groupchat' id='m1'/>",
      end,
    ];
    const heard: Element[][] = [];
    for (const chunks of [pieces, [pieces.join('')]]) {
      const juliet = await new Stage({ accounts }).enter('juliet', 'balcony');
      for (const chunk of chunks) juliet.say(chunk);
      heard.push(juliet.hear());
      expect(juliet.text.endsWith('</stream:stream>')).toBe(true);
    }
    const [apart, whole] = heard;
    expect(apart.slice(0, 2).map((stanza) => stanza.attr('id'))).toEqual(['p1', 'm1']);
    expect(whole).toHaveLength(apart.length);
    expect(whole.every((stanza, index) => stanza.equals(apart[index]))).toBe(true);
  });

  test('answers all that was sent ahead on WebSocket, the end included', async () => {
    const stage = new Stage({ accounts });
    let heard = '';
    let isClosed = false;
    const connection = stage.server.connect(
      {
        write: (units) => {
          for (const unit of units) heard += new TextDecoder().decode(unit);
          return 0;
        },
        startTls: () => undefined,
        close: () => (isClosed = true),
        destroy: () => undefined,
      },
      { framing: webSocketFraming },
    );
    const auth = Buffer.from('\0juliet\0juliet').toString('base64');
    for (const text of [
      webSocketHeader,
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${auth}</auth>`,
      webSocketHeader,
      bindRequest.replace('<iq', "<iq xmlns='jabber:client'"),
      "<iq xmlns='jabber:client' type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>",
      "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
    ]) {
      connection.receive(new TextEncoder().encode(text));
    }
    await expect.poll(() => isClosed).toBe(true);
    expect(heard).toMatch(/<success.*id="b1".*id="p1".*<close /);
  });

  test('in one turn is one write, in order', async () => {
    const stage = new Stage({ accounts });
    const juliet = await stage.enter('juliet', 'balcony');
    const romeo = await stage.enter('romeo', 'orchard');
    const before = romeo.writes.length;
    juliet.connection.receive(
      new TextEncoder().encode(
        ['1', '2', '3'].map((body) => message('romeo@localhost/orchard', body)).join(''),
      ),
    );
    expect(romeo.writes).toHaveLength(before);
    stage.server.flush();
    expect(romeo.writes).toHaveLength(before + 1);
    expect(romeo.hear().map((stanza) => stanza.child('body')?.text)).toEqual(['1', '2', '3']);
  });

  test('has the language of the sender where the stanza has none', async () => {
    const stage = new Stage({ accounts });
    const juliet = await stage.enter('juliet', 'balcony');
    const poet = new Client(stage.server);
    await poet.logIn('romeo', 'orchard', { header: "xml:lang='it'" });
    poet.say(message(juliet.jid));
    poet.say("<message xml:lang='en' to='juliet@localhost/balcony'/>");
    expect(juliet.hear().map((stanza) => stanza.attrs['xml:lang'])).toEqual(['it', 'en']);
  });

  test('stands alone, even where the sender declared a prefix on its stream', async () => {
    const stage = new Stage({ accounts });
    const juliet = await stage.enter('juliet', 'balcony');
    const romeo = new Client(stage.server);
    await romeo.logIn('romeo', 'orchard', { header: "xmlns:x='urn:x'" });
    romeo.say(`<message to='${juliet.jid}'><x:y x:z='1'/></message>`);
    const [heard] = juliet.hear();
    expect(heard.child('y', 'urn:x')?.attr('z', 'urn:x')).toBe('1');
  });

  test('and does not read is bounded: a slow reader is cut off', async () => {
    const stage = new Stage({ accounts, maxQueueBytes: 1000 });
    const juliet = await stage.enter('juliet', 'balcony');
    const romeo = await stage.enter('romeo', 'orchard');
    romeo.waiting = 1001;
    juliet.say(message(romeo.jid));
    expect(romeo.isDestroyed).toBe(true);
    expect(stage.server.sessions.count).toBe(1);
    expect(stage.log).toContainEqual(
      expect.objectContaining({ level: 'warn', event: 'slow reader cut' }),
    );
    juliet.hear();
    juliet.say("<message to='romeo@localhost/orchard' type='groupchat'/>");
    expect(juliet.hear().map((stanza) => stanza.attr('type'))).toEqual(['error']);
  });

  test('is bounded within one turn too', async () => {
    const stage = new Stage({ accounts, maxQueueBytes: 1000 });
    const juliet = await stage.enter('juliet', 'balcony');
    const romeo = await stage.enter('romeo', 'orchard');
    const stanzas = message('romeo@localhost/orchard', 'x'.repeat(100)).repeat(20);
    juliet.connection.receive(new TextEncoder().encode(stanzas));
    expect(romeo.isDestroyed).toBe(true);
  });
});

describe('the end', () => {
  test('of the server is told to everybody, wherever they are', async () => {
    const stage = new Stage({ accounts, closeMs: 2000 });
    const juliet = await stage.enter('juliet', 'balcony');
    const romeo = await stage.enter('romeo', 'orchard', 'websocket');
    const stranger = new Client(stage.server);
    stage.server.stop();
    for (const client of [juliet, romeo, stranger]) {
      expect(client.text).toContain(
        '<system-shutdown xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>',
      );
    }
    expect(stranger.text).toMatch(/^<\?xml version='1.0'\?><stream:stream /);
    expect(stage.server.sessions.count).toBe(0);
    juliet.say('</stream:stream>');
    expect(juliet.isClosed).toBe(true);
    expect(romeo.isClosed).toBe(false);
    stage.wait(2000);
    expect(romeo.isClosed).toBe(true);
    expect(stage.server.connectionCount).toBe(0);
    const late = new Client(stage.server);
    stage.server.flush();
    expect(late.text).toContain('system-shutdown');
  });

  test('of a stream is not the end of the server when a module fails at it', async () => {
    const ended: string[] = [];
    const failing: ServerModule = {
      name: 'failing',
      ended: () => {
        throw new Error('no more');
      },
      available: () => {
        throw new Error('nobody');
      },
    };
    const after: ServerModule = { name: 'after', ended: ({ jid }) => void ended.push(jid) };
    const modules = [failing, ...standardModules(), after];
    const stage = new Stage({ accounts, modules });
    const juliet = await stage.enter('juliet', 'balcony');
    const romeo = await stage.enter('romeo', 'orchard');
    juliet.say('<presence/>');
    juliet.connection.disconnected();
    expect(ended).toEqual(['juliet@localhost/balcony']);
    expect(stage.server.connectionCount).toBe(1);
    romeo.say(message('romeo@localhost/orchard', 'still here'));
    expect(romeo.hear().map(({ name }) => name)).toContain('message');
    expect(stage.log).toContainEqual(
      expect.objectContaining({ level: 'error', event: 'a module failed' }),
    );
  });

  test('comes with an error to the stream at which something of ours fails, and to no other', async () => {
    const stage = new Stage({ accounts });
    const romeo = await stage.enter('romeo', 'orchard');
    const heard: string[] = [];
    let isClosed = false;
    const connection = stage.server.connect(
      {
        write: (units) => heard.push(units.map((unit) => new TextDecoder().decode(unit)).join('')),
        startTls: () => {
          throw new Error('no certificate');
        },
        close: () => (isClosed = true),
        destroy: () => undefined,
      },
      { tls: 'offered' },
    );
    const say = (text: string): void => connection.receive(new TextEncoder().encode(text));
    say(tcpHeader);
    say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    expect(isClosed).toBe(true);
    expect(stage.server.connectionCount).toBe(1);
    expect(stage.log).toContainEqual(
      expect.objectContaining({ level: 'error', event: 'a stream failed' }),
    );
    romeo.say(message('romeo@localhost/orchard'));
    expect(romeo.hear()).toHaveLength(1);
  });

  test('of the accounts is a temporary failure, whether they throw at once or later', async () => {
    for (const fail of [
      () => {
        throw new Error('no more');
      },
      () => Promise.reject(new Error('no more')),
    ]) {
      const failing: Accounts = { exists: () => true, answer: fail };
      const stage = new Stage({ accounts: failing });
      const juliet = await stage.enter('juliet');
      expect(juliet.text).toContain('<temporary-auth-failure/>');
    }
  });

  test('does not come with a log that fails', async () => {
    const stage = new Stage({
      accounts,
      log: () => {
        throw new Error('disk full');
      },
    });
    const juliet = await stage.enter('juliet', 'balcony');
    expect(juliet.jid).toBe('juliet@localhost/balcony');
  });

  test('comes to those who are too many, with a reason and at once', async () => {
    const stage = new Stage({ accounts, maxConnections: 1 });
    const juliet = await stage.enter('juliet', 'balcony');
    const late = new Client(stage.server);
    expect(late.text).toContain(
      '<resource-constraint xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>',
    );
    expect(late.text.endsWith('</stream:stream>')).toBe(true);
    expect(late.isClosed).toBe(true);
    expect(stage.server.connectionCount).toBe(1);
    juliet.connection.disconnected();
    const romeo = await stage.enter('romeo', 'orchard');
    expect(romeo.jid).toBe('romeo@localhost/orchard');
  });

  test('comes to those who are too many at one address, until others of them have gone', () => {
    const stage = new Stage({ accounts, maxConnectionsPerAddress: 2 });
    const connect = (address: string) => {
      let text = '';
      const connection = stage.server.connect(
        {
          write: (units) => {
            for (const unit of units) text += new TextDecoder().decode(unit);
            return 0;
          },
          startTls: () => undefined,
          close: () => undefined,
          destroy: () => undefined,
        },
        { address },
      );
      stage.server.flush();
      return { connection, isRefused: text.includes('<policy-violation ') };
    };
    const [first, second, third] = ['a', 'a', 'a'].map(connect);
    expect([first, second, third].map(({ isRefused }) => isRefused)).toEqual([false, false, true]);
    expect(connect('b').isRefused).toBe(false);
    first.connection.disconnected();
    expect(connect('a').isRefused).toBe(false);
    expect(connect('a').isRefused).toBe(true);
  });

  test('of a transport that fails is not that of the others', async () => {
    const stage = new Stage({ accounts });
    const romeo = await stage.enter('romeo', 'orchard');
    let isDestroyed = false;
    const fail = () => {
      throw new Error('broken');
    };
    stage.server.connect({
      write: fail,
      startTls: fail,
      close: fail,
      destroy: () => (isDestroyed = true),
    });
    stage.server.stop();
    expect(isDestroyed).toBe(true);
    expect(romeo.text).toContain('system-shutdown');
    expect(stage.server.connectionCount).toBe(1);
  });

  test('comes to those who do not log in', () => {
    const stage = new Stage({ accounts, negotiationMs: 5000 });
    const client = new Client(stage.server);
    client.say(tcpHeader);
    stage.wait(4999);
    expect(client.text).not.toContain('stream:error');
    stage.wait(1);
    expect(client.text).toContain('<connection-timeout ');
  });
});

describe('modules', () => {
  test('answer requests and announce what they answer', async () => {
    const hello: ServerModule = {
      name: 'hello',
      features: ['urn:example:hello'],
      requests: [
        {
          name: 'hello',
          ns: 'urn:example:hello',
          at: ['server'],
          get: () => xml('hello', { xmlns: 'urn:example:hello' }, 'world'),
        },
      ],
    };
    const stage = new Stage({ accounts, modules: [...standardModules(), hello] });
    const juliet = await stage.enter('juliet', 'balcony');
    juliet.say("<iq type='get' id='1' to='localhost'><hello xmlns='urn:example:hello'/></iq>");
    expect(juliet.hear()[0].child('hello')?.text).toBe('world');
    juliet.say(
      "<iq type='get' id='2' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    );
    const features = juliet.hear()[0].child('query')?.elements('feature') ?? [];
    expect(features.map((feature) => feature.attr('var'))).toContain('urn:example:hello');
  });

  test('that fail cost their stanza, not the stream', async () => {
    const broken: ServerModule = {
      name: 'broken',
      stanza({ stanza }) {
        if (stanza.attr('to') === 'localhost') throw new Error('broken');
        return false;
      },
    };
    const stage = new Stage({ accounts, modules: [broken, ...standardModules()] });
    const juliet = await stage.enter('juliet', 'balcony');
    juliet.say(message('localhost'));
    expect(juliet.hear()[0].child('error')?.child()?.name).toBe('internal-server-error');
    juliet.say(message('juliet@localhost/balcony'));
    expect(juliet.hear()).toHaveLength(1);
  });

  test('are all there is: without any, requests are refused', async () => {
    const stage = new Stage({ accounts, modules: [] });
    const juliet = await stage.enter('juliet', 'balcony');
    juliet.say("<iq type='get' id='1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
    expect(juliet.hear()[0].child('error')?.child()?.name).toBe('service-unavailable');
  });
});

describe('what a client caused', () => {
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
  const enable = "<enable xmlns='urn:xmpp:sm:3'/>";
  const toRomeo = `${message('romeo@localhost')}<r xmlns='urn:xmpp:sm:3'/>`;

  async function begin() {
    const storage = new SlowStorage();
    const delays: (() => void)[] = [];
    const stage = new Stage({ accounts, storage, delay: (action) => delays.push(action) });
    const juliet = await stage.enter('juliet', 'balcony');
    juliet.say(enable);
    juliet.hear();
    const commit = (): void => {
      for (const action of delays.splice(0)) action();
    };
    return { storage, stage, juliet, commit };
  }

  test('is acknowledged when it lasts, and not before', async () => {
    const { storage, juliet, commit } = await begin();
    juliet.say(toRomeo);
    juliet.say("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
    expect(juliet.hear()).toEqual([]);
    commit();
    expect(juliet.hear()).toEqual([]);
    storage.finish();
    await turn();
    expect(juliet.hear().map(({ name }) => name)).toEqual(['a', 'iq']);
  });

  test('holds nobody else up, and not the end of the stream either', async () => {
    const { storage, stage, juliet, commit } = await begin();
    const romeo = await stage.enter('romeo', 'orchard');
    juliet.say(`${toRomeo}${message(romeo.jid)}</stream:stream>`);
    expect(romeo.hear().map(({ name }) => name)).toEqual(['message']);
    expect(juliet.isClosed).toBe(false);
    commit();
    storage.finish();
    await turn();
    expect(juliet.text).toMatch(/<a [^>]*h="1"\/><\/stream:stream>$/);
    expect(juliet.isClosed).toBe(true);
  });

  test('is not acknowledged when it cannot be stored: the stream is cut', async () => {
    const { storage, stage, juliet, commit } = await begin();
    juliet.say(toRomeo);
    commit();
    storage.finish(new Error('disk full'));
    await turn();
    expect(juliet.text).not.toContain('<a ');
    expect(juliet.isDestroyed).toBe(true);
    expect(stage.log).toContainEqual(
      expect.objectContaining({ level: 'error', event: 'nothing can be stored' }),
    );
  });
});

describe('the log', () => {
  test('names events and addresses, never a password or a body', async () => {
    const own = await makeAccounts('juliet');
    await own.set('juliet', 'localhost', 'a-secret-word');
    const stage = new Stage({ accounts: own });
    const juliet = new Client(stage.server);
    await juliet.logIn('juliet', undefined, { password: 'a-secret-word' });
    juliet.say(message('juliet@localhost', 'a-secret-word'));
    const text = JSON.stringify(stage.log);
    expect(text).toContain('juliet@localhost/');
    expect(text).not.toContain('secret');
    expect(text).not.toContain(Buffer.from('\0juliet\0a-secret-word').toString('base64'));
  });

  test('has one line an event, whatever a peer wrote', () => {
    const lines: string[] = [];
    const log = lineLog((line) => lines.push(line), 'info');
    log('info', 'bound', { id: 1, jid: 'a@b/c d="e"\n2026 error forged', peer: undefined });
    log('debug', 'not shown', {});
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z info bound id=1 jid="a@b\/c d=\\"e\\"\\n2026 error forged"$/,
    );
  });
});

describe('accounts', () => {
  const scram = { kind: 'scram-salt', hash: 'SHA-256' } as const;

  test('that do not exist look like those that do', async () => {
    const known = await accounts.answer({ ...scram, username: 'juliet' }, 'localhost');
    const unknown = await accounts.answer({ ...scram, username: 'tybalt' }, 'localhost');
    const again = await accounts.answer({ ...scram, username: 'tybalt' }, 'localhost');
    const other = await accounts.answer({ ...scram, username: 'paris' }, 'localhost');
    if (known.kind !== 'salt' || unknown.kind !== 'salt' || other.kind !== 'salt') {
      throw new Error('a salt was expected');
    }
    expect(unknown).toEqual(again);
    expect(unknown.salt).toHaveLength(known.salt.length);
    expect(unknown.iterationCount).toBe(known.iterationCount);
    expect(unknown.salt).not.toEqual(other.salt);
    const plain = { kind: 'plain', password: 'tybalt' } as const;
    expect(await accounts.answer({ ...plain, username: 'tybalt' }, 'localhost')).toEqual(
      await accounts.answer({ ...plain, username: 'juliet' }, 'localhost'),
    );
  });

  test('are found under their canonical name, and names that are none are unknown', async () => {
    const plain = { kind: 'plain', password: 'juliet' } as const;
    expect(await accounts.answer({ ...plain, username: 'Juliet' }, 'localhost')).toEqual({
      kind: 'accepted',
      local: 'juliet',
    });
    expect(await accounts.answer({ ...plain, username: 'juliet@x' }, 'localhost')).toEqual({
      kind: 'refused',
      condition: 'not-authorized',
    });
  });
});

test('a server does not take limits below those of RFC 6120', () => {
  const make = () =>
    createServer({
      domain: 'localhost',
      accounts,
      limits: { afterAuth: { maxStanzaBytes: 9999 } },
    });
  expect(make).toThrow(UsageError);
});
