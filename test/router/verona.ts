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

/** What a chunk has become: for each target what it gets, and the verdicts. */
export interface Outcome {
  readonly outputs: ReadonlyMap<string, string>;
  readonly verdicts: readonly Verdict<string>[];
  readonly stanzas: number;
  /** The condition that ended the stream, `closed`, or ''. */
  readonly end: string;
}

/** Feeds text in pieces and joins what comes out, output by target. */
export function feed(seat: Seat<string>, text: string, size = Infinity): Outcome {
  const outputs = new Map<string, string>();
  const verdicts: Verdict<string>[] = [];
  const bytes = bytesOf(text);
  let stanzas = 0;
  let end = '';
  for (let start = 0; start < bytes.length; start += size) {
    for (const batch of seat.feed(bytes.subarray(start, start + size))) {
      for (let index = 0; index < batch.count; index++) {
        const target = batch.target(index);
        outputs.set(target, (outputs.get(target) ?? '') + textOf(batch.output(index)));
      }
      for (const verdict of batch.verdicts) {
        verdicts.push({ ...verdict, stanzas: stanzas + verdict.stanzas });
      }
      stanzas += batch.stanzas;
      if (batch.isClosed) end = 'closed';
      if (batch.error) end = batch.error.condition;
    }
  }
  return { outputs, verdicts, stanzas, end };
}

/** A router of example.com, and Romeo, who sends. His stream is open. */
export function verona(accounts: RouterAccounts = strangers) {
  const router = new Router<string>({ domains: ['example.com'], accounts });
  const romeo = router.bind('romeo@example.com/orchard', 'romeo');
  romeo.open();
  feed(romeo, header);
  return { router, romeo };
}
