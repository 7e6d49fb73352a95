/*
 * A real server on a loopback port in this process, and raw sockets to it that remember what they heard.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { expect, vi } from 'vitest';
import { listen } from 'tercet/node';
import type { ListenOptions, Listening } from 'tercet/node';
import { createServer } from 'tercet/server';
import type { LogFields, Server, ServerOptions } from 'tercet/server';
import { bindRequest, tcpHeader } from '../protocol/host.js';
import { makeAccounts } from './play.js';

export interface Stage {
  readonly server: Server;
  readonly listening: Listening;
  readonly port: number;
  /** What was logged, by level. */
  readonly log: { level: string; event: string; fields: LogFields | undefined }[];
  close(): Promise<void>;
}

/** A server for juliet and romeo, whose passwords are their names. */
export async function stage(
  options: Partial<ServerOptions> = {},
  listenOptions: ListenOptions = {},
): Promise<Stage> {
  const log: Stage['log'] = [];
  const server = createServer({
    domain: 'localhost',
    accounts: await makeAccounts('juliet', 'romeo'),
    log: (level, event, fields) => void log.push({ level, event, fields }),
    ...options,
  });
  const listening = await listen(server, { port: 0, ...listenOptions });
  const port = listening.tcp?.port ?? 0;
  return { server, listening, port, log, close: () => listening.close(200) };
}

export const plain = (name: string): string =>
  "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
  `${Buffer.from(`\0${name}\0${name}`).toString('base64')}</auth>`;

export const streamError = (condition: string): string =>
  `<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>`;

/** Like `expect.poll`, in hooks too. */
export const soon = (check: () => void): Promise<void> =>
  vi.waitFor(check, { timeout: 5000, interval: 5 });

export class Wire {
  readonly socket: Socket;
  text = '';
  isEnded = false;
  isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').setEncoding('utf8');
    this.socket.on('data', (text: string) => (this.text += text));
    this.socket.on('end', () => (this.isEnded = true));
    this.socket.on('close', () => (this.isClosed = true));
    // A server that has cut somebody off resets what is still being sent.
    this.socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<Wire> {
    const wire = new Wire(port);
    await once(wire.socket, 'connect');
    return wire;
  }

  /** One that has a session as `name@localhost/balcony`. */
  static async bound(port: number, name = 'juliet'): Promise<Wire> {
    const wire = await Wire.open(port);
    wire.say(tcpHeader + plain(name));
    await wire.hears('<success');
    wire.say(tcpHeader + bindRequest);
    await wire.hears('</jid>');
    return wire;
  }

  say(input: string | Uint8Array): this {
    this.socket.write(input);
    return this;
  }

  async hears(text: string): Promise<this> {
    await soon(() => expect(this.text).toContain(text));
    return this;
  }

  /** The server has said `condition`, closed its stream and the connection, and nothing after that. */
  async endsWith(condition: string): Promise<void> {
    await this.hears(streamError(condition));
    await this.leaves();
    expect(this.text).toMatch(/<\/stream:error><\/stream:stream>$/);
    expect(this.text.match(/<stream:error[ >]/g)).toHaveLength(1);
  }

  /** The server has closed or reset the connection. */
  async leaves(): Promise<void> {
    await soon(() => expect(this.isEnded || this.isClosed).toBe(true));
  }

  /** Answers, and so lives. */
  async pings(): Promise<void> {
    const id = `ping-${Math.random().toString(36).slice(2)}`;
    this.say(`<iq type='get' id='${id}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await this.hears(`id="${id}"`);
  }

  end(): void {
    this.socket.destroy();
  }
}
