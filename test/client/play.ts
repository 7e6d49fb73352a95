/*
 * A server that says what a test wants it to: it lets a client in (PLAIN, a resource, stream management) and
 * then leaves the word to the test. Each element that the client writes is given to it as text.
 */
import type { Endpoint, Transport, Wire, WireEvents } from 'tercet/client';
import { tcpFraming } from 'tercet/transport';

export interface Part {
  /** Of SASL; PLAIN if it says nothing else. */
  readonly mechanisms?: readonly string[];
  /** What the server offers after authentication beside binding. */
  readonly features?: string;
  /** Answers an element of the client's; undefined: as usual. */
  readonly answer?: (element: string, play: Play) => string | undefined;
}

const sm = "xmlns='urn:xmpp:sm:3'";

export class Play implements Transport {
  readonly schemes = ['xmpp:'];
  readonly framing = tcpFraming;
  /** What the client wrote, on all wires. */
  readonly heard: string[] = [];
  /** Where it went. */
  readonly opened: string[] = [];
  part: Part;
  isRead = true;
  /** Whether the client can be held back from reading, as over TCP. */
  canPause = true;
  /** Whether what the client writes leaves it; else it waits. */
  isTaking = true;
  bufferedBytes = 0;
  events: WireEvents | undefined;
  #headerCount = 0;

  constructor(part: Part = {}) {
    this.part = part;
  }

  discover(): Promise<readonly string[]> {
    return Promise.resolve(['xmpp://localhost']);
  }

  open({ uri }: Endpoint, events: WireEvents): Promise<Wire> {
    this.opened.push(uri);
    this.events = events;
    this.isRead = true;
    this.#headerCount = 0;
    const waiting = (): number => this.bufferedBytes;
    return Promise.resolve({
      isEncrypted: true,
      get bufferedBytes() {
        return waiting();
      },
      write: (bytes: Uint8Array) => {
        if (this.isTaking) this.#take(new TextDecoder().decode(bytes), events);
        else this.bufferedBytes += bytes.length;
      },
      ...(this.canPause && {
        pause: () => (this.isRead = false),
        resume: () => (this.isRead = true),
      }),
      close: () => this.#end(events),
      destroy: () => this.#end(events),
    });
  }

  /** To the client, at once. */
  say(text: string): void {
    this.events?.receive(new TextEncoder().encode(text));
  }

  /** What the client wrote has left it. */
  drain(): void {
    this.isTaking = true;
    this.bufferedBytes = 0;
    this.events?.drained();
  }

  /** The line is gone. */
  cut(): void {
    const { events } = this;
    this.events = undefined;
    events?.disconnected(new Error('cut'));
  }

  #end(events: WireEvents): void {
    if (this.events === events) this.events = undefined;
    queueMicrotask(() => events.disconnected());
  }

  #take(text: string, events: WireEvents): void {
    this.heard.push(text);
    const answer = this.part.answer?.(text, this) ?? this.#usual(text);
    if (answer === '') return;
    queueMicrotask(() => {
      if (this.events === events) this.say(answer);
    });
  }

  #usual(text: string): string {
    const id = / id=["']([^"']*)/.exec(text)?.[1] ?? '';
    if (text.includes('<stream:stream')) return this.#header();
    if (text.startsWith('<auth')) return "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
    if (text.includes('urn:ietf:params:xml:ns:xmpp-bind')) {
      return (
        `<iq type='result' id='${id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>` +
        '<jid>juliet@localhost/balcony</jid></bind></iq>'
      );
    }
    if (text.startsWith('<enable')) return `<enabled ${sm} id='s1' resume='true'/>`;
    if (text.startsWith('<resume')) return `<resumed ${sm} previd='s1' h='0'/>`;
    if (text.includes('</stream:stream>')) return '</stream:stream>';
    return '';
  }

  #header(): string {
    this.#headerCount += 1;
    const { mechanisms = ['PLAIN'], features = '' } = this.part;
    const names = mechanisms.map((name) => `<mechanism>${name}</mechanism>`).join('');
    const offered =
      this.#headerCount === 1
        ? `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${names}</mechanisms>`
        : `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>${features}`;
    return (
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' " +
      `from='localhost' id='1' version='1.0'><stream:features>${offered}</stream:features>`
    );
  }
}

/** The feature of stream management. */
export const managed = `<sm ${sm}/>`;
