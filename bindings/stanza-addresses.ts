/*
 * The addresses of stanzas, checked by the core where the stanza's bytes are, for a StreamParser that is given this reader:
 * `to` and `from` in canonical form (RFC 7622), without a string that is made only to be taken apart again. The parser
 * knows no addresses by itself, so that tercet/parser stays without their code.
 */
import { JidControl, JidResult as Result } from '../assembly/abi.js';
import type { Element } from './element.js';
import type { Engine } from './engine.js';
import { UsageError } from './errors.js';
import { Jid, type JidResult } from './jid.js';
import type { AddressReader } from './stream-parser.js';
import { utf8Text } from './text.js';

interface AddressCalls {
  stanza_jid(start: number, name: number, options: number): number;
  jid_control_ptr(): number;
}

/** Numbers of the vocabulary. */
const names = { to: 8, from: 9 } as const;

/**
 * Makes a parser say with each stanza what its addresses are (RFC 6120, section 8.1).
 *
 *     const parser = new StreamParser({ addresses: stanzaAddresses });
 *     for (const event of parser.feed(chunk)) {
 *       if (event.type !== 'stanza' || event.addresses?.to === undefined) continue;
 *       const { to } = event.addresses;   // as from Jid.check, undefined for a stanza without `to`
 *       if (to.ok) deliver(event.stanza, to.jid.bare);   // 'Juliet@EXAMPLE.com/x': juliet@example.com
 *       else refuse(event.stanza, 'jid-malformed');
 *     }
 *
 * Feeding such a parser throws UsageError where its engine has no addresses (that of tercet/parser alone).
 */
export const stanzaAddresses: AddressReader = {
  read(engine, start, stanza) {
    return {
      to: addressOf(engine, start, stanza, 'to'),
      from: addressOf(engine, start, stanza, 'from'),
    };
  },
};

function addressOf(
  engine: Engine,
  start: number,
  stanza: Element,
  name: 'to' | 'from',
): JidResult | undefined {
  const core = engine.core as unknown as AddressCalls;
  if (typeof (core as Partial<AddressCalls>).stanza_jid !== 'function') {
    throw new UsageError('the engine has no addresses: import tercet first');
  }
  const result = core.stanza_jid(start << 2, names[name], 0);
  if (result >= 0) {
    const control = (core.jid_control_ptr() >>> 2) + JidControl.ResultPtr;
    const place = engine.words[control] >>> 0;
    const length = engine.words[control + 1];
    return {
      ok: true,
      jid: Jid.prepared(
        utf8Text(engine.bytes, place, place + length),
        length,
        result & ~Result.State,
      ),
    };
  }
  const source = stanza.attr(name);
  // What is wrong, and where, is said in terms of the string.
  return source === undefined ? undefined : Jid.check(source);
}
