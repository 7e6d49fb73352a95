/*
 * Sessions that can be resumed (XEP-0198, section 5), in the SQLite of the object that holds their sockets: what a
 * client has not acknowledged outlives the socket, the sleep of the object and its end.
 *
 *     session   stream │ name, address, seconds │ handled, acked │ until
 *     unacked   sequence │ stream │ bytes
 *
 * `until` is null while a socket carries the session, else it is when nobody waits for its client any longer. Tables
 * are made with the first session: an object without one stores nothing. Counts are modulo 2^32.
 */

/** A part of the `storage` of a Durable Object that has SQLite. */
export interface SessionStorage {
  readonly sql: {
    exec(
      query: string,
      ...values: (string | number | null | ArrayBuffer)[]
    ): { toArray(): Record<string, unknown>[] };
  };
  /** Has the object's `alarm` called at this time, in milliseconds since 1970, instead of an earlier one. */
  setAlarm(time: number): Promise<void>;
}

/** All of a session: what the stream that resumes it must know. It can be sent from one object to another. */
export interface KeptSession {
  /** The name by which its client resumes it. */
  readonly name: string;
  /** The full JID. */
  readonly jid: string;
  /** How long it can be resumed. */
  readonly maxSeconds: number;
  /** Stanzas of the client's that are safe. */
  readonly handled: number;
  /** Stanzas of ours that the client has acknowledged. */
  readonly acked: number;
  /** Those that it has not, oldest first. */
  readonly unacked: readonly Uint8Array<ArrayBuffer>[];
}

type Row = Omit<KeptSession, 'unacked'> & { readonly until: number | null };

export class SessionStore {
  readonly #sql: SessionStorage['sql'];
  #hasTables: boolean;

  constructor(sql: SessionStorage['sql']) {
    this.#sql = sql;
    const query = "SELECT 1 FROM sqlite_master WHERE name = 'tercet_session'";
    this.#hasTables = sql.exec(query).toArray().length > 0;
  }

  has(stream: string): boolean {
    return this.#row(stream) !== undefined;
  }

  find(stream: string): KeptSession | undefined {
    const row = this.#row(stream);
    if (!row) return undefined;
    const { name, jid, maxSeconds, handled, acked } = row;
    const query = 'SELECT bytes FROM tercet_unacked WHERE stream = ? ORDER BY sequence';
    const unacked = this.#sql
      .exec(query, stream)
      .toArray()
      .map(({ bytes }) => new Uint8Array(bytes as ArrayBuffer));
    return { name, jid, maxSeconds, handled, acked, unacked };
  }

  /** How long its client is waited for, and until when; null: it is there. */
  waiting(stream: string): Pick<Row, 'maxSeconds' | 'until'> | undefined {
    return this.#row(stream);
  }

  /** What waits for an acknowledgement: stanzas, and their bytes. */
  size(stream: string): { readonly count: number; readonly bytes: number } {
    const query =
      'SELECT count(*) AS count, total(length(bytes)) AS bytes FROM tercet_unacked WHERE stream = ?';
    const [size] = this.#sql.exec(query, stream).toArray();
    return size as { count: number; bytes: number };
  }

  set(stream: string, session: KeptSession, until: number | null): void {
    this.#makeTables();
    this.remove(stream);
    const { name, jid, maxSeconds, handled, acked, unacked } = session;
    const values = [stream, name, jid, maxSeconds, handled, acked, until];
    this.#sql.exec('INSERT INTO tercet_session VALUES (?, ?, ?, ?, ?, ?, ?)', ...values);
    this.push(stream, unacked);
  }

  /** Stanzas go to the client, or will when it is back. */
  push(stream: string, stanzas: readonly Uint8Array[]): void {
    for (const bytes of stanzas) {
      const query = 'INSERT INTO tercet_unacked (stream, bytes) VALUES (?, ?)';
      this.#sql.exec(query, stream, bytes.slice().buffer);
    }
  }

  /** The client has so many more of them. */
  acknowledge(stream: string, count: number): void {
    if (count === 0) return;
    this.#sql.exec(
      'DELETE FROM tercet_unacked WHERE sequence IN (SELECT sequence FROM tercet_unacked WHERE stream = ? ORDER BY sequence LIMIT ?)',
      ...[stream, count],
    );
    const query = 'UPDATE tercet_session SET acked = (acked + ?) & 4294967295 WHERE stream = ?';
    this.#sql.exec(query, count, stream);
  }

  /** So many stanzas of the client's are safe. */
  handled(stream: string, count: number): void {
    this.#sql.exec('UPDATE tercet_session SET handled = ? WHERE stream = ?', count, stream);
  }

  /** The socket is gone, and its client is waited for; null: it is back. */
  wait(stream: string, until: number | null): void {
    this.#sql.exec('UPDATE tercet_session SET until = ? WHERE stream = ?', until, stream);
  }

  remove(stream: string): void {
    if (!this.#hasTables) return;
    this.#sql.exec('DELETE FROM tercet_session WHERE stream = ?', stream);
    this.#sql.exec('DELETE FROM tercet_unacked WHERE stream = ?', stream);
  }

  /** Streams whose clients nobody waits for any longer. */
  due(now: number): string[] {
    return this.#streams('SELECT stream FROM tercet_session WHERE until <= ?', now);
  }

  /** Streams whose sockets carry them, with something that waits for an acknowledgement. */
  carried(): string[] {
    return this.#streams(
      'SELECT stream FROM tercet_session WHERE until IS NULL AND stream IN (SELECT stream FROM tercet_unacked)',
    );
  }

  /** When the next one is due. */
  next(): number | undefined {
    if (!this.#hasTables) return undefined;
    const [row] = this.#sql.exec('SELECT min(until) AS until FROM tercet_session').toArray();
    return (row.until as number | null) ?? undefined;
  }

  #streams(query: string, ...values: number[]): string[] {
    if (!this.#hasTables) return [];
    const rows = this.#sql.exec(query, ...values).toArray();
    return rows.map(({ stream }) => stream as string);
  }

  #row(stream: string): Row | undefined {
    if (!this.#hasTables) return undefined;
    const query = 'SELECT * FROM tercet_session WHERE stream = ?';
    return this.#sql.exec(query, stream).toArray()[0] as Row | undefined;
  }

  #makeTables(): void {
    if (this.#hasTables) return;
    this.#sql.exec(
      'CREATE TABLE tercet_session (stream TEXT PRIMARY KEY, name TEXT, jid TEXT, maxSeconds INTEGER, handled INTEGER, acked INTEGER, until INTEGER)',
    );
    this.#sql.exec(
      'CREATE TABLE tercet_unacked (sequence INTEGER PRIMARY KEY, stream TEXT, bytes BLOB)',
    );
    this.#sql.exec('CREATE INDEX tercet_unacked_stream ON tercet_unacked (stream)');
    this.#hasTables = true;
  }
}
