/*
 * What the client asks of whoever has sockets: a transport finds the places where a domain can be reached
 * and opens a wire to one of them; a wire carries the bytes of one stream.
 *
 *     transport.discover('example.com')  ──► ['xmpps://xmpp.example.com:5223', ...]
 *     transport.open({ uri, domain }, events, signal)  ──► wire
 *
 * The client's folder has one for WebSocket; `tercet/node` has one for TCP and TLS. Nothing here knows a
 * stanza. Invariants: before `open` resolves and after `disconnected` a wire tells nothing; a wire that is
 * encrypted has had the server's certificate checked for the domain.
 */
import type { Framing } from '../protocol/framing.js';
import type { TlsFacts } from '../protocol/sasl/channel-binding.js';

/** Where a stream is to be opened. */
export interface Endpoint {
  /** Of one of the transport's schemes, with host and port. */
  readonly uri: string;
  /** The domain of the account in ASCII, which the server's certificate is checked for. */
  readonly domain: string;
}

/** What a wire tells. */
export interface WireEvents {
  /** Bytes have come; over WebSocket one message. */
  receive(bytes: Uint8Array): void;
  /** There is room again, after `write` left more than a little waiting. */
  drained(): void;
  /** The wire is gone, with the reason if there is one; told once. */
  disconnected(error?: Error): void;
}

/** One connection, open. */
export interface Wire {
  readonly isEncrypted: boolean;
  /** What is known of the TLS that it began with. */
  readonly tlsFacts?: TlsFacts | undefined;
  /** Bytes that wait to leave. */
  readonly bufferedBytes: number;
  /** Takes bytes, which it may keep; over WebSocket one message. */
  write(bytes: Uint8Array): void;
  /** Starts TLS after what was written; rejects when the certificate is not the domain's. */
  startTls?(): Promise<TlsFacts>;
  /** Stops and goes on reading, where that is possible. */
  pause?(): void;
  resume?(): void;
  /** Closes after what was written. */
  close(): void;
  /** Closes at once; `disconnected` need not follow. */
  destroy(): void;
}

export interface Transport {
  /** Of the URIs that it can open, with the colon: `wss:`. */
  readonly schemes: readonly string[];
  readonly framing: Framing;
  /** The places where a domain can be reached, best first; none where nothing is known. */
  discover(domain: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Rejects when there is no way, or when the signal is aborted. */
  open(endpoint: Endpoint, events: WireEvents, signal: AbortSignal): Promise<Wire>;
}

/** Whether a host of a URI is this machine: what is said to it in clear stays here. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
