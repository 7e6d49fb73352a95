/*
 * An account: one object for each bare JID. It has the keys of the account, its resources, its roster and the messages
 * that wait, all in its SQLite, and takes every decision on what is for it (RFC 6121, section 8.5; decisions.ts).
 *
 *     receive ──► router ──► deliver   to gates (deliveries.ts)
 *                        ├─► store     kept before the sender hears of it (waiting-messages.ts)
 *                        ├─► handle    subscriptions, probes, requests
 *                        └─► bounce    posted to the sender's object (posts.ts)
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
import { Rosters, StoredAccounts, isWorthKeeping } from 'tercet/server';
import { Arrivals } from './arrivals.js';
import { decisionsOf } from './decisions.js';
import type { Decisions, Owner } from './decisions.js';
import { Deliveries } from './deliveries.js';
import { bareOf, isAccount } from './env.js';
import type { AccountCalls, Connected, Env, OwnPresence } from './env.js';
import { Gates } from './gates.js';
import { commonReply } from './host.js';
import { Posts } from './posts.js';
import { Presences } from './presences.js';
import { Resources } from './resources.js';
import type { Resource } from './resources.js';
import { Roster } from './roster.js';
import { SqlStorage } from './sql-storage.js';
import { toServer } from './stanzas.js';
import { Subscriptions, isEvent } from './subscriptions.js';
import { WaitingMessages } from './waiting-messages.js';

export class Account extends DurableObject<Env> implements AccountCalls, Owner {
  account = '';
  readonly life = {};
  readonly resources: Resources;
  readonly rosters: Rosters;
  readonly gates: Gates;
  readonly waiting: WaitingMessages;
  readonly #storage: SqlStorage;
  readonly #keys: StoredAccounts;
  readonly #decisions: Decisions;
  readonly #posts: Posts;
  readonly #arrivals = new Arrivals(this);
  readonly #deliveries = new Deliveries(this);
  readonly #presences = new Presences(this);
  readonly #roster = new Roster(this, this.#presences);
  readonly #subscriptions = new Subscriptions(this, this.#presences, this.#roster);
  /** Questions who is there, which wait for gates. */
  #probes: { readonly stanza: Element; readonly mayAsk: boolean }[] = [];
  /** Whether the resources have been compared with the gates in this life of the object. */
  #isChecked = false;
  #sequence = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { sql } = ctx.storage;
    this.#storage = new SqlStorage(sql, env.SECRET);
    this.#keys = new StoredAccounts(this.#storage);
    this.resources = new Resources(sql);
    this.rosters = new Rosters(this.#storage);
    this.waiting = new WaitingMessages(this.#storage, sql, env.DOMAIN);
    this.gates = new Gates(env);
    this.#posts = new Posts(env);
    this.#decisions = decisionsOf(env.DOMAIN);
  }

  // What gates call.

  async setPassword(account: string, password: string): Promise<void> {
    const { local, domain } = Jid.parse(account);
    await this.#keys.set(local, domain, password);
  }

  answer(question: AuthQuestion): Promise<AuthAnswer> {
    return this.#keys.answer(question, this.env.DOMAIN);
  }

  async bind(account: string, wish: string | undefined, place: Connected): Promise<BindAnswer> {
    this.account = account;
    const answer = await this.#arrivals.bind(account, wish, place);
    if ('kind' in answer) return answer;
    this.#decisions.update(this, answer);
    return { kind: 'bound', resource: answer.jid.slice(account.length + 1) };
  }

  resume(account: string, session: string, place: Connected): Promise<boolean> {
    this.account = account;
    return this.#arrivals.resume(session, place);
  }

  async left(jid: string, stream: string, unacked: readonly Uint8Array[]): Promise<void> {
    this.account = bareOf(jid);
    const resource = this.resources.find(jid);
    if (resource?.stream === stream) this.leave(resource);
    for (const bytes of unacked) this.#divert(parse(bytes));
    await this.#deliveries.flush();
    await this.#posts.sent();
  }

  async presence(presence: OwnPresence): Promise<void> {
    const { jid, to, type, bytes } = presence;
    this.account = bareOf(jid);
    const resource = this.resources.find(jid);
    if (resource?.stream !== presence.stream) return;
    if (to !== undefined && isEvent(type)) this.#subscriptions.asked(to, type, bytes);
    else if (this.#presences.sent(presence, resource)) this.#handOver(resource);
    await this.#deliveries.flush();
    await this.#posts.sent();
  }

  async receive(envelope: Envelope): Promise<Outcome> {
    this.account = envelope.account;
    const outcome = this.#decisions.receive(this, envelope);
    await this.#answerProbes();
    await this.#deliveries.flush();
    return outcome;
  }

  // What decisions ask.

  exists(): boolean {
    return this.#keys.exists(this.account);
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
          this.#deliveries.add({ resource, bytes: verdict.bytes, envelope });
          if (verdict.stanzaType !== 'unavailable') continue;
          this.#presences.gone(resource, parse(verdict.bytes).attr('from') ?? '');
        }
        return 'delivered';
      case 'store':
        return this.waiting.keep(this.account, parse(verdict.bytes));
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
    if (subject === 'subscription') return this.#subscriptions.arrived(stanza);
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
      (this.#roster.answer(stanza, resource) ?? commonReply(stanza, 'account', 'registered'));
    if (resource && reply) return this.tell(resource, reply);
    const refusal = errorReply(stanza, 'service-unavailable');
    if (refusal) this.post(from, toServer(refusal));
  }

  /** Nobody is told of a resource that a gate has lost: each life of this object asks once. */
  async #answerProbes(): Promise<void> {
    if (this.#probes.length === 0) return;
    if (!this.#isChecked) await this.#arrivals.clear([...this.resources], 'gone');
    this.#isChecked = true;
    for (const { stanza, mayAsk } of this.#probes.splice(0)) this.#presences.probed(stanza, mayAsk);
  }

  // What leaves.

  /** Sends a stanza to a resource of this account. */
  tell(resource: Resource, stanza: Element): void {
    this.#deliveries.tell(resource, stanza);
  }

  /** Sends a stanza, which has its addresses and is in the namespace of servers, to an account or a resource of it. */
  post(to: string, bytes: Uint8Array): void {
    // Nobody else is served, and the domain itself waits for nothing.
    if (!isAccount(to, this.env)) return;
    const envelope = this.#envelope(to, bytes);
    if (envelope.account === this.account) this.decide(envelope);
    else this.#posts.send(envelope);
  }

  decide(envelope: Envelope): void {
    this.#decisions.receive(this, envelope);
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

  /** All that waits, for a resource that can be given it. */
  #handOver(resource: Resource): void {
    for (const { tag, stanza } of this.waiting.take(this.account)) {
      this.#deliveries.add({ resource, bytes: stanza.toBytes(), tag });
    }
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
      this.decide({ ...this.#envelope(account, bytes), from });
    }
  }

  // Resources.

  /** The presence of a resource has changed. */
  changed(resource: Resource): void {
    this.resources.keep(resource);
    this.#decisions.update(this, resource);
  }

  leave(resource: Resource): void {
    this.#presences.left(resource);
    this.#decisions.remove(this, resource);
    this.resources.remove(resource);
  }

  async dismiss(resource: Resource): Promise<void> {
    this.leave(resource);
    await this.#deliveries.flush();
  }

  lastPresence(): number | undefined {
    const last = this.#storage.get('last-presence', this.account, '');
    return last === undefined ? undefined : Number(last);
  }

  noteLastPresence(): void {
    this.#storage.set('last-presence', this.account, '', String(Date.now()));
  }
}
