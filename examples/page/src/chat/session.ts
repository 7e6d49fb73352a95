/*
 * One account's side of a conversation, without a view: a client, what was said, and the contact's presence.
 */
import { Jid, connect, xml, type Client, type Element, type TraceEntry } from 'tercet/browser';

export interface Entry {
  readonly kind: 'mine' | 'theirs' | 'fault';
  readonly text: string;
  /** When it was sent, if that was earlier; '' for now. */
  readonly note: string;
}

export type State = 'offline' | 'connecting' | 'online';

/** What the panel with the bytes shows at most. */
const traceLines = 200;

export class Session {
  state: State = 'offline';
  contactIsOnline = false;
  readonly entries: Entry[] = [];
  readonly trace: string[] = [];
  onChange = (): void => undefined;
  readonly #address: string;
  readonly #contact: string;
  #client: Client | undefined;
  #attempt: AbortController | undefined;
  #fault = '';

  constructor(address: string, contact: string) {
    this.#address = address;
    this.#contact = contact;
  }

  describe(): string {
    if (this.state === 'online') return `signed in as ${String(this.#client?.jid)}`;
    if (this.state === 'connecting') return 'signing in';
    return this.#fault === '' ? 'signed out' : `signed out: ${this.#fault}`;
  }

  async signIn(password: string): Promise<void> {
    if (this.state !== 'offline') return;
    this.#fault = '';
    this.#set('connecting');
    this.#attempt = new AbortController();
    try {
      const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
      const client = await connect({
        jid: this.#address,
        password,
        service: `${scheme}://${location.host}/xmpp-websocket`,
        signal: this.#attempt.signal,
        trace: (entry) => this.#record(entry),
        onStatus: ({ state }) =>
          this.#set(state === 'online' ? 'online' : this.#restingState(state)),
      });
      this.#client = client;
      this.#set('online');
      void this.#read(client);
      await client.send(xml('presence'));
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
      this.#set('offline');
    }
  }

  async signOut(): Promise<void> {
    this.#attempt?.abort();
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
    this.contactIsOnline = false;
    this.#set('offline');
  }

  async say(text: string): Promise<void> {
    const message = xml(
      'message',
      { to: this.#contact, type: 'chat', id: crypto.randomUUID() },
      xml('body', {}, text),
    );
    try {
      await this.#client?.send(message);
      this.#add({ kind: 'mine', text, note: '' });
    } catch (error) {
      this.#add({ kind: 'fault', text, note: `not sent: ${String(error)}` });
    }
  }

  async #read(client: Client): Promise<void> {
    for await (const stanza of client) this.#take(stanza);
    const reason = await client.closed;
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#fault = reason?.message ?? '';
    this.#set('offline');
  }

  #take(stanza: Element): void {
    const from = Jid.parseWire(stanza.attr('from') ?? '').bare.toString();
    const type = stanza.attr('type');
    if (stanza.name === 'presence' && from === this.#contact) {
      if (type === undefined || type === 'unavailable') this.contactIsOnline = type === undefined;
      this.onChange();
      return;
    }
    const body = stanza.child('body')?.text;
    if (stanza.name !== 'message' || body === undefined) return;
    if (type === 'error') {
      const condition = stanza.child('error')?.elements().at(0)?.name ?? 'unknown';
      this.#add({ kind: 'fault', text: body, note: `came back: ${condition}` });
      return;
    }
    const stamp = stanza.child('delay', 'urn:xmpp:delay')?.attr('stamp');
    const note = stamp === undefined ? '' : `sent at ${new Date(stamp).toLocaleTimeString()}`;
    this.#add({ kind: 'theirs', text: body, note });
  }

  #restingState(state: 'connecting' | 'waiting' | 'closed'): State {
    return state === 'closed' ? 'offline' : 'connecting';
  }

  #set(state: State): void {
    this.state = state;
    this.onChange();
  }

  #add(entry: Entry): void {
    this.entries.push(entry);
    this.onChange();
  }

  #record({ direction, text }: TraceEntry): void {
    if (text === '') return;
    this.trace.push(`${direction === 'in' ? '<' : '>'} ${text}`);
    if (this.trace.length > traceLines) this.trace.splice(0, this.trace.length - traceLines);
    this.onChange();
  }
}
