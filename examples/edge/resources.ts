/*
 * The bound resources of one account and where they are connected, in the object's SQLite and at hand in memory. The
 * table is what counts: sockets outlive the life of the object that decides for them.
 */
import type { Connected } from './env.js';
import { has } from './sql-storage.js';

export interface Resource {
  /** The full JID. */
  readonly jid: string;
  gate: string;
  stream: string;
  /** The stream that it was bound on: by that name its session is resumed. */
  readonly session: string;
  /** The last presence without `to`, a stanza; undefined while the resource is not available. */
  presence: string | undefined;
  priority: number;
  /** Whether it has asked for the roster (RFC 6121, section 2.2). */
  isInterested: boolean;
  /** Who got presence directly (section 4.6). */
  readonly directed: Set<string>;
}

interface Row extends Record<string, string | number | null> {
  readonly jid: string;
  readonly gate: string;
  readonly stream: string;
  readonly session: string;
  readonly presence: string | null;
  readonly priority: number;
  readonly isInterested: number;
  readonly directed: string;
}

export class Resources {
  readonly #sql: SqlStorage;
  readonly #all = new Map<string, Resource>();
  #hasTable: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#hasTable = has(sql, 'resource');
    if (!this.#hasTable) return;
    for (const row of sql.exec<Row>('SELECT * FROM resource ORDER BY rowid')) {
      this.#all.set(row.jid, {
        ...row,
        presence: row.presence ?? undefined,
        isInterested: row.isInterested !== 0,
        directed: new Set(JSON.parse(row.directed) as string[]),
      });
    }
  }

  get count(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Resource> {
    return this.#all.values();
  }

  find(jid: string): Resource | undefined {
    return this.#all.get(jid);
  }

  get available(): Resource[] {
    return [...this].filter(({ presence }) => presence !== undefined);
  }

  add(jid: string, { gate, stream }: Connected): Resource {
    const resource: Resource = {
      jid,
      gate,
      stream,
      session: stream,
      presence: undefined,
      priority: 0,
      isInterested: false,
      directed: new Set(),
    };
    this.#all.set(jid, resource);
    this.keep(resource);
    return resource;
  }

  /** It goes on in another stream. */
  move(resource: Resource, { gate, stream }: Connected): void {
    resource.gate = gate;
    resource.stream = stream;
    this.keep(resource);
  }

  /** Writes down what has changed of a resource; nothing of one that has been removed. */
  keep(resource: Resource): void {
    const { jid, gate, stream, session, presence, priority } = resource;
    if (this.#all.get(jid) !== resource) return;
    if (!this.#hasTable) {
      this.#sql.exec(
        'CREATE TABLE resource (jid TEXT PRIMARY KEY, gate TEXT, stream TEXT, session TEXT, presence TEXT, priority INTEGER, isInterested INTEGER, directed TEXT)',
      );
      this.#hasTable = true;
    }
    this.#sql.exec(
      'REPLACE INTO resource VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ...[jid, gate, stream, session, presence ?? null, priority],
      ...[Number(resource.isInterested), JSON.stringify([...resource.directed])],
    );
  }

  remove({ jid }: Resource): void {
    if (this.#all.delete(jid)) this.#sql.exec('DELETE FROM resource WHERE jid = ?', jid);
  }
}
