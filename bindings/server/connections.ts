/*
 * The connections that are open, as many as there may be: of all clients, and from one network address. One too many is
 * told why.
 */
import { AddressCounts } from './address-counts.js';
import type { OwnedConnection } from './connection-owner.js';
import type { Log } from './log.js';

export interface ConnectionLimits {
  readonly maxConnections?: number | undefined;
  readonly maxConnectionsPerAddress?: number | undefined;
}

export interface Arriving {
  readonly peer?: string | undefined;
  /** The network address, for the limit; absent: nobody counts. */
  readonly address?: string | undefined;
}

export class Connections {
  readonly #open = new Set<OwnedConnection>();
  readonly #most: number;
  readonly #addresses: AddressCounts;
  readonly #log: Log;
  #isStopping = false;

  constructor({ maxConnections, maxConnectionsPerAddress }: ConnectionLimits, log: Log) {
    this.#most = maxConnections ?? 10_000;
    this.#addresses = new AddressCounts(maxConnectionsPerAddress ?? Infinity);
    this.#log = log;
  }

  get count(): number {
    return this.#open.size;
  }

  add(connection: OwnedConnection, { peer, address }: Arriving): void {
    const { id } = connection;
    this.#open.add(connection);
    if (this.#isStopping) connection.close('system-shutdown');
    else if (this.#open.size > this.#most) {
      this.#log('warn', 'too many connections', { id, peer });
      connection.refuse('resource-constraint');
    } else if (address !== undefined && !this.#addresses.admit(address, connection)) {
      this.#log('warn', 'too many connections from one address', { id, peer });
      connection.refuse('policy-violation');
    }
  }

  remove(connection: OwnedConnection): void {
    if (this.#open.delete(connection)) this.#addresses.leave(connection);
  }

  /** Ends those of an account that is no more, bound or not. */
  end(account: string): void {
    for (const connection of this.#open) {
      if (connection.account === account) connection.close('not-authorized');
    }
  }

  tick(now: number): void {
    for (const connection of this.#open) connection.tick(now);
  }

  /** Ends all, and whoever comes from here on. */
  stop(): void {
    this.#isStopping = true;
    for (const connection of this.#open) connection.close('system-shutdown');
  }

  cut(): void {
    for (const connection of this.#open) connection.cut();
  }
}
