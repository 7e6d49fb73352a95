/*
 * One account's side of a conversation, without a view: a client, what was said, and the contact's presence.
 */
import {
  Jid,
  connect,
  xml,
  type Client,
  type Element,
  type Status,
  type TraceEntry,
} from 'tercet/browser';

export interface Entry {
  readonly kind: 'mine' | 'theirs' | 'fault';
  readonly text: string;
  /** When it was sent, if that was earlier; '' for now. */
  readonly note: string;
}

/** `waiting`: the connection was lost, and another attempt follows. */
export type State = 'offline' | 'connecting' | 'waiting' | 'online';

const chatStates = 'http://jabber.org/protocol/chatstates';

/** What the panel with the bytes shows at most. */
const traceLines = 200;

export class Session {
  state: State = 'offline';
  contactIsWriting = false;
  readonly entries: Entry[] = [];
  readonly trace: string[] = [];
  onChange = (): void => undefined;
  readonly #address: string;
  readonly #contact: string;
  #client: Client | undefined;
  #attempt: AbortController | undefined;
  #jid = '';
  #fault = '';
  /** Resources of the contact that are there: it may be signed in more than once. */
  readonly #contactResources = new Set<string>();
  #isWriting = false;
  readonly #heard = new Set<string>();

  constructor(address: string, contact: string) {
    this.#address = address;
    this.#contact = contact;
  }

  get contactIsOnline(): boolean {
    return this.#contactResources.size > 0;
  }

  describe(): string {
    if (this.state === 'online') return `signed in as ${this.#jid}`;
    if (this.state === 'connecting') return 'signing in';
    if (this.state === 'waiting') return 'the server is gone: trying again';
    return this.#fault === '' ? 'signed out' : `signed out: ${this.#fault}`;
  }

  async signIn(password: string): Promise<void> {
    if (this.state !== 'offline') return;
    this.#fault = '';
    this.#set('connecting');
    const attempt = new AbortController();
    this.#attempt = attempt;
    try {
      const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
      const client = await connect({
        jid: this.#address,
        password,
        service: `${scheme}://${location.host}/xmpp-websocket`,
        signal: attempt.signal,
        trace: (entry) => this.#record(entry),
        onStatus: (status) => this.#follow(status),
      });
      this.#client = client;
      this.#jid = String(client.jid);
      this.#set('online');
      void this.#read(client);
      await client.send(xml('presence'));
    } catch (error) {
      // Whoever has signed out meanwhile knows why.
      if (attempt.signal.aborted) return;
      this.#fault = error instanceof Error ? error.message : String(error);
      this.#set('offline');
    }
  }

  async signOut(): Promise<void> {
    this.#attempt?.abort();
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
    this.#set('offline');
  }

  async say(text: string): Promise<void> {
    this.#isWriting = false;
    const message = xml(
      'message',
      { to: this.#contact, type: 'chat', id: crypto.randomUUID() },
      xml('body', {}, text),
      xml('active', { xmlns: chatStates }),
    );
    try {
      await this.#client?.send(message);
      this.#add({ kind: 'mine', text, note: '' });
    } catch (error) {
      this.#add({ kind: 'fault', text, note: `not sent: ${String(error)}` });
    }
  }

  /** Tells the contact, once, that something is being written, or is not any more (XEP-0085). */
  async write(isWriting: boolean): Promise<void> {
    if (isWriting === this.#isWriting) return;
    this.#isWriting = isWriting;
    if (!this.contactIsOnline) return;
    const state = xml(isWriting ? 'composing' : 'active', { xmlns: chatStates });
    const message = xml('message', { to: this.#contact, type: 'chat' }, state);
    await this.#client?.send(message).catch(() => undefined);
  }

  /** A client that comes back to another session has to be announced again. */
  #follow(status: Status): void {
    if (status.state === 'online') this.#jid = String(status.jid);
    if (status.state === 'online' && !status.isResumed) this.#forgetContact();
    this.#set(status.state === 'closed' ? 'offline' : status.state);
    if (status.state !== 'online' || status.isResumed) return;
    void this.#client?.send(xml('presence')).catch(() => undefined);
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
    const sender = Jid.check(stanza.attr('from') ?? '');
    const from = sender.ok ? sender.jid.bare.toString() : '';
    const type = stanza.attr('type');
    if (stanza.name === 'presence' && from === this.#contact) {
      const address = stanza.attr('from') ?? '';
      if (type === undefined) this.#contactResources.add(address);
      // From the bare JID: all of them are gone, as the answer to a probe says.
      else if (type === 'unavailable' && address === from) this.#contactResources.clear();
      else if (type === 'unavailable') this.#contactResources.delete(address);
      if (!this.contactIsOnline) this.contactIsWriting = false;
      this.onChange();
      return;
    }
    if (stanza.name !== 'message') return;
    const state = stanza.elements().find(({ ns }) => ns === chatStates);
    if (state && type !== 'error') {
      this.contactIsWriting = state.name === 'composing';
      this.onChange();
    }
    const body = stanza.child('body')?.text;
    if (body === undefined) return;
    if (type === 'error') {
      const condition = stanza.child('error')?.elements().at(0)?.name ?? 'unknown';
      this.#add({ kind: 'fault', text: body, note: `came back: ${condition}` });
      return;
    }
    // What was not acknowledged before a server went comes again from its storage.
    const id = stanza.attr('id');
    if (id !== undefined && this.#heard.has(id)) return;
    if (id !== undefined) this.#heard.add(id);
    const stamp = stanza.child('delay', 'urn:xmpp:delay')?.attr('stamp');
    const note = stamp === undefined ? '' : `sent at ${new Date(stamp).toLocaleTimeString()}`;
    this.#add({ kind: 'theirs', text: body, note });
  }

  #set(state: State): void {
    this.state = state;
    if (state === 'offline') this.#forgetContact();
    this.onChange();
  }

  #forgetContact(): void {
    this.#contactResources.clear();
    this.contactIsWriting = false;
  }

  #add(entry: Entry): void {
    this.entries.push(entry);
    this.onChange();
  }

  #record({ direction, text }: TraceEntry): void {
    if (text === '') return;
    this.trace.push(`${direction === 'in' ? '\u2190' : '\u2192'} ${text}`);
    if (this.trace.length > traceLines) this.trace.splice(0, this.trace.length - traceLines);
    this.onChange();
  }
}
