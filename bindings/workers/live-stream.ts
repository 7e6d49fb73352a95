/*
 * One stream that is awake: its machine, its socket, and what the machine asks of the host. What it needs after a
 * sleep it writes to the attachment of its socket (attachment.ts), whenever that changes.
 *
 *     awake because of   the deadline of its negotiation, or of its end
 *                        an answer of the host that is on its way
 *                        stanzas that are not acknowledged (XEP-0198), for `ackMs` at most
 */
import type { Element } from '../element.js';
import type {
  BindAnswer,
  EnableAnswer,
  EndReason,
  ResumeAnswer,
  ServerEffect,
} from '../protocol/effects.js';
import type { AuthAnswer, AuthQuestion } from '../protocol/sasl/mechanism.js';
import type { ServerStream } from '../protocol/server-stream.js';
import type { StreamCondition } from '../protocol/stream-error.js';
import { overAttachment, writeAttachment } from './attachment.js';
import type { Attachment } from './attachment.js';
import type { Resumption } from './resumption.js';
import type { WorkerSocket } from './runtime.js';
import type { EdgeStream, ResourceWish, ResumeWish, StreamHost } from './stream-host.js';

type Timer = ReturnType<typeof setTimeout>;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export interface LiveStreamOptions {
  readonly socket: WorkerSocket;
  readonly machine: ServerStream;
  readonly host: StreamHost;
  readonly sessions: Resumption | undefined;
  readonly ackMs: number;
}

export class LiveStream implements EdgeStream {
  readonly id: string;
  jid: string;
  lang: string;
  readonly #socket: WorkerSocket;
  readonly #machine: ServerStream;
  readonly #host: StreamHost;
  readonly #sessions: Resumption | undefined;
  readonly #ackMs: number;
  /** Of the machine's next deadline. */
  #timer: Timer | undefined;
  #ackTimer: Timer | undefined;
  #isOver = false;
  /** Its session goes on in another stream. */
  #isReplaced = false;

  constructor({ id, jid, lang }: Attachment, surroundings: LiveStreamOptions) {
    const { socket, machine, host, sessions, ackMs } = surroundings;
    this.id = id;
    this.jid = jid;
    this.lang = lang;
    this.#socket = socket;
    this.#machine = machine;
    this.#host = host;
    this.#sessions = sessions;
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
    const before = this.#machine.management?.handledCount;
    this.#run(this.#machine.receive(encoder.encode(message), Date.now()));
    const { management } = this.#machine;
    if (!management) return;
    this.#keep();
    const { id, handledCount } = management;
    if (id === '' || handledCount === before) return;
    this.#sessions?.received(this.id, handledCount, this.#handled());
  }

  disconnected(): void {
    this.#run(this.#machine.disconnected(Date.now()));
  }

  close(condition?: StreamCondition): void {
    this.#run(this.#machine.close(condition, Date.now()));
  }

  /** Its client has come elsewhere, and its session is somebody else's (XEP-0198, section 5). */
  replace(): void {
    this.#isReplaced = true;
    this.#machine.detach();
    this.close('conflict');
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
        return this.#enable(effect.token, effect.wantsResume, effect.maxSeconds);
      case 'resume': {
        const { local, domain, id: name } = effect;
        return this.#resume(effect.token, { local, domain, name });
      }
      case 'stanza':
        return this.#pass(effect.stanza);
      case 'ack':
        return this.#acknowledge(effect.h);
      case 'acked':
        if (machine.management?.id) this.#sessions?.acknowledged(this.id, effect.stanzas.length);
        clearTimeout(this.#ackTimer);
        this.#ackTimer = undefined;
        return this.flush();
      case 'timerSet':
        return this.#schedule(effect.at);
      case 'ended':
        return this.#end(effect.reason, effect.isResumable);
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
        if (this.#isOver) {
          return this.#tell({ kind: 'disconnected' }, []);
        }
        this.#keep();
      }
      this.#run(this.#machine.answerBind(token, answer, Date.now()));
    };
    this.#host
      .bind({ local, domain, resource }, this)
      .then(answer, () => answer({ kind: 'refused', condition: 'resource-constraint' }));
  }

  #enable(token: number, wantsResume: boolean, maxSeconds: number | undefined): void {
    const { id, jid } = this;
    const enabled: EnableAnswer = { kind: 'enabled' };
    const resumable = wantsResume ? this.#sessions?.enable(id, jid, maxSeconds) : undefined;
    this.#run(this.#machine.answerEnable(token, resumable ?? enabled, Date.now()));
    this.#keep();
  }

  #resume(token: number, wish: ResumeWish): void {
    const answer = (isHere: boolean): void => {
      // If this client is gone too, the session waits for its next one.
      const session = isHere && !this.#isOver ? this.#sessions?.resume(this.id) : undefined;
      if (!session) {
        const refused: ResumeAnswer = { kind: 'refused', condition: 'item-not-found' };
        return this.#run(this.#machine.answerResume(token, refused, Date.now()));
      }
      const { jid, management } = session;
      this.jid = jid;
      this.lang = this.#machine.lang;
      const resource = jid.slice(jid.indexOf('/') + 1);
      const resumed: ResumeAnswer = { kind: 'resumed', management, resource };
      this.#run(this.#machine.answerResume(token, resumed, Date.now()));
      this.flush();
    };
    const asked = this.#host.resume?.(wish, this) ?? Promise.resolve(false);
    asked.then(answer, () => answer(false));
  }

  #pass(stanza: Element): void {
    try {
      this.#host.stanza(stanza, this);
    } catch {
      this.close('internal-server-error');
    }
  }

  #acknowledge(h: number): void {
    const acknowledge = (): void => {
      if (this.#machine.management?.id) this.#sessions?.acknowledging(this.id, h);
      this.#run(this.#machine.acknowledge(h, Date.now()));
    };
    // What is not safe is not acknowledged.
    this.#handled().then(acknowledge, () => undefined);
  }

  #handled(): Promise<void> {
    return this.#host.handled?.(this) ?? Promise.resolve();
  }

  #end(reason: EndReason, isResumable: boolean): void {
    const unacked = this.#machine.management?.unacked.map(({ bytes }) => bytes) ?? [];
    clearTimeout(this.#ackTimer);
    this.#isOver = true;
    this.#keep();
    if (this.jid === '' || this.#isReplaced) return;
    const sessions = this.#sessions?.has(this.id) === true ? this.#sessions : undefined;
    if (!sessions) this.#tell(reason, unacked);
    else if (isResumable) sessions.wait(this.id);
    // Whoever cannot be told now is told by the alarm.
    else sessions.end(this.id, reason).catch(() => undefined);
  }

  #tell(reason: EndReason, unacked: readonly Uint8Array[]): void {
    this.#host.ended(this, reason, unacked)?.catch(() => undefined);
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
