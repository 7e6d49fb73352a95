/*
 * xmpp.js as a person of the play, in this process. It trusts what Node trusts, so the development
 * authority is added to that.
 */
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { client } from '@xmpp/client';
import type { Client, XmlElement } from '@xmpp/client';
import type { Serving } from './serve.js';

export function trustAuthority({ authorityPath }: Serving): void {
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(authorityPath, 'utf8')]);
}

export class Person {
  readonly client: Client;
  readonly #service: string;
  readonly heard: XmlElement[] = [];

  constructor(service: string, username: string, password: string, resource?: string) {
    this.#service = service;
    this.client = client({
      service,
      domain: 'localhost',
      username,
      password,
      ...(resource !== undefined && { resource }),
    });
    this.client.reconnect.stop();
    this.client.on('stanza', (stanza) => this.heard.push(stanza));
    this.client.on('error', () => undefined);
  }

  /**
   * Logs in; rejects with what the server refused. What `client.start()` does, but for its promise of
   * being online, which nobody handles yet when a refusal is quicker than the opening of the stream.
   */
  async start(): Promise<void> {
    const online = new Promise<void>((resolve, reject) => {
      this.client.once('online', resolve);
      this.client.once('error', reject);
    });
    await Promise.all([online, this.open()]);
  }

  /**
   * Connects and opens a stream, no more. xmpp.js listens for the server's header once its own has been written, and
   * misses one that comes before Node has said so: the listener is here before.
   */
  async open(): Promise<void> {
    // Two seconds by default, which a machine that runs everything at once does not always keep.
    this.client.timeout = 20_000;
    await this.client.connect(this.#service);
    const opened = new Promise<void>((resolve) => this.client.once('open', () => resolve()));
    await Promise.race([opened, this.client.open({ domain: 'localhost' })]);
  }

  /** The bodies of messages, in order. */
  get bodies(): (string | null)[] {
    return this.heard
      .filter(({ name }) => name === 'message')
      .map((each) => each.getChildText('body'));
  }

  /** Who was seen, and how. */
  get presences(): string[] {
    return this.heard
      .filter(({ name }) => name === 'presence')
      .map(({ attrs }) => `${attrs.from ?? ''} ${attrs.type ?? 'available'}`);
  }
}
