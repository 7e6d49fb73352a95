/*
 * Where a domain is found: SRV records (RFC 6120, section 3.2; XEP-0368; RFC 2782), host-meta (XEP-0156), and
 * what happens where a place cannot be reached or sends elsewhere.
 */
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { connect, webSocketTransport } from 'tercet/client';
import { developmentCertificate, listen, tcpTransport } from 'tercet/node';
import type { SrvRecord } from 'tercet/node';
import { createServer, MemoryAccounts } from 'tercet/server';
import { eventually } from './eventually.js';
import { Line } from './line.js';
import { managed, Play } from './play.js';

const never = new AbortController().signal;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('SRV records', () => {
  const record = (name: string, priority = 0, weight = 0, port = 5222): SrvRecord => ({
    name,
    port,
    priority,
    weight,
  });

  const discover = (
    records: Partial<Record<string, readonly SrvRecord[]>>,
  ): Promise<readonly string[]> =>
    tcpTransport({
      resolveSrv: async (name) => {
        const found = records[name];
        if (!found) throw new Error('ENODATA');
        return Promise.resolve(found);
      },
    }).discover('example.com', never);

  test('of both services are one list, by priority', async () => {
    const places = await discover({
      '_xmpps-client._tcp.example.com': [record('b.example.com', 10, 0, 5223)],
      '_xmpp-client._tcp.example.com': [record('c.example.com', 20), record('a.example.com', 5)],
    });
    expect(places).toEqual([
      'xmpp://a.example.com:5222',
      'xmpps://b.example.com:5223',
      'xmpp://c.example.com:5222',
    ]);
  });

  test('of one priority are chosen by weight', async () => {
    const equal = {
      '_xmpp-client._tcp.example.com': [record('light', 0, 1), record('heavy', 0, 3)],
    };
    // 0 and 1 of the numbers from 0 to 4.
    vi.spyOn(Math, 'random').mockReturnValue(0.39);
    expect((await discover(equal))[0]).toBe('xmpp://light:5222');
    vi.spyOn(Math, 'random').mockReturnValue(0.41);
    expect((await discover(equal))[0]).toBe('xmpp://heavy:5222');
  });

  test('without weight are found seldom beside others, and as often as each other', async () => {
    const firstOf = async (random: number, ...weights: number[]): Promise<string | undefined> => {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      const records = weights.map((weight, index) => record(`h${index}`, 0, weight));
      return (await discover({ '_xmpp-client._tcp.example.com': records }))[0];
    };
    expect(await firstOf(0, 9, 0)).toBe('xmpp://h1:5222');
    expect(await firstOf(0.1, 9, 0)).toBe('xmpp://h0:5222');
    expect(await firstOf(0.4, 0, 0)).toBe('xmpp://h0:5222');
    expect(await firstOf(0.6, 0, 0)).toBe('xmpp://h1:5222');
  });

  test('that say `.` mean that there is no such service', async () => {
    expect(await discover({ '_xmpp-client._tcp.example.com': [record('.')] })).toEqual([]);
  });

  test('that are absent leave the domain itself', async () => {
    expect(await discover({})).toEqual(['xmpp://example.com:5222']);
  });
});

describe('host-meta', () => {
  const discover = (files: Partial<Record<string, string>>): Promise<readonly string[]> =>
    webSocketTransport({
      fetch: (url) => {
        const body = typeof url === 'string' ? files[url] : undefined;
        return Promise.resolve(
          new Response(body ?? '', { status: body === undefined ? 404 : 200 }),
        );
      },
    }).discover('example.com', never);

  const json = 'https://example.com/.well-known/host-meta.json';
  const xrd = 'https://example.com/.well-known/host-meta';
  const rel = 'urn:xmpp:alt-connections:websocket';

  test('as JSON', async () => {
    const links = [
      { rel: 'urn:xmpp:alt-connections:xbosh', href: 'https://example.com/bosh' },
      { rel, href: 'wss://example.com/ws' },
      { rel, href: 'ws://example.com/in-clear' },
    ];
    expect(await discover({ [json]: JSON.stringify({ links }) })).toEqual(['wss://example.com/ws']);
  });

  test('as XML, with a declaration, comments and prefixes', async () => {
    const text = `<?xml version='1.0' encoding='utf-8'?>
      <!-- where we are -->
      <x:XRD xmlns:x='http://docs.oasis-open.org/ns/xri/xrd-1.0'>
        <x:Link rel='${rel}' href='wss://example.com/ws?a=1&amp;b=2'/>
      </x:XRD>`;
    expect(await discover({ [xrd]: text })).toEqual(['wss://example.com/ws?a=1&b=2']);
  });

  test('of which one is slow is read from the other', async () => {
    const links = { [json]: JSON.stringify({ links: [{ rel, href: 'wss://example.com/ws' }] }) };
    const files: [string, Partial<Record<string, string>>][] = [
      [xrd, links],
      [json, { [xrd]: `<XRD><Link rel='${rel}' href='wss://example.com/ws'/></XRD>` }],
    ];
    for (const [slow, others] of files) {
      const found = webSocketTransport({
        fetch: (url) =>
          url === slow
            ? new Promise(() => undefined)
            : Promise.resolve(new Response(typeof url === 'string' ? others[url] : '')),
      }).discover('example.com', never);
      expect(await found).toEqual(['wss://example.com/ws']);
    }
  });

  test('that was fetched in clear in the end names no place', async () => {
    const found = webSocketTransport({
      fetch: () => {
        const links = [{ rel, href: 'wss://elsewhere.example/ws' }];
        const response = new Response(JSON.stringify({ links }));
        Object.defineProperty(response, 'url', { value: 'http://example.com/host-meta.json' });
        return Promise.resolve(response);
      },
    }).discover('example.com', never);
    expect(await found).toEqual([]);
  });

  test('names only what can be a place', async () => {
    const hrefs = ['wss://', 'wss://[::1', 'wss://a:99999/', 7, 'https://a/', 'wss://b/'];
    const links = hrefs.map((href) => ({ rel, href }));
    expect(await discover({ [json]: JSON.stringify({ links }) })).toEqual(['wss://b/']);
  });

  test.each([
    ['absent', {}],
    ['broken', { [json]: '{ "links": [', [xrd]: '<XRD><Link' }],
    ['of another shape', { [json]: '{ "links": [null, 3, { "rel": 4 }] }', [xrd]: '<a/>' }],
    ['too long', { [json]: `${' '.repeat(70_000)}{}` }],
  ])('that is %s names no place', async (_name, files) => {
    expect(await discover(files)).toEqual([]);
  });
});

describe('connecting', () => {
  test('tries the places of a domain one after the other, and checks its name', async () => {
    const domain = 'verona.example';
    const accounts = new MemoryAccounts({ iterationCount: 4096 });
    await accounts.set('juliet', domain, 'balcony');
    const { authority: ca, ...certificate } = await developmentCertificate({ domain });
    const server = createServer({ domain, accounts });
    const listening = await listen(server, { port: 0, tlsPort: 0, certificate });
    const closed = createTcpServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port: deadPort } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const place = (port: number, priority: number): SrvRecord[] => [
      { name: '127.0.0.1', port, priority, weight: 0 },
    ];
    const client = await connect({
      jid: `juliet@${domain}`,
      password: 'balcony',
      transports: [
        tcpTransport({
          ca,
          resolveSrv: (name) =>
            Promise.resolve(
              name.startsWith('_xmpps') ? place(listening.tls?.port ?? 0, 2) : place(deadPort, 1),
            ),
        }),
      ],
    });
    expect(client.status).toMatchObject({ uri: `xmpps://127.0.0.1:${listening.tls?.port}` });
    await client.close();
    await listening.close(0);
  });

  test('says what was tried in vain', async () => {
    const line = new Line(createServer({ domain: 'localhost' }));
    line.discover = () => Promise.resolve(['xmpp://one', 'xmpp://two']);
    line.refusal = new Error('nobody is there');
    const failure = connect({ jid: 'juliet@localhost', password: 'p', transports: [line] });
    await expect(failure).rejects.toMatchObject({
      name: 'ConnectionError',
      code: 'connection-failed',
      message: 'no connection to xmpp://one (nobody is there), xmpp://two (nobody is there)',
      failures: [{ uri: 'xmpp://one' }, { uri: 'xmpp://two' }],
    });
  });

  test('gives up a place that says nothing, and a discovery too', async () => {
    const line = new Line(createServer({ domain: 'localhost' }));
    const silent = new Line(line.server);
    silent.discover = () => new Promise(() => undefined);
    line.open = () => new Promise(() => undefined);
    const failure = connect({
      jid: 'juliet@localhost',
      password: 'p',
      transports: [silent, line],
      connectMs: 30,
    });
    await expect(failure).rejects.toThrow(
      'no connection to xmpp://localhost (no answer within 30 ms)',
    );
  });

  test('without any place says so', async () => {
    const line = new Line(createServer({ domain: 'localhost' }));
    line.discover = () => Promise.resolve([]);
    const failure = connect({ jid: 'juliet@localhost', password: 'p', transports: [line] });
    await expect(failure).rejects.toThrow(
      'no way to localhost is known here: say where its service is',
    );
  });

  test('follows a server that sends elsewhere', async () => {
    const accounts = new MemoryAccounts({ iterationCount: 4096 });
    await accounts.set('juliet', 'localhost', 'balcony');
    const line = new Line(createServer({ domain: 'localhost', accounts }));
    const open = line.open.bind(line);
    line.open = (endpoint, events) => {
      if (endpoint.uri !== 'xmpp://localhost') return open(endpoint, events);
      const text =
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' " +
        "from='localhost' id='1' version='1.0'><stream:error>" +
        "<see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>other.example:5222" +
        '</see-other-host></stream:error></stream:stream>';
      setTimeout(() => events.receive(new TextEncoder().encode(text)));
      const nothing = (): void => undefined;
      return Promise.resolve({
        ...{ isEncrypted: true, bufferedBytes: 0 },
        ...{ write: nothing, close: nothing, destroy: nothing },
      });
    };
    const client = await connect({
      jid: 'juliet@localhost',
      password: 'balcony',
      transports: [line],
    });
    expect(client.status).toMatchObject({ uri: 'xmpp://other.example:5222' });
    await client.close();
  });

  test('goes where the session is to go on, and on from there', async () => {
    const play = new Play({
      features: managed,
      answer: (element) =>
        element.startsWith('<enable')
          ? "<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true' location='[::1]:5299'/>"
          : undefined,
    });
    const open = play.open.bind(play);
    let isThere = true;
    play.open = (endpoint, events) => {
      if (isThere || !endpoint.uri.includes('5299')) return open(endpoint, events);
      play.opened.push(endpoint.uri);
      return Promise.reject(new Error('nobody is there'));
    };
    const client = await connect({
      jid: 'juliet@localhost/balcony',
      password: 'p',
      transports: [play],
      reconnect: { minMs: 1, maxMs: 2 },
    });
    play.cut();
    await eventually(() => client.status).toMatchObject({
      state: 'online',
      isResumed: true,
      uri: 'xmpp://[::1]:5299',
    });
    isThere = false;
    play.cut();
    await eventually(() => client.status).toMatchObject({ uri: 'xmpp://localhost' });
    expect(client.status).toMatchObject({ state: 'online', isResumed: true });
    expect(play.opened).toEqual([
      'xmpp://localhost',
      'xmpp://[::1]:5299',
      'xmpp://[::1]:5299',
      'xmpp://localhost',
    ]);
    await client.close();
  });
});
