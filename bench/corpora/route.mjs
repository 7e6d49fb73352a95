/**
 * Chat traffic of one client to many accounts of a server: `chat` with `to` drawn from 100,000 sessions.
 *
 * Sessions are as different as people and programs make them, one resource an account; all of them are on one domain.
 * Messages and presence go to the bare JID or the full one as in `chat`, an iq to the full one. The sender's own
 * `from` stays where the client wrote one: the server has to replace it.
 */

import { chatter } from './chat.mjs';
import { Random } from './random.mjs';

export const sessionCount = 100_000;
export const sender = 'ana@example.com/phone';

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Full JIDs, no two of one account. */
export function sessions() {
  const random = new Random(100_000);
  const list = [];
  for (let index = 0; index < sessionCount; index++) {
    const local = `${random.letters(random.between(3, 12), letters)}.${index.toString(36)}`;
    list.push(`${local}@example.com/${random.letters(random.between(4, 24), letters)}`);
  }
  return list;
}

/** Yields stanzas for ever. */
export function* routed(random) {
  const list = sessions();
  for (const stanza of chatter(random, 'chat')) {
    const full = random.pick(list);
    const bare = full.slice(0, full.indexOf('/'));
    const isQuery = stanza.startsWith('<iq');
    yield stanza.replace(
      /^(<[^>]*? to=)(["'])(.*?)\2/,
      (_, head, quote, to) => head + quote + (isQuery || to.includes('/') ? full : bare) + quote,
    );
  }
}
