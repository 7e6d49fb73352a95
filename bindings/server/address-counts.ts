/*
 * Connections from each network address, as long as they last: an address has a bounded number of them.
 */
import type { OwnedConnection } from './connection-owner.js';

export class AddressCounts {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a connection until it leaves; false where there are too many. */
  admit(address: string, connection: OwnedConnection): boolean {
    const count = (this.#counts.get(address) ?? 0) + 1;
    if (count > this.#most) return false;
    this.#counts.set(address, count);
    connection.address = address;
    return true;
  }

  leave({ address }: OwnedConnection): void {
    if (address === undefined) return;
    const count = this.#counts.get(address) ?? 0;
    if (count > 1) this.#counts.set(address, count - 1);
    else this.#counts.delete(address);
  }
}
