/*
 * The ComponentParser of strophe.js and this one: the same calls with the same elements, faults
 * aside, and the component transport of strophe with this parser in the place of its own, against
 * a server that speaks as much of XEP-0114 as it takes.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import * as strophe from 'strophe.js';
import { $msg, Strophe } from 'strophe.js';
import { DOMImplementation, XMLSerializer } from 'tercet/compat/dom';
import { ComponentParser, plugInto } from 'tercet/compat/strophe';
import { describe, expect, test } from 'vitest';
import { header, streams } from './streams.js';
import { cutInto, cuts } from './cuts.js';

type ParserClass = new (handlers: {
  onStreamStart(attrs: Record<string, string>): void;
  onStanza(stanza: never): void;
  onStreamEnd(): void;
  onError(error: Error): void;
}) => { write(chunk: string | Buffer): void };

/** The calls that a parser makes, elements as text. */
function callsOf(type: ParserClass, pieces: readonly (string | Buffer)[]): string[] {
  const calls: string[] = [];
  const parser = new type({
    onStreamStart: (attrs) => calls.push(`start ${JSON.stringify(attrs)}`),
    onStanza: (stanza: Node) => {
      calls.push(`stanza ${described(stanza)} parent ${stanza.parentNode?.nodeName ?? 'none'}`);
    },
    onStreamEnd: () => calls.push('end'),
    onError: () => calls.push('error'),
  });
  for (const piece of pieces) parser.write(piece);
  return calls;
}

/** All of a node that a program can see. */
function described(node: Node): string {
  if (node.nodeType !== 1) return JSON.stringify([node.nodeName, node.nodeValue]);
  const element = node as Element;
  const attrs = [...element.attributes].map((attr) => [attr.name, attr.namespaceURI, attr.value]);
  const children = [...node.childNodes].map(described);
  return JSON.stringify([node.nodeName, element.namespaceURI, attrs, children]);
}

const ours = ComponentParser as unknown as ParserClass;
// Node's build has it, the types do not.
const theirs = Reflect.get(strophe, 'ComponentParser') as ParserClass;

describe('the same calls as the original', () => {
  test.each(streams)('for %s', (_name, stream) => {
    const expected = callsOf(theirs, [stream]);
    for (const size of cuts) expect(callsOf(ours, cutInto(stream, size))).toEqual(expected);
  });

  test('but for a CDATA section without text, which is no text node here', () => {
    const source = [`${header}<a><![CDATA[]]></a>`];
    expect(callsOf(theirs, source)[1]).toContain('#text');
    expect(callsOf(ours, source)[1]).toBe('stanza ["a","jabber:client",[],[]] parent none');
  });

  test('elements are of the DOM that strophe uses', () => {
    const elements: Node[] = [];
    const parser = new ours({
      onStreamStart: () => undefined,
      onStanza: (element: Node) => elements.push(element),
      onStreamEnd: () => undefined,
      onError: () => undefined,
    });
    parser.write(`${header}<message><body>Hi</body></message>`);
    const [message] = elements;
    expect(message.ownerDocument?.implementation.constructor).toBe(
      document.implementation.constructor,
    );
  });

  test('or of the one that is asked for', () => {
    const elements: never[] = [];
    const parser = new ComponentParser<never>(
      {
        onStreamStart: () => undefined,
        onStanza: (element) => elements.push(element),
        onStreamEnd: () => undefined,
        onError: () => undefined,
      },
      { document: new DOMImplementation().createDocument(null, null) },
    );
    parser.write(`${header}<message xml:lang='it'><body>Ciao &amp; addio</body></message>`);
    expect(elements.map((element) => new XMLSerializer().serializeToString(element))).toEqual([
      '<message xml:lang="it" xmlns="jabber:client"><body>Ciao &amp; addio</body></message>',
    ]);
  });
});

describe('without the faults of the original', () => {
  test('an element that is not closed is not delivered before the error', () => {
    const source = [`${header}<a><b></a>`];
    expect(callsOf(theirs, source).length).toBeGreaterThan(2);
    expect(callsOf(ours, source).slice(1)).toEqual(['error']);
  });

  test('nothing follows an error', () => {
    const source = [`${header}<a>&</a><b/></stream:stream>`];
    expect(callsOf(theirs, source).at(-1)).not.toBe('error');
    expect(callsOf(ours, source).slice(1)).toEqual(['error']);
  });

  test('a prefix that nothing declares is an error and no namespace', () => {
    const source = [`${header}<x:a/>`];
    expect(callsOf(theirs, source).join()).toContain('["x:a","x",[],[]]');
    expect(callsOf(ours, source).slice(1)).toEqual(['error']);
  });

  test('an exception of the application is none of the parser', () => {
    const outcome = (type: ParserClass): string => {
      const parser = new type({
        onStreamStart: () => {
          throw new Error('of the application');
        },
        onStanza: () => undefined,
        onStreamEnd: () => undefined,
        onError: ({ message }) => errors.push(message),
      });
      const errors: string[] = [];
      try {
        parser.write(header);
      } catch (error) {
        return `thrown ${(error as Error).message}`;
      }
      return `reported ${errors.join()}`;
    };
    expect(outcome(theirs)).toBe('reported of the application');
    expect(outcome(ours)).toBe('thrown of the application');
  });

  test('depth costs what it is, and is limited', () => {
    const source = [header + '<a>'.repeat(100_000)];
    expect(callsOf(ours, source).slice(1)).toEqual(['error']);
  });
});

test('reset begins a new stream', () => {
  const calls: string[] = [];
  const parser = new ComponentParser<Node>({
    onStreamStart: () => calls.push('start'),
    onStanza: (stanza) => calls.push(stanza.nodeName),
    onStreamEnd: () => calls.push('end'),
    onError: () => calls.push('error'),
  });
  parser.write(`${header}<a><b`);
  parser.reset();
  parser.write(`${header}<c/><d></c>`);
  parser.reset();
  parser.write(`${header}</stream:stream>`);
  expect(calls).toEqual(['start', 'start', 'c', 'error', 'start', 'end']);
});

test('the component transport of strophe runs on it', async () => {
  const heard: string[] = [];
  const server = createServer((socket) => serveComponent(socket, heard));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  Strophe.setLogLevel(Strophe.LogLevel.FATAL);
  plugInto(Strophe);
  const connection = new Strophe.Connection(`tcp://127.0.0.1:${port}`, { protocol: 'component' });
  const inside = connection as unknown as { _proto: { _parser: unknown } };
  expect(inside._proto._parser).toBeInstanceOf(ComponentParser);
  const bodies: (string | null)[] = [];
  const handle = (message: Element): boolean => {
    bodies.push(message.getElementsByTagName('body')[0].textContent);
    return true;
  };
  connection.addHandler(handle, '', 'message', '', '', '');
  await new Promise<void>((resolve, reject) => {
    connection.connect('echo.localhost', 'secret', (status: number) => {
      if (status === Strophe.Status.CONNECTED) resolve();
      if (status === Strophe.Status.AUTHFAIL) reject(new Error('refused'));
      return true;
    });
  });
  connection.send($msg({ to: 'juliet@localhost', from: 'echo.localhost' }).c('body').t('Ho!'));
  await expect.poll(() => bodies).toEqual(['Wherefore & why \u{1f339}?']);
  await expect.poll(() => heard.join('')).toContain('Ho!');
  connection.disconnect('done');
  server.close();
  await once(server, 'close');
});

describe('what the suite of strophe expects of the transport', () => {
  /** The states of a connection to a server that says this behind the handshake, and the condition of the failure. */
  async function statesAfter(words: string, secret = 'secret'): Promise<readonly unknown[]> {
    const server = createServer((socket) => serveComponent(socket, [], words));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    Strophe.setLogLevel(Strophe.LogLevel.FATAL);
    plugInto(Strophe);
    const connection = new Strophe.Connection(`tcp://127.0.0.1:${port}`, { protocol: 'component' });
    const states: unknown[] = [];
    const { CONNECTED, AUTHFAIL, CONNFAIL, DISCONNECTED } = Strophe.Status;
    await new Promise<void>((resolve) => {
      connection.connect('echo.localhost', secret, (state, condition) => {
        if ([CONNECTED, AUTHFAIL, CONNFAIL, DISCONNECTED].includes(state)) {
          states.push([state, condition ?? '']);
        }
        if (state === DISCONNECTED) resolve();
        return true;
      });
    });
    // Time for a second end, which there must not be.
    await new Promise((resolve) => setTimeout(resolve, 20));
    server.close();
    return states;
  }

  const { CONNECTED, AUTHFAIL, CONNFAIL, DISCONNECTED } = Strophe.Status;

  test('a malformed stream fails the connection, and ends it once', async () => {
    const states = await statesAfter('<message></presence>');
    expect(states.map((state) => (state as unknown[])[0])).toEqual([
      CONNECTED,
      CONNFAIL,
      DISCONNECTED,
    ]);
    expect(states[1]).toEqual([CONNFAIL, 'bad-format']);
  });

  test('a stream error with the end of the stream behind it ends it once', async () => {
    const error =
      "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
    const states = await statesAfter(`${error}</stream:stream>`);
    const ends = states.filter((state) => (state as unknown[])[0] === DISCONNECTED);
    expect(ends).toHaveLength(1);
  });

  test('a wrong secret is an authentication that fails', async () => {
    const states = await statesAfter('', 'another');
    expect(states[0]).toEqual([AUTHFAIL, expect.anything()]);
    expect(states.filter((state) => (state as unknown[])[0] === DISCONNECTED)).toHaveLength(1);
  });
});

const message = '<message><body>Wherefore &amp; why \u{1f339}?</body></message> ';

/** A server that takes one component, says something to it in two pieces, and hears what it says. */
function serveComponent(socket: Socket, heard: string[], words = message): void {
  const digest = createHash('sha1').update('x1secret').digest('hex');
  let input = '';
  let step = 0;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    input += chunk.toString();
    heard.push(chunk.toString());
    if (step === 0 && input.includes('<stream:stream')) {
      step = 1;
      socket.write(header.replace('>', " id='x1'>"));
    }
    if (step === 1 && input.includes(digest)) {
      step = 2;
      socket.write('<handshake/>');
      const bytes = Buffer.from(words);
      // In two reads, the character cut between them.
      const cut = words === message ? 36 : 0;
      socket.write(bytes.subarray(0, cut));
      setTimeout(() => socket.write(bytes.subarray(cut)), 30);
    } else if (step === 1 && input.includes('</handshake>')) {
      step = 2;
      const error = "<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>";
      socket.end(`<stream:error>${error}</stream:error></stream:stream>`);
    }
    if (input.includes('</stream:stream>')) socket.end('</stream:stream>');
  });
}
