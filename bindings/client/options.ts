/*
 * What `connect` is told, checked: a mistake of the program is a UsageError before anything is opened.
 */
import type { Element } from '../element.js';
import { echo, UsageError } from '../errors.js';
import { checkOptions } from '../input.js';
import { Jid } from '../jid.js';
import type { Limits } from '../limits.js';
import type { LivenessOptions } from '../protocol/managed-stream.js';
import { mechanismNames } from '../protocol/sasl/negotiation.js';
import type { MechanismName } from '../protocol/sasl/negotiation.js';
import type { ManagementLimits } from '../protocol/stream-management.js';
import { defaultBackoff } from './backoff.js';
import type { Backoff } from './backoff.js';
import type { Trace } from './trace.js';
import { isLoopback } from './transport.js';
import type { Transport } from './transport.js';

/** What a client is doing. */
export type Status =
  | { readonly state: 'connecting' }
  /** `isResumed`: the earlier session goes on, and nothing was lost. */
  | {
      readonly state: 'online';
      readonly jid: Jid;
      readonly isResumed: boolean;
      readonly uri: string;
    }
  /** The connection is gone; the next attempt is in `delayMs`. */
  | { readonly state: 'waiting'; readonly delayMs: number; readonly error: Error }
  /** For good: by `close`, or because of the error. */
  | { readonly state: 'closed'; readonly error?: Error };

export interface ConnectOptions {
  /**
   * The account; with a resource, that one is asked for. A domain alone is a guest's: ANONYMOUS, and the
   * server makes up the account.
   */
  readonly jid: string | Jid;
  /** The password, or a function that gets it when it is needed, at each connection. */
  readonly password?: string | (() => string | Promise<string>);
  /**
   * Where the server is: `wss://example.com/xmpp`, `xmpps://host:5223` (TLS), `xmpp://host:5222` (STARTTLS),
   * as the transports can; or a domain, where it is looked up. Without it that of the account.
   */
  readonly service?: string;
  /** How bytes travel; each runtime's `connect` has its own. */
  readonly transports?: readonly Transport[];
  /**
   * TLS: `required`, or taken where it is `offered`, or `never`. By default it is required, and only this
   * machine may go without. In clear, PLAIN is used to this machine only.
   */
  readonly tls?: 'required' | 'offered' | 'never';
  /**
   * Acceptable mechanisms, best first; by default SCRAM with SHA-256 and SHA-1, each bound to the TLS
   * connection where that is possible (-PLUS), then PLAIN; for a guest ANONYMOUS.
   */
  readonly mechanisms?: readonly MechanismName[];
  /** The language of what people here read. */
  readonly lang?: string;
  /** Aborts connecting, and closes the client later. */
  readonly signal?: AbortSignal;
  /** Pauses before connecting again; false: not again. */
  readonly reconnect?: false | Partial<Backoff>;
  /**
   * How long opening the way to one endpoint may take (TCP, TLS, WebSocket), and then how long it may be until there is a
   * session, a question for the password included; in milliseconds (15,000 for the way, 30,000 for the session).
   */
  readonly connectMs?: number;
  /** How long a request waits for its answer (30,000). */
  readonly requestMs?: number;
  /** When a silent server is asked, and given up. */
  readonly liveness?: LivenessOptions;
  /** Bounds of what waits for acknowledgements; false: no stream management (XEP-0198). */
  readonly management?: false | ManagementLimits;
  /** Names this installation, always the same, for SASL2. */
  readonly clientId?: string;
  readonly limits?: Limits;
  /** Told of each change of the client's status. */
  readonly onStatus?: (status: Status) => void;
  /** Told which stanzas the server had not acknowledged when a session was lost; it may have them. */
  readonly onLost?: (stanzas: readonly Element[]) => void;
  /** Shown what is sent and received, without secrets. */
  readonly trace?: Trace;
}

const knownMechanisms: readonly MechanismName[] = [...mechanismNames, 'EXTERNAL', 'ANONYMOUS'];

const names = [
  'jid',
  'password',
  'service',
  'transports',
  'tls',
  'mechanisms',
  'lang',
  'signal',
  'reconnect',
  'connectMs',
  'requestMs',
  'liveness',
  'management',
  'clientId',
  'limits',
  'onStatus',
  'onLost',
  'trace',
] satisfies readonly (keyof ConnectOptions)[];

export interface Settings {
  readonly jid: Jid;
  readonly options: ConnectOptions;
  readonly transports: readonly Transport[];
  /** A URI, or undefined where `lookup` is to be looked up. */
  readonly uri: string | undefined;
  readonly lookup: string;
  readonly backoff: Backoff | undefined;
  readonly mechanisms: readonly MechanismName[];
  readonly password: () => Promise<string | undefined>;
}

/** Throws UsageError for what is not as described. */
export function settingsOf(options: ConnectOptions, transports: readonly Transport[]): Settings {
  checkOptions(options, names);
  const jid = addressOf(options.jid);
  checkTypes(options);
  const { password, mechanisms, reconnect } = options;
  const isGuest = jid.local === '';
  if (!isGuest && password === undefined && !mechanisms?.includes('EXTERNAL')) {
    throw new UsageError('an account needs a password');
  }
  const backoff = reconnect === false ? undefined : { ...defaultBackoff, ...reconnect };
  if (backoff && !(backoff.minMs > 0 && backoff.maxMs >= backoff.minMs)) {
    throw new UsageError('reconnect.minMs is more than 0, and reconnect.maxMs not less than it');
  }
  const used = options.transports ?? transports;
  const { uri, lookup } = serviceOf(options, jid, used);
  return {
    jid,
    options,
    transports: used,
    uri,
    lookup,
    backoff,
    mechanisms: mechanisms ?? (isGuest ? ['ANONYMOUS'] : mechanismNames),
    password: async () => (typeof password === 'function' ? password() : password),
  };
}

/** What is required of TLS on the way to a host. */
export function tlsPolicy(options: ConnectOptions, uri: string): 'required' | 'offered' | 'never' {
  return options.tls ?? (isLoopback(new URL(uri).hostname) ? 'offered' : 'required');
}

function addressOf(jid: unknown): Jid {
  if (jid instanceof Jid && jid.canonical) return jid;
  if (typeof jid !== 'string') throw new UsageError('jid is not an address');
  const checked = Jid.check(jid);
  if (!checked.ok) throw new UsageError(`jid ${echo(jid)}: ${checked.error.message}`);
  return checked.jid;
}

/** What timers take. */
const maxMs = 2 ** 31 - 1;

/** Throws UsageError for what is no number of milliseconds. */
export function checkMs(name: string, value: unknown): void {
  if (value === undefined || (typeof value === 'number' && value > 0 && value <= maxMs)) return;
  throw new UsageError(`${name} is not a number of milliseconds from 1 to ${maxMs}`);
}

function checkTypes(options: ConnectOptions): void {
  // Callers without types may write anything.
  const given: Readonly<Record<string, unknown>> = { ...options };
  const must = (
    name: keyof ConnectOptions,
    is: (value: unknown) => boolean,
    what: string,
  ): void => {
    const value = given[name];
    if (value !== undefined && !is(value)) throw new UsageError(`${name} is not ${what}`);
  };
  const isText = (value: unknown): boolean => typeof value === 'string';
  const isFunction = (value: unknown): boolean => typeof value === 'function';
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
  const isKnown = (value: unknown): boolean => knownMechanisms.some((name) => name === value);
  must('password', (value) => isText(value) || isFunction(value), 'a text or a function');
  for (const name of ['service', 'lang', 'clientId'] as const) must(name, isText, 'a text');
  must(
    'tls',
    (value) => ['required', 'offered', 'never'].includes(value as string),
    "'required', 'offered' or 'never'",
  );
  must('transports', Array.isArray, 'a list of transports');
  must(
    'mechanisms',
    (value) => Array.isArray(value) && value.length > 0 && value.every(isKnown),
    `a list of some of ${knownMechanisms.join(', ')}`,
  );
  must('signal', (value) => value instanceof AbortSignal, 'an AbortSignal');
  for (const name of ['reconnect', 'management'] as const) {
    must(name, (value) => value === false || isObject(value), 'false or an object');
  }
  must('liveness', isObject, 'an object');
  for (const name of ['onStatus', 'onLost', 'trace'] as const) must(name, isFunction, 'a function');
  checkMs('connectMs', options.connectMs);
  checkMs('requestMs', options.requestMs);
  checkMs('liveness.pingMs', options.liveness?.pingMs);
  checkMs('liveness.timeoutMs', options.liveness?.timeoutMs);
}

function serviceOf(
  options: ConnectOptions,
  jid: Jid,
  transports: readonly Transport[],
): { uri: string | undefined; lookup: string } {
  const { service } = options;
  if (service === undefined) return { uri: undefined, lookup: jid.domain };
  if (!service.includes('://')) {
    const checked = Jid.check(service);
    if (!checked.ok || checked.jid.toString() !== checked.jid.domain) {
      throw new UsageError(`service ${echo(service)} is neither a URI nor a domain`);
    }
    return { uri: undefined, lookup: checked.jid.domain };
  }
  const schemes = transports.flatMap((transport) => transport.schemes);
  const url = URL.canParse(service) ? new URL(service) : undefined;
  if (url && (url.username !== '' || url.password !== '')) {
    throw new UsageError('service names a user: say who it is with jid and password');
  }
  if (url?.hostname === '') throw new UsageError(`service ${echo(service)} names no host`);
  if (!url || !schemes.includes(url.protocol)) {
    const known = schemes.map((scheme) => `${scheme}//`).join(', ');
    throw new UsageError(`service ${echo(service)} is no URI of those that work here: ${known}`);
  }
  if (url.protocol === 'ws:' && tlsPolicy(options, service) === 'required') {
    throw new UsageError(
      `service ${echo(service)} has no TLS: use wss://, or say tls: 'offered' if you must`,
    );
  }
  return { uri: service, lookup: jid.domain };
}
