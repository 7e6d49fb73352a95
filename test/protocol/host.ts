/*
 * A host for a stream machine without sockets: keeps what the machine sends, answers its effects as it is
 * told, and lets a test write what a client would.
 */
import { ServerStream } from 'tercet/protocol';
import type {
  AuthAnswer,
  BindAnswer,
  EnableAnswer,
  ResumeAnswer,
  ServerStreamOptions,
  StreamEffect,
} from 'tercet/protocol';
import { tcpFraming } from 'tercet/transport';

export const tcpHeader =
  "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' " +
  "xmlns:stream='http://etherx.jabber.org/streams'>";

export const webSocketHeader =
  "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";

/** `\0juliet\0balcony`. */
export const plainAuth =
  "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABiYWxjb255</auth>";

export const bindRequest =
  "<iq id='b1' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" +
  '<resource>balcony</resource></bind></iq>';

type Effect<T extends StreamEffect['type']> = Extract<StreamEffect, { type: T }>;

export class Host {
  readonly stream: ServerStream;
  now = 0;
  /** undefined: leave the question open. */
  auth: AuthAnswer | undefined = { kind: 'accepted', local: 'juliet' };
  bind: BindAnswer | undefined = { kind: 'bound', resource: 'balcony' };
  enable: EnableAnswer | undefined = { kind: 'enabled', id: 'one' };
  resume: ResumeAnswer | undefined = { kind: 'refused', condition: 'item-not-found' };
  acknowledges = true;
  readonly effects: StreamEffect[] = [];
  #read = 0;

  constructor(options: Partial<ServerStreamOptions> = {}) {
    let counter = 0;
    this.stream = new ServerStream({
      framing: tcpFraming,
      domains: ['localhost'],
      random: (count) => new Uint8Array(count).fill(++counter),
      ...options,
    });
    this.take(this.stream.open(this.now));
  }

  /** Sends text, as one chunk. */
  say(text: string): this {
    return this.take(this.stream.receive(new TextEncoder().encode(text), this.now));
  }

  /** Sends text byte by byte. */
  spell(text: string): this {
    for (const byte of new TextEncoder().encode(text)) {
      this.take(this.stream.receive(new Uint8Array([byte]), this.now));
    }
    return this;
  }

  wait(ms: number): this {
    this.now += ms;
    return this.take(this.stream.tick(this.now));
  }

  take(effects: StreamEffect[]): this {
    for (const effect of effects) {
      this.effects.push(effect);
      if ((effect.type === 'authCheck' || effect.type === 'identityCheck') && this.auth) {
        this.take(this.stream.answerAuth(effect.token, this.auth, this.now));
      }
      if (effect.type === 'bind' && this.bind) {
        this.take(this.stream.answerBind(effect.token, this.bind, this.now));
      }
      if (effect.type === 'enable' && this.enable) {
        this.take(this.stream.answerEnable(effect.token, this.enable, this.now));
      }
      if (effect.type === 'resume' && this.resume) {
        this.take(this.stream.answerResume(effect.token, this.resume, this.now));
      }
      if (effect.type === 'ack' && this.acknowledges) {
        this.take(this.stream.acknowledge(effect.h, this.now));
      }
    }
    return this;
  }

  /** Everything that was sent. */
  get sent(): string {
    return this.of('send')
      .map(({ bytes }) => new TextDecoder().decode(bytes))
      .join('');
  }

  /** What was sent since the last look. */
  get heard(): string {
    const { sent } = this;
    const news = sent.slice(this.#read);
    this.#read = sent.length;
    return news;
  }

  /** Looks away from what was sent so far. */
  forget(): void {
    this.#read = this.sent.length;
  }

  of<T extends StreamEffect['type']>(type: T): Effect<T>[] {
    return this.effects.filter((effect): effect is Effect<T> => effect.type === type);
  }

  get isClosed(): boolean {
    return this.effects.at(-1)?.type === 'close';
  }

  authenticated(): this {
    return this.say(tcpHeader).say(plainAuth).say(tcpHeader);
  }

  bound(): this {
    return this.authenticated().say(bindRequest);
  }
}
