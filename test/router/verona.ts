/*
 * What the tests of the router share: stanzas as text, bytes as text, and what a batch says.
 */
import { Router, type RouterAccounts, type Seat, type Verdict } from 'tercet';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytesOf = (text: string): Uint8Array => encoder.encode(text);
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

export const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

/** Nobody exists beyond those who are here, and nobody is known. */
export const strangers: RouterAccounts = { exists: () => false, knows: () => false };

/** What a chunk has become. */
export interface Outcome {
  /** What each target gets, past the host or by verdicts, as a host would send it; without `xmlns`. */
  readonly received: ReadonlyMap<string, string>;
  /** What goes past the host. */
  readonly outputs: ReadonlyMap<string, string>;
  readonly verdicts: readonly Verdict<string>[];
  readonly stanzas: number;
  /** The condition that ended the stream, `closed`, or ''. */
  readonly end: string;
}

/** Without the namespace of clients, which verdicts declare and streams imply. */
export const plain = (bytes: Uint8Array): string =>
  textOf(bytes).replace(/ xmlns=(['"])jabber:client\1/g, '');

const add = (map: Map<string, string>, target: string, text: string): unknown =>
  map.set(target, (map.get(target) ?? '') + text);

/** Feeds text in pieces and joins what comes out, output by target. */
export function feed(seat: Seat<string>, text: string, size = Infinity): Outcome {
  const outputs = new Map<string, string>();
  const received = new Map<string, string>();
  const verdicts: Verdict<string>[] = [];
  const bytes = bytesOf(text);
  let stanzas = 0;
  let end = '';
  for (let start = 0; start < bytes.length; start += size) {
    for (const batch of seat.feed(bytes.subarray(start, start + size))) {
      for (let index = 0; index < batch.count; index++) {
        add(outputs, batch.target(index), textOf(batch.output(index)));
        add(received, batch.target(index), plain(batch.output(index)));
      }
      for (const verdict of batch.verdicts) {
        verdicts.push({ ...verdict, stanzas: stanzas + verdict.stanzas });
        const isSent = verdict.type === 'deliver' || verdict.type === 'bounce';
        for (const target of isSent ? verdict.targets : []) {
          add(received, target, plain(verdict.bytes));
        }
      }
      batch.release();
      stanzas += batch.stanzas;
      if (batch.isClosed) end = 'closed';
      if (batch.error) end = batch.error.condition;
    }
  }
  return { received, outputs, verdicts, stanzas, end };
}

/** A router of example.com, and Romeo, who sends. His stream is open. */
export function verona(accounts: RouterAccounts = strangers) {
  const router = new Router<string>({ domains: ['example.com'], accounts });
  const romeo = router.bind('romeo@example.com/orchard', 'romeo');
  romeo.open();
  feed(romeo, header);
  return { router, romeo };
}
