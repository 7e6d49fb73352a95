/*
 * What can go wrong for a client, by what its program can do about it:
 *
 *     ConnectionError       no way to the server, or it went away        later, or another way
 *     StreamError           the stream was ended with a condition        depends on the condition
 *     AuthenticationError   the server does not let the account in       another password
 *     StanzaError           the answer to a request was an error         depends on the condition
 *     TimeoutError          there was no answer in time                  unknown whether it was handled
 *
 * UsageError, of the package, is for mistakes of the program. What a signal aborts rejects with the
 * signal's reason.
 */
import type { Element } from '../element.js';
import { echo, TercetError } from '../errors.js';
import { NS } from '../namespaces.js';
import type { EndReason } from '../protocol/effects.js';
import type { ErrorType, StanzaCondition } from '../protocol/stanza-error.js';

/** An endpoint that was tried in vain. */
export interface Failure {
  readonly uri: string;
  readonly error: Error;
}

/** There was no way to the server, or the connection is over. */
export class ConnectionError extends TercetError {
  /** What the server said or lacks, such as `unsupported-feature`; undefined without such a word. */
  readonly condition: string | undefined;
  /** The endpoints that were tried. */
  readonly failures: readonly Failure[];
  override readonly cause: unknown;

  constructor(
    code: 'connection-failed' | 'connection-lost' | 'connection-closed',
    message: string,
    details: { condition?: string; failures?: readonly Failure[]; cause?: unknown } = {},
  ) {
    super(code, message);
    this.condition = details.condition;
    this.failures = details.failures ?? [];
    this.cause = details.cause;
  }
}

/** The stream ended with an error (RFC 6120, section 4.9.3). */
export class StreamError extends TercetError {
  /** Such as `conflict`: another client took the resource. */
  readonly condition: string;
  /** Whether our side found the fault. */
  readonly isOwn: boolean;
  /** What the server says for people, '' when it says nothing. */
  readonly text: string;

  constructor(condition: string, isOwn: boolean, words = '') {
    const who = isOwn ? 'the stream was ended here' : 'the server ended the stream';
    const detail = words === '' ? '' : isOwn ? `, ${words}` : `, ${echo(words)}`;
    super('stream-error', `${who}: ${condition}${detail}`);
    this.condition = condition;
    this.isOwn = isOwn;
    this.text = isOwn ? '' : words;
  }
}

/** The server does not let the account in (RFC 6120, section 6.5). */
export class AuthenticationError extends TercetError {
  /**
   * Such as `not-authorized`: an account or a password that is wrong. `server-not-authenticated`: the
   * server does not know the account's keys, and is somebody else. `invalid-mechanism`: there is no
   * mechanism that both sides accept.
   */
  readonly condition: string;
  /** What the server says for people, '' when it says nothing. */
  readonly text: string;

  constructor(condition: string, text = '') {
    const detail = text === '' ? '' : `, ${echo(text)}`;
    super('authentication-failed', `authentication failed: ${condition}${detail}`);
    this.condition = condition;
    this.text = text;
  }
}

export interface StanzaErrorDetails {
  readonly type?: ErrorType;
  readonly text?: string;
  readonly application?: Element | undefined;
  readonly stanza?: Element;
}

/**
 * The answer to a request was an error (RFC 6120, section 8.3). Handlers of requests throw one to answer
 * with it.
 *
 *     throw new StanzaError('item-not-found', { text: 'there is no such room' });
 */
export class StanzaError extends TercetError {
  /** Such as `item-not-found`; what a server makes up is `undefined-condition`. */
  readonly condition: StanzaCondition;
  /** undefined: the one that section 8.3.3 gives the condition. */
  readonly type: ErrorType | undefined;
  /** For people, '' when there is none. */
  readonly text: string;
  /** A condition of the application's own. */
  readonly application: Element | undefined;
  /** The whole answer, where there was one. */
  readonly stanza: Element | undefined;

  constructor(condition: StanzaCondition, details: StanzaErrorDetails = {}) {
    const { type, text = '', application, stanza } = details;
    super('stanza-error', text === '' ? condition : `${condition}: ${echo(text)}`);
    this.condition = condition;
    this.type = type;
    this.text = text;
    this.application = application;
    this.stanza = stanza;
  }

  /** The error that a stanza of type `error` carries. */
  static of(stanza: Element): StanzaError {
    const error = stanza.child('error');
    const children = error?.elements() ?? [];
    const named = children.find(({ ns, name }) => ns === NS.stanzas && name !== 'text');
    return new StanzaError((named?.name ?? 'undefined-condition') as StanzaCondition, {
      type: (error?.attr('type') ?? 'cancel') as ErrorType,
      text: error?.child('text', NS.stanzas)?.text ?? '',
      application: children.find(({ ns }) => ns !== NS.stanzas),
      stanza,
    });
  }
}

/** There was no answer in time; the request may have been handled all the same. */
export class TimeoutError extends TercetError {
  constructor(timeoutMs: number) {
    super('request-timeout', `there was no answer within ${timeoutMs} ms`);
  }
}

const classes = { ConnectionError, StreamError, AuthenticationError, StanzaError, TimeoutError };
for (const [name, { prototype }] of Object.entries(classes)) {
  Object.defineProperty(prototype, 'name', { value: name });
}

/** Why a stream is over, as an error; `cause` is what the wire said. */
export function endError({
  reason,
  cause,
}: {
  reason: EndReason;
  cause: Error | undefined;
}): Error {
  switch (reason.kind) {
    case 'closed':
      return new ConnectionError('connection-lost', 'the server closed the stream');
    case 'disconnected': {
      const detail = cause ? `: ${cause.message}` : '';
      return new ConnectionError('connection-lost', `the connection was lost${detail}`, { cause });
    }
    case 'error':
      return new StreamError(reason.condition, true, reason.detail);
    case 'peer-error':
      return new StreamError(reason.condition, false, reason.text);
    case 'failed': {
      const { step, condition, text = '' } = reason;
      if (step === 'authentication') return new AuthenticationError(condition, text);
      const what = step === 'tls' ? 'there is no TLS' : 'no resource was bound';
      const detail = text === '' ? '' : `, ${echo(text)}`;
      return new ConnectionError('connection-failed', `${what}: ${condition}${detail}`, {
        condition,
      });
    }
  }
}

/** Conditions after which the same stream would end in the same way, or end another client's. */
const finalConditions: ReadonlySet<string> = new Set([
  'conflict',
  'host-gone',
  'host-unknown',
  'invalid-from',
  'invalid-namespace',
  'not-authorized',
  'restricted-xml',
  'unsupported-version',
]);

/** Whether connecting again is of no use. */
export function isFinal(error: unknown): boolean {
  if (error instanceof AuthenticationError) return error.condition !== 'temporary-auth-failure';
  if (error instanceof StreamError) return finalConditions.has(error.condition) && !error.isOwn;
  return error instanceof TercetError && error.code === 'argument-invalid';
}
