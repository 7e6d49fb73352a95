/*
 * `tercet serve` over raw sockets: what no well-behaved client would send, and how the server leaves.
 */
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { bindRequest, plainAuth, tcpHeader, webSocketHeader } from '../protocol/host.js';
import { serve } from './serve.js';
import type { Serving } from './serve.js';

let serving: Serving;

beforeAll(async () => {
  serving = await serve('--rate', '0');
});

afterAll(async () => {
  await serving.stop();
});

const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/** A socket that remembers what it was sent. */
class Wire {
  text = '';
  isEnded = false;

  constructor(readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (this.text += text));
    socket.on('end', () => (this.isEnded = true));
    socket.on('error', () => undefined);
  }

  static async open(): Promise<Wire> {
    const socket = connect(serving.port, '127.0.0.1');
    await once(socket, 'connect');
    return new Wire(socket);
  }

  say(text: string): this {
    this.socket.write(text);
    return this;
  }

  async hears(text: string): Promise<this> {
    await vi.waitFor(() => expect(this.text).toContain(text), { timeout: 5000 });
    return this;
  }

  async ends(): Promise<void> {
    await vi.waitFor(() => expect(this.isEnded).toBe(true), { timeout: 5000 });
  }

  async logIn(): Promise<this> {
    this.say(tcpHeader).say(plainAuth);
    await this.hears('<success');
    this.say(tcpHeader);
    await this.hears('<session');
    this.say(bindRequest);
    return this.hears('<jid>');
  }
}

// All at once: the server waits two seconds for each client to close its stream, and none does.
describe.concurrent('a connection ends with an error', () => {
  test.each([
    ['for HTTP', 'GET / HTTP/1.1\r\n\r\n', 'not-well-formed'],
    ['for TLS where a header is expected', '\u0016\u0003\u0001\u0002\u0000', 'not-well-formed'],
    ['for another host', tcpHeader.replace('localhost', 'example.com'), 'host-unknown'],
    ['for a stanza before authentication', `${tcpHeader}<message/>`, 'not-authorized'],
    ['for a document type', `<!DOCTYPE x>${tcpHeader}`, 'restricted-xml'],
    ['for endless nesting', tcpHeader + '<a>'.repeat(20_000), 'policy-violation'],
    ['for an endless attribute', `${tcpHeader}<a b='${'x'.repeat(300_000)}`, 'policy-violation'],
    ['for a command behind STARTTLS', `${tcpHeader}${starttls}<message/>`, 'policy-violation'],
  ])('%s', async (_name, text, condition) => {
    const wire = await Wire.open();
    wire.say(text);
    await wire.hears(`<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>`);
    await wire.hears('</stream:stream>');
    await wire.ends();
    expect(wire.text.match(/<stream:stream /g)).toHaveLength(1);
    wire.socket.destroy();
  });

  test('after five wrong passwords', async () => {
    const wire = await Wire.open();
    wire.say(tcpHeader);
    const wrong = Buffer.from('\0juliet\0wrong').toString('base64');
    const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${wrong}</auth>`;
    wire.say(auth.repeat(6));
    await wire.hears('<policy-violation');
    expect(wire.text.match(/<not-authorized\/>/g)).toHaveLength(5);
    wire.socket.destroy();
  });
});

test('STARTTLS encrypts with a certificate that the authority signed', async () => {
  const wire = await Wire.open();
  wire.say(tcpHeader);
  await wire.hears('<starttls');
  wire.say(starttls);
  await wire.hears('<proceed');
  wire.socket.removeAllListeners('data');
  const ca = readFileSync(serving.authorityPath, 'utf8');
  const secure = connectTls({ socket: wire.socket, servername: 'localhost', ca });
  await once(secure, 'secureConnect');
  expect(secure.authorized).toBe(true);
  expect(secure.getPeerCertificate().subjectaltname).toContain('DNS:localhost');
  const inner = new Wire(secure);
  await inner.logIn();
  expect(inner.text).not.toContain('starttls');
  secure.destroy();
});

test('TLS from the start speaks the protocol xmpp-client', async () => {
  const secure = connectTls({
    port: serving.tlsPort,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: readFileSync(serving.authorityPath, 'utf8'),
    ALPNProtocols: ['xmpp-client'],
  });
  await once(secure, 'secureConnect');
  expect(secure.alpnProtocol).toBe('xmpp-client');
  await new Wire(secure).logIn();
  secure.destroy();
});

describe('registration', () => {
  const query = (content: string) =>
    `<iq type='set' id='r'><query xmlns='jabber:iq:register'>${content}</query></iq>`;
  const mercutio = '<username>Mercutio</username><password>queen mab</password>';

  test('is not there unless it was asked for', async () => {
    const wire = (await Wire.open()).say(tcpHeader + query(mercutio));
    await wire.hears('<not-authorized ');
    expect(wire.text).not.toContain('iq-register');
    await wire.ends();
  });

  test('makes an account, which logs in, and deletes it', async () => {
    const other = await serve('--register');
    const open = async (): Promise<Wire> => {
      const socket = connect(other.port, '127.0.0.1');
      await once(socket, 'connect');
      return new Wire(socket);
    };
    const auth = Buffer.from('\0mercutio\0queen mab').toString('base64');
    const logIn = plainAuth.replace(/>[^<]+</, `>${auth}<`);

    const wire = (await open()).say(tcpHeader);
    await wire.hears('http://jabber.org/features/iq-register');
    wire.say("<iq type='get' id='g' to='localhost'><query xmlns='jabber:iq:register'/></iq>");
    await wire.hears('<username/><password/></query></iq>');
    wire.say(query('<username>a@b</username><password>x</password>'));
    await wire.hears('<not-acceptable ');
    wire.say(query('<username>juliet</username><password>x</password>'));
    await wire.hears('<conflict ');
    wire.say(query(mercutio).replace("'r'", "'made'"));
    await wire.hears('<iq type="result" id="made"/>');
    wire.say(logIn);
    await wire.hears('<success');
    wire.say(tcpHeader);
    await wire.hears('<session');
    wire.say(bindRequest);
    await wire.hears('<jid>mercutio@localhost/balcony</jid>');
    wire.say(query('<remove/>').replace("'r'", "'gone'"));
    await wire.hears('id="gone"');
    await wire.hears('<not-authorized ');
    await wire.ends();

    const again = (await open()).say(tcpHeader + logIn);
    await again.hears('<failure');
    again.socket.destroy();
    expect(await other.stop()).toBe(0);
    expect(other.log()).not.toContain('queen mab');
  });
});

describe('over WebSocket', () => {
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(serving.webSocket, 'xmpp');
    await once(socket, 'open');
    return socket;
  };

  test('bad bytes are a stream error, then the stream and the socket close', async () => {
    const socket = await open();
    const heard: string[] = [];
    socket.on('message', (data: Buffer) => heard.push(data.toString()));
    socket.send(webSocketHeader);
    socket.send(Buffer.from([0x3c, 0xff, 0x3e]), { binary: false });
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1000);
    expect(heard.at(-2)).toContain('<unsupported-encoding ');
    expect(heard.at(-1)).toBe('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>');
  });

  test('binary messages are none of its kind', async () => {
    const socket = await open();
    socket.send(Buffer.from(webSocketHeader), { binary: true });
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1003);
  });

  test('the subprotocol is mandatory', async () => {
    const socket = new WebSocket(serving.webSocket);
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('400');
  });
});

describe('over HTTP', () => {
  const get = async (path: string): Promise<{ status: number; body: string }> => {
    const outgoing = request({ host: '127.0.0.1', port: serving.httpPort, path }).end();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    return { status: incoming.statusCode ?? 0, body };
  };

  test('there is a status, the page, and where the WebSocket is', async () => {
    expect(await get('/status')).toMatchObject({
      status: 200,
      body: expect.stringContaining('tercet serves localhost') as string,
    });
    expect((await get('/xmpp-websocket')).status).toBe(426);
    expect((await get('/nothing')).status).toBe(404);
    expect((await get('/')).body).toContain('<title>tercet');
    expect(serving.output()).toContain(`  page       http://127.0.0.1:${serving.httpPort}/  `);
    const { body } = await get('/.well-known/host-meta.json');
    expect(JSON.parse(body)).toEqual({
      links: [{ rel: 'urn:xmpp:alt-connections:websocket', href: serving.webSocket }],
    });
    expect((await get('/.well-known/host-meta')).body).toContain(`href='${serving.webSocket}'`);
  });
});

test('a client that does not read is cut off, and the server lives', async () => {
  const reader = await (await Wire.open()).logIn();
  reader.socket.pause();
  const writer = await (await Wire.open()).logIn();
  const stanza = `<message to='juliet@localhost/balcony'><body>${'x'.repeat(60_000)}</body></message>`;
  for (let count = 0; count < 400 && !serving.log().includes('slow reader cut'); count++) {
    writer.say(stanza);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await expect.poll(() => serving.log(), { timeout: 5000 }).toContain('slow reader cut');
  writer.say("<iq type='get' id='alive'><ping xmlns='urn:xmpp:ping'/></iq>");
  await writer.hears('id="alive"');
  reader.socket.destroy();
  writer.socket.destroy();
});

describe('a signal', () => {
  test('ends all streams, and the server with them', async () => {
    const other = await serve();
    const socket = connect(other.port, '127.0.0.1');
    await once(socket, 'connect');
    const bound = await new Wire(socket).logIn();
    const idle = new Wire(connect(other.port, '127.0.0.1'));
    await once(idle.socket, 'connect');
    const start = performance.now();
    const stopped = other.stop();
    for (const wire of [bound, idle]) {
      await wire.hears('<system-shutdown ');
      await wire.hears('</stream:stream>');
    }
    bound.say('</stream:stream>');
    expect(await stopped).toBe(0);
    // The other one never closed its stream: it was not waited for much longer.
    expect(performance.now() - start).toBeLessThan(6000);
  });

  test('is heard in the middle of a TLS handshake too', async () => {
    const other = await serve();
    const bound = await new Wire(connect(other.port, '127.0.0.1')).logIn();
    const securing = new Wire(connect(other.port, '127.0.0.1'));
    securing.say(tcpHeader).say(starttls);
    await securing.hears('<proceed');
    const closed = once(securing.socket, 'close');
    const stopped = other.stop();
    securing.socket.removeAllListeners('data');
    const secure = connectTls({ socket: securing.socket, rejectUnauthorized: false });
    secure.on('error', () => undefined);
    await bound.hears('<system-shutdown ');
    await closed;
    bound.say('</stream:stream>');
    expect(await stopped).toBe(0);
    expect(bound.text.endsWith('</stream:stream>')).toBe(true);
    expect(other.log()).not.toContain('Z error ');
  });
});
