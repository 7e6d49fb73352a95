/*
 * An account: one object for each bare JID. It has the keys of the account, its resources, its roster and the messages
 * that wait, all in its SQLite, and takes every decision on what is for it (RFC 6121, section 8.5; decisions.ts).
 *
 *     receive ──► router ──► deliver   to gates; a resource that is not there any more leaves, and the
 *                        │             stanza is decided on again
 *                        ├─► store     kept before the sender hears of it
 *                        ├─► handle    contacts.ts, requests below
 *                        └─► bounce    posted to the sender's object
 *
 * Each turn is synchronous up to its deliveries. `receive` waits for its gates and never for another account, so
 * that two accounts cannot wait for each other; what it has to say to others is posted, in order for each of them.
 */
import { DurableObject } from 'cloudflare:workers';
import { parse } from 'tercet';
import type { Element } from 'tercet';
import { Jid } from 'tercet/jid';
import { errorReply } from 'tercet/protocol';
import type { AuthAnswer, AuthQuestion, BindAnswer } from 'tercet/protocol';
import type { Envelope, Outcome, Verdict } from 'tercet/router';
import { Mailbox, Rosters, StoredAccounts, isWorthKeeping } from 'tercet/server';
import { Contacts, toServer } from './contacts.js';
import { decisionsOf } from './decisions.js';
import type { Decisions, Owner } from './decisions.js';
import { bareOf, isAccount } from './env.js';
import type { AccountCalls, Connected, Env, OwnPresence } from './env.js';
import { Gates } from './gates.js';
import { commonReply } from './host.js';
import { Posts } from './posts.js';
import { Resources } from './resources.js';
import type { Resource } from './resources.js';
import { SqlStorage } from './sql-storage.js';

/** A stanza for a resource: one that has arrived, or one of the mailbox. */
interface Leaving {
  readonly resource: Resource;
  readonly bytes: Uint8Array;
  readonly envelope?: Envelope | undefined;
  readonly tag?: number | undefined;
}

const maxResources = 64;
const maxOffline = 1000;
/** All of an account; what waits goes to a gate in one call, which may have 32 MiB. */
const maxStoredBytes = 8 * 1024 * 1024;

export class Account extends DurableObject<Env> implements AccountCalls, Owner {
  account = '';
  readonly life = {};
  readonly resources: Resources;
  readonly rosters: Rosters;
  readonly #storage: SqlStorage;
  readonly #accounts: StoredAccounts;
  readonly #mailbox: Mailbox;
  readonly #decisions: Decisions;
  readonly #contacts: Contacts;
  readonly #gates: Gates;
  readonly #posts: Posts;
  #leaving: Leaving[] = [];
  /** Questions who is there, which wait for gates. */
  #probes: { readonly stanza: Element; readonly mayAsk: boolean }[] = [];
  /** Whether the resources have been compared with the gates in this life of the object. */
  #isChecked = false;
  #sequence = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { sql } = ctx.storage;
    const domain = env.DOMAIN;
    this.#storage = new SqlStorage(sql, env.SECRET);
    this.#accounts = new StoredAccounts(this.#storage);
    this.rosters = new Rosters(this.#storage);
    this.#mailbox = new Mailbox({ storage: this.#storage, domain, date: () => Date.now() });
    this.resources = new Resources(sql);
    this.#decisions = decisionsOf(domain);
    this.#contacts = new Contacts(this);
    this.#gates = new Gates(env);
    this.#posts = new Posts(env);
  }

  // What gates call.

  async setPassword(account: string, password: string): Promise<void> {
    const { local, domain } = Jid.parse(account);
    await this.#accounts.set(local, domain, password);
  }

  answer(question: AuthQuestion): Promise<AuthAnswer> {
    return this.#accounts.answer(question, this.env.DOMAIN);
  }

  async bind(account: string, wish: string | undefined, place: Connected): Promise<BindAnswer> {
    this.account = account;
    let resource: string = crypto.randomUUID();
    if (wish !== undefined) {
      const checked = Jid.check(`${account}/${wish}`);
      if (!checked.ok) return { kind: 'refused', condition: 'bad-request' };
      resource = checked.jid.resource;
      const holder = this.resources.find(`${account}/${resource}`);
      if (holder) {
        // One whose stream is gone is in nobody's way (RFC 6120, section 7.7.2.2); else another name is given.
        await this.#checkStreams([holder]);
        if (this.resources.find(holder.jid) === holder) resource = crypto.randomUUID();
      }
    }
    if (this.resources.count >= maxResources) await this.#checkStreams([...this.resources]);
    if (this.resources.count >= maxResources) {
      return { kind: 'refused', condition: 'resource-constraint' };
    }
    const jid = `${account}/${resource}`;
    // Somebody may have come while the gate was asked.
    if (this.resources.find(jid)) return { kind: 'refused', condition: 'conflict' };
    this.#decisions.update(this, this.resources.add(jid, place.gate, place.stream));
    return { kind: 'bound', resource };
  }

  async left(jid: string, stream: string, unacked: readonly Uint8Array[]): Promise<void> {
    this.account = bareOf(jid);
    const resource = this.resources.find(jid);
    if (resource?.stream === stream) this.#leave(resource);
    for (const bytes of unacked) this.#divert(parse(bytes));
    await this.#deliver();
    await this.#posts.sent();
  }

  async presence(presence: OwnPresence): Promise<void> {
    this.account = bareOf(presence.jid);
    const resource = this.resources.find(presence.jid);
    if (resource?.stream !== presence.stream) return;
    const isNewlyReachable = this.#contacts.sent(presence, resource);
    if (isNewlyReachable) this.#handOver(resource);
    await this.#deliver();
    await this.#posts.sent();
  }

  async receive(envelope: Envelope): Promise<Outcome> {
    this.account = envelope.account;
    const outcome = this.#decisions.receive(this, envelope);
    await this.#answerProbes();
    await this.#deliver();
    return outcome;
  }

  // What decisions ask.

  exists(): boolean {
    return this.#accounts.exists(this.account);
  }

  knows(from: string, to: string): boolean {
    const bare = bareOf(from);
    if (this.rosters.isSubscriber(this.account, bare)) return true;
    const directed = this.resources.find(to)?.directed;
    return directed !== undefined && (directed.has(from) || directed.has(bare));
  }

  act(verdict: Verdict<Resource>, envelope: Envelope): Outcome {
    switch (verdict.type) {
      case 'deliver':
        for (const resource of verdict.targets) {
          this.#leaving.push({ resource, bytes: verdict.bytes, envelope });
          if (verdict.stanzaType === 'unavailable') this.#contacts.gone(resource, envelope.from);
        }
        return 'delivered';
      case 'store':
        return this.#store(parse(verdict.bytes));
      case 'bounce':
        this.post(envelope.from, verdict.bytes);
        return 'delivered';
      case 'handle':
        this.#handle(verdict, parse(verdict.bytes));
        return 'delivered';
      case 'drop':
      case 'wait':
      case 'forward':
      case 'close':
        // Of these a stanza that a gate has prepared is only ever dropped.
        return 'delivered';
    }
  }

  #handle({ kind, subject }: Verdict<Resource>, stanza: Element): void {
    if (subject === 'subscription') return this.#contacts.arrived(stanza);
    if (kind === 'presence') {
      this.#probes.push({ stanza, mayAsk: subject !== 'unsubscribed' });
      return;
    }
    const type = stanza.attr('type');
    // A result or an error answers nothing that the account has asked: pushes are not waited for.
    if (kind === 'iq' && (type === 'get' || type === 'set')) this.#answer(stanza);
  }

  #answer(stanza: Element): void {
    const from = stanza.attr('from') ?? '';
    const resource = this.resources.find(from);
    const reply =
      resource &&
      (this.#contacts.rosterRequest(stanza, resource) ??
        commonReply(stanza, 'account', 'registered'));
    if (resource && reply) return this.tell(resource, reply);
    const refusal = errorReply(stanza, 'service-unavailable');
    if (refusal) this.post(from, toServer(refusal));
  }

  // Messages that wait.

  #store(message: Element): Outcome {
    if (!isWorthKeeping(message)) return 'delivered';
    const isFull = this.ctx.storage.sql.databaseSize >= maxStoredBytes;
    if (isFull || this.#mailbox.count(this.account) >= maxOffline) return 'overloaded';
    this.#mailbox.keep(this.account, message);
    return 'stored';
  }

  #handOver(resource: Resource): void {
    for (const { tag, stanza } of this.#mailbox.take(this.account)) {
      this.tell(resource, stanza, tag);
    }
  }

  // What leaves.

  /** Sends a stanza to a resource of this account. */
  tell(resource: Resource, stanza: Element, tag?: number): void {
    this.#leaving.push({ resource, bytes: stanza.toBytes(), tag });
  }

  /** Sends a stanza, which has its addresses and is in the namespace of servers, to an account or a resource of it. */
  post(to: string, bytes: Uint8Array): void {
    // Nobody else is served, and the domain itself waits for nothing.
    if (!isAccount(to, this.env)) return;
    const account = bareOf(to);
    const envelope = this.#envelope(to, bytes);
    if (account === this.account) {
      this.#decisions.receive(this, envelope);
      return;
    }
    this.#posts.send(envelope);
  }

  #envelope(to: string, bytes: Uint8Array): Envelope {
    return {
      id: `${this.account}.${++this.#sequence}`,
      from: this.account,
      to,
      account: bareOf(to),
      bytes: bytes.slice(),
      hops: 1,
      origin: { node: 'accounts', epoch: 0, stream: 0, sequence: this.#sequence },
    };
  }

  /** Gives what leaves to the gates, until nothing is left that has to be decided on again. */
  async #deliver(): Promise<void> {
    // Each round but the last one removes a resource at least.
    while (this.#leaving.length > 0) {
      const batch = this.#leaving;
      this.#leaving = [];
      const lost = await this.#gates.deliver(batch);
      for (const { tag, resource } of batch) {
        if (tag === undefined) continue;
        if (lost.has(resource.stream)) this.#mailbox.release(tag);
        else this.#mailbox.confirm(tag);
      }
      if (lost.size > 0) this.#lose(lost, batch);
    }
  }

  /** Streams that are gone without a word: their resources leave, and what nobody got is decided on again. */
  #lose(lost: ReadonlySet<string>, batch: readonly Leaving[]): void {
    const taken = new Set(
      batch.filter(({ resource }) => !lost.has(resource.stream)).map(({ envelope }) => envelope),
    );
    for (const resource of [...this.resources]) {
      if (lost.has(resource.stream)) this.#leave(resource);
    }
    for (const envelope of new Set(batch.map((each) => each.envelope))) {
      if (envelope && !taken.has(envelope)) this.#decisions.receive(this, envelope);
    }
  }

  /** Nobody is told of a resource that a gate has lost: each life of this object asks once. */
  async #answerProbes(): Promise<void> {
    if (this.#probes.length === 0) return;
    if (!this.#isChecked) await this.#checkStreams([...this.resources]);
    this.#isChecked = true;
    for (const { stanza, mayAsk } of this.#probes.splice(0)) this.#contacts.probed(stanza, mayAsk);
  }

  /** Resources whose streams are gone without a word leave. */
  async #checkStreams(resources: readonly Resource[]): Promise<void> {
    const checks = resources.map(async (resource) => {
      const { jid, gate, stream } = resource;
      const isThere = await this.#gates.has(gate, stream);
      if (!isThere && this.resources.find(jid) === resource) this.#leave(resource);
    });
    // Of a gate that does not answer nothing is known.
    await Promise.allSettled(checks);
    await this.#deliver();
  }

  /** A stanza that a resource may not have got: a message is for the account, a request gets an error. */
  #divert(stanza: Element): void {
    const from = stanza.attr('from') ?? '';
    if (stanza.name === 'iq') {
      const refusal = errorReply(stanza, 'service-unavailable');
      if (refusal && bareOf(from) !== this.account) this.post(from, toServer(refusal));
    } else if (stanza.name === 'message' && isWorthKeeping(stanza)) {
      const { account } = this;
      const bytes = toServer(stanza.withAttrs({ to: account }));
      this.#decisions.receive(this, { ...this.#envelope(account, bytes), from });
    }
  }

  #leave(resource: Resource): void {
    this.#contacts.left(resource);
    this.#decisions.remove(this, resource);
    this.resources.remove(resource);
  }

  /** The presence of a resource has changed. */
  changed(resource: Resource): void {
    this.resources.keep(resource);
    this.#decisions.update(this, resource);
  }

  lastPresence(): number | undefined {
    const last = this.#storage.get('last-presence', this.account, '');
    return last === undefined ? undefined : Number(last);
  }

  noteLastPresence(): void {
    this.#storage.set('last-presence', this.account, '', String(Date.now()));
  }
}
