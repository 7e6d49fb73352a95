/*
 * What an account has to say to others: one stanza after the other for each of them, and nobody waits for an answer.
 */
import type { Envelope, Outcome } from 'tercet/router';
import { accountObject } from './env.js';
import type { Env } from './env.js';

export class Posts {
  readonly #env: Env;
  /** The last one to each account. */
  readonly #last = new Map<string, Promise<void>>();

  constructor(env: Env) {
    this.#env = env;
  }

  send(envelope: Envelope): void {
    const { account } = envelope;
    const before = this.#last.get(account) ?? Promise.resolve();
    const post = before.then(() => this.#carry(envelope)).catch(() => undefined);
    this.#last.set(account, post);
    void post.finally(() => {
      if (this.#last.get(account) === post) this.#last.delete(account);
    });
  }

  /** When all of them so far have been accepted, or lost. */
  async sent(): Promise<void> {
    await Promise.all(this.#last.values());
  }

  async #carry(envelope: Envelope): Promise<void> {
    const send = (): Promise<Outcome> =>
      accountObject(this.#env, envelope.account).receive(envelope);
    // Once more where the object was just being moved or restarted; then it is presence or an answer that is lost.
    await send().catch(send);
  }
}
