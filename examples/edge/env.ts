/*
 * What the worker is given, and how its objects reach each other. An account's object is named by its bare JID in
 * canonical form, a gate's by a number. The calls are those of workerd's RPC; their arguments are copied,
 * a view of bytes with all of its buffer: so bytes are sliced first. The stubs are typed here, since the package knows
 * no runtime's globals.
 */
import type { AuthAnswer, AuthQuestion, BindAnswer } from 'tercet/protocol';
import type { Envelope, Outcome } from 'tercet/router';
import type { KeptSession } from 'tercet/workers';

export interface Env {
  /** The domain served, in canonical form. */
  readonly DOMAIN: string;
  /** Base64 of bytes that nobody knows: users who do not exist get salts that are derived from it. */
  readonly SECRET: string;
  /** Allows `POST /accounts`. */
  readonly ADMIN_TOKEN: string;
  /** Not empty: a line is printed when a gate wakes. */
  readonly LOG: string;
  readonly GATE: DurableObjectNamespace;
  readonly ACCOUNT: DurableObjectNamespace;
}

/** Stanzas for one stream, in order. */
export interface Delivery {
  readonly stream: string;
  readonly stanzas: readonly Uint8Array[];
}

/** A socket carries it, or a session of it waits for its client. */
export type StreamState = 'open' | 'waiting' | 'gone';

export interface GateCalls {
  /** Writes stanzas to streams, or keeps them for clients that are waited for; answers with the streams that are gone. */
  deliver(deliveries: readonly Delivery[]): Promise<readonly string[]>;
  state(stream: string): Promise<StreamState>;
  /** The client of a stream has come elsewhere; resolves once all that it sent is safe. */
  interrupt(stream: string): Promise<boolean>;
  /** A session that waits, from one gate to another: it is in both until it is forgotten. */
  handOver(stream: string): Promise<KeptSession | undefined>;
  takeOver(stream: string, session: KeptSession): Promise<void>;
  forget(stream: string): Promise<void>;
  /** A session that waits is over: its account is told before this resolves. */
  giveUp(stream: string): Promise<void>;
}

/** Where a resource is connected. */
export interface Connected {
  readonly gate: string;
  readonly stream: string;
}

export interface OwnPresence {
  /** The full JID, and the stream that it was bound on. */
  readonly jid: string;
  readonly stream: string;
  /** undefined: to all who may see it. */
  readonly to: string | undefined;
  readonly type: string;
  readonly priority: number;
  /** One stanza; with `to` in the namespace of servers. */
  readonly bytes: Uint8Array;
}

export interface AccountCalls {
  /** Makes the account, or changes its password. */
  setPassword(account: string, password: string): Promise<void>;
  answer(question: AuthQuestion): Promise<AuthAnswer>;
  bind(account: string, resource: string | undefined, place: Connected): Promise<BindAnswer>;
  /** Whether the session of this name goes on at this place, to which it has been moved then. */
  resume(account: string, session: string, place: Connected): Promise<boolean>;
  /** The stream of a bound resource is over; these stanzas its client may not have got. */
  left(jid: string, stream: string, unacked: readonly Uint8Array[]): Promise<void>;
  /** Presence that a resource sends; resolves once everybody concerned has accepted it. */
  presence(presence: OwnPresence): Promise<void>;
  /** A stanza for this account; resolves once it has been decided on. */
  receive(envelope: Envelope): Promise<Outcome>;
}

export const accountObject = ({ ACCOUNT }: Env, account: string): AccountCalls =>
  ACCOUNT.get(ACCOUNT.idFromName(account)) as unknown as AccountCalls;

export const gateObject = ({ GATE }: Env, gate: string): GateCalls =>
  GATE.get(GATE.idFromString(gate)) as unknown as GateCalls;

export const bareOf = (address: string): string => address.slice(0, (address + '/').indexOf('/'));

/** Whether an address is that of an account here, or of a resource of one. */
export function isAccount(address: string, { DOMAIN }: Env): boolean {
  const bare = bareOf(address);
  const at = bare.indexOf('@');
  return at > 0 && bare.slice(at + 1) === DOMAIN;
}
