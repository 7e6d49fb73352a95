/*
 * Messages that wait for a resource (XEP-0160), in order and with the time at which they came: the mailbox of tercet's
 * server, with this account's limits.
 */
import type { Element } from 'tercet';
import type { Outcome } from 'tercet/router';
import { Mailbox, isWorthKeeping } from 'tercet/server';
import type { Storage } from 'tercet/server';

const maxMessages = 1000;
/** All of an account; what waits goes to a gate in one call, which may have 32 MiB. */
const maxStoredBytes = 8 * 1024 * 1024;

export class WaitingMessages {
  readonly #mailbox: Mailbox;
  readonly #sql: SqlStorage;

  constructor(storage: Storage, sql: SqlStorage, domain: string) {
    this.#mailbox = new Mailbox({ storage, domain, date: () => Date.now() });
    this.#sql = sql;
  }

  keep(account: string, message: Element): Outcome {
    if (!isWorthKeeping(message)) return 'delivered';
    const isFull = this.#sql.databaseSize >= maxStoredBytes;
    if (isFull || this.#mailbox.count(account) >= maxMessages) return 'overloaded';
    this.#mailbox.keep(account, message);
    return 'stored';
  }

  /** All of them: each waits again when it is released, and is gone when it is confirmed. */
  take(account: string): ReturnType<Mailbox['take']> {
    return this.#mailbox.take(account);
  }

  confirm(tag: number): void {
    this.#mailbox.confirm(tag);
  }

  release(tag: number): void {
    this.#mailbox.release(tag);
  }
}
