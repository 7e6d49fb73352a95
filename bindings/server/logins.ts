/*
 * What a stream asks before it has a session, and about it: who its client is, which account it makes, which resource it
 * gets (RFC 6120, sections 6 and 7), whether its session can be resumed and is (XEP-0198).
 */
import type { Element } from '../element.js';
import { Jid } from '../jid.js';
import type { BindAnswer, EnableAnswer, ResumeAnswer, StreamEffect } from '../protocol/effects.js';
import type { AuthAnswer, AuthQuestion } from '../protocol/sasl/mechanism.js';
import { errorReply } from '../protocol/stanza-error.js';
import type { ClientNames } from './client-names.js';
import type { Commits } from './commits.js';
import type { ModuleHost } from './module.js';
import type { Resumption } from './resumption.js';
import type { Session, SessionStream, Wanted } from './sessions.js';

/** Of what a client calls itself, in its resource. */
const maxTagLength = 64;

type Effect<T extends 'bind' | 'enable' | 'resume'> = Extract<StreamEffect, { type: T }>;

export interface LoginsOptions {
  readonly clients: ClientNames;
  readonly resumption: Resumption;
  readonly commits: Commits;
}

export class Logins {
  readonly #server: ModuleHost;
  readonly #options: LoginsOptions;

  constructor(server: ModuleHost, options: LoginsOptions) {
    this.#server = server;
    this.#options = options;
  }

  async authenticate(question: AuthQuestion): Promise<AuthAnswer> {
    const { accounts, domain } = this.#server;
    const answer = await accounts.answer(question, domain);
    // The secret behind the salts of unknown users is written when it is first needed.
    this.#options.commits.plan();
    return answer;
  }

  async register(stanza: Element): Promise<Element> {
    const server = this.#server;
    const module = server.modules.find((each) => 'register' in each);
    try {
      const reply = await module?.register?.(stanza, server);
      this.#options.commits.plan();
      if (reply) return reply;
    } catch (error) {
      server.log('error', 'registration failed', { error: String(error) });
    }
    return errorReply(stanza, 'internal-server-error') ?? stanza;
  }

  bind(
    wanted: Effect<'bind'>,
    connection: SessionStream,
  ): { readonly answer: BindAnswer; readonly session?: Session } {
    const { sessions, accounts, log } = this.#server;
    // Deleted since it was let in, perhaps by another process.
    if (!accounts.exists(`${wanted.local}@${wanted.domain}`)) {
      return { answer: { kind: 'refused', condition: 'not-allowed' } };
    }
    const bound = sessions.bind(this.#named(wanted), connection);
    const { id, isEncrypted: encrypted } = connection;
    if (bound.session) log('info', 'bound', { id, jid: bound.session.jid, encrypted });
    return bound;
  }

  enable(wanted: Effect<'enable'>, session: Session): EnableAnswer {
    return this.#options.resumption.enable(wanted, session);
  }

  resume(
    wanted: Effect<'resume'>,
    connection: SessionStream,
  ): { readonly answer: ResumeAnswer; readonly session?: Session } {
    const resumed = this.#options.resumption.resume(wanted, connection);
    const { session } = resumed;
    if (session) this.#server.log('info', 'resumed', { id: connection.id, jid: session.jid });
    return resumed;
  }

  /**
   * With Bind 2 the server names the resource (XEP-0386, section 4): what the client calls itself, and
   * something that is always the same for the same installation, which takes over from its own old session.
   */
  #named(wanted: Effect<'bind'>): Wanted {
    const { local, domain, resource, tag, clientId } = wanted;
    if (tag === undefined && clientId === undefined) return { local, domain, resource };
    const suffix = this.#options.clients.nameOf(`${local}@${domain}`, clientId);
    const checked = Jid.check(`${domain}/${tag ?? ''}`);
    const prefix = checked.ok ? `${checked.jid.resource.slice(0, maxTagLength)}.` : '';
    return { local, domain, resource: prefix + suffix, takesOver: clientId !== undefined };
  }
}
