/*
 * One stream that is awake: its machine, its socket, and what the machine asks of the host. What it needs after a
 * sleep it writes to the attachment of its socket (attachment.ts), whenever that changes.
 *
 *     awake because of   the deadline of its negotiation, or of its end
 *                        an answer of the host that is on its way
 *                        stanzas that are not acknowledged (XEP-0198), for `ackMs` at most
 */
import type { Element } from '../element.js';
import type { BindAnswer, EndReason, ServerEffect } from '../protocol/effects.js';
import type { AuthAnswer, AuthQuestion } from '../protocol/sasl/mechanism.js';
import type { ServerStream } from '../protocol/server-stream.js';
import type { StreamCondition } from '../protocol/stream-error.js';
import { overAttachment, writeAttachment } from './attachment.js';
import type { Attachment } from './attachment.js';
import type { WorkerSocket } from './runtime.js';
import type { EdgeStream, ResourceWish, StreamHost } from './stream-host.js';

type Timer = ReturnType<typeof setTimeout>;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export interface LiveStreamOptions {
  readonly socket: WorkerSocket;
  readonly machine: ServerStream;
  readonly host: StreamHost;
  readonly ackMs: number;
}

export class LiveStream implements EdgeStream {
  readonly id: string;
  jid: string;
  lang: string;
  readonly #socket: WorkerSocket;
  readonly #machine: ServerStream;
  readonly #host: StreamHost;
  readonly #ackMs: number;
  /** Of the machine's next deadline. */
  #timer: Timer | undefined;
  #ackTimer: Timer | undefined;
  #isOver = false;

  constructor({ id, jid, lang }: Attachment, { socket, machine, host, ackMs }: LiveStreamOptions) {
    this.id = id;
    this.jid = jid;
    this.lang = lang;
    this.#socket = socket;
    this.#machine = machine;
    this.#host = host;
    this.#ackMs = ackMs;
  }

  get isManaged(): boolean {
    return this.#machine.management !== undefined;
  }

  open(): void {
    this.#keep();
    this.#run(this.#machine.open(Date.now()));
  }

  receive(message: string): void {
    this.#run(this.#machine.receive(encoder.encode(message), Date.now()));
    if (this.isManaged) this.#keep();
  }

  disconnected(): void {
    this.#run(this.#machine.disconnected(Date.now()));
  }

  close(condition?: StreamCondition): void {
    this.#run(this.#machine.close(condition, Date.now()));
  }

  /** A stanza was written to the socket. */
  sent(stanza: Uint8Array): void {
    this.#machine.sent(stanza);
  }

  /** Asks for an acknowledgement where one is due, and waits for it. */
  flush(): void {
    this.#run(this.#machine.flushing(Date.now()));
    this.#keep();
    const isAwaiting = !this.#isOver && (this.#machine.management?.unacked.length ?? 0) > 0;
    if (!isAwaiting || this.#ackTimer !== undefined) return;
    this.#ackTimer = setTimeout(() => this.close('connection-timeout'), this.#ackMs);
  }

  #run(effects: readonly ServerEffect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: ServerEffect): void {
    const machine = this.#machine;
    switch (effect.type) {
      case 'send':
        return attempt(() => this.#socket.send(decoder.decode(effect.bytes)));
      case 'authCheck':
        return this.#authenticate(effect.token, effect.question);
      case 'identityCheck': {
        const answer: AuthAnswer = { kind: 'refused', condition: 'not-authorized' };
        return this.#run(machine.answerAuth(effect.token, answer, Date.now()));
      }
      case 'bind':
        return this.#bind(effect.token, effect);
      case 'enable':
        this.#run(machine.answerEnable(effect.token, { kind: 'enabled' }, Date.now()));
        return this.#keep();
      case 'resume': {
        const answer = { kind: 'refused', condition: 'item-not-found' } as const;
        return this.#run(machine.answerResume(effect.token, answer, Date.now()));
      }
      case 'stanza':
        return this.#pass(effect.stanza);
      case 'ack':
        return this.#acknowledge(effect.h);
      case 'acked':
        clearTimeout(this.#ackTimer);
        this.#ackTimer = undefined;
        return this.flush();
      case 'timerSet':
        return this.#schedule(effect.at);
      case 'ended':
        return this.#end(effect.reason);
      case 'close':
        return attempt(() => this.#socket.close(1000));
      case 'register':
      case 'upgradeTls':
        // Not offered, so never asked for.
        return;
    }
  }

  #authenticate(token: number, question: AuthQuestion): void {
    const answer = (answer: AuthAnswer): void =>
      this.#run(this.#machine.answerAuth(token, answer, Date.now()));
    this.#host
      .authenticate(question)
      .then(answer, () => answer({ kind: 'refused', condition: 'temporary-auth-failure' }));
  }

  #bind(token: number, { local, domain, resource }: ResourceWish): void {
    const answer = (answer: BindAnswer): void => {
      if (answer.kind === 'bound') {
        this.jid = `${local}@${domain}/${answer.resource}`;
        this.lang = this.#machine.lang;
        if (this.#isOver) return this.#host.ended(this, { kind: 'disconnected' }, []);
        this.#keep();
      }
      this.#run(this.#machine.answerBind(token, answer, Date.now()));
    };
    this.#host
      .bind({ local, domain, resource }, this)
      .then(answer, () => answer({ kind: 'refused', condition: 'resource-constraint' }));
  }

  #pass(stanza: Element): void {
    try {
      this.#host.stanza(stanza, this);
    } catch {
      this.close('internal-server-error');
    }
  }

  #acknowledge(h: number): void {
    const handled = this.#host.handled?.(this) ?? Promise.resolve();
    const acknowledge = (): void => this.#run(this.#machine.acknowledge(h, Date.now()));
    // What is not safe is not acknowledged.
    handled.then(acknowledge, () => undefined);
  }

  #end(reason: EndReason): void {
    const unacked = this.#machine.management?.unacked.map(({ bytes }) => bytes) ?? [];
    clearTimeout(this.#ackTimer);
    this.#isOver = true;
    this.#keep();
    if (this.jid !== '') this.#host.ended(this, reason, unacked);
  }

  #schedule(at: number | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (at === undefined) return;
    const wait = Math.max(0, at - Date.now());
    // The clock of workerd stands still between events, and may stand a little before the deadline.
    const tick = (): void => this.#run(this.#machine.tick(Math.max(Date.now(), at)));
    this.#timer = setTimeout(tick, wait);
  }

  #keep(): void {
    const { id, jid, lang } = this;
    const { management } = this.#machine;
    const counts = management && { handled: management.handledCount, sent: management.sentCount };
    const attachment = this.#isOver ? overAttachment(id) : { id, jid, lang, counts };
    attempt(() => writeAttachment(this.#socket, attachment));
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // The socket is gone.
  }
}
