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
  readonly heard: XmlElement[] = [];

  constructor(service: string, username: string, password: string, resource?: string) {
    this.client = client({
      service,
      domain: 'localhost',
      username,
      password,
      ...(resource !== undefined && { resource }),
    });
    this.client.reconnect.stop();
    this.client.on('stanza', (stanza) => this.heard.push(stanza));
    // A refusal is also what start() rejects with.
    this.client.on('error', () => undefined);
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
