/**
 * One subject of the route suite: chunks of one client's stream in, bytes for sessions out.
 *
 * A session counts what it gets; it is what a socket would be. Each segment is a stream of its own, with the sender
 * logged in anew; the sessions stay.
 */

import { sender, sessions } from '../corpora/route.mjs';
import { Chunks } from './chunks.mjs';

/** Where output goes. */
class Session {
  length = 0;
  count = 0;
  /** The bytes written last, to whomever: they must not be optimised away, nor kept for long. */
  static last;

  write(bytes, start, end) {
    Session.last = bytes;
    this.length += end - start;
    this.count++;
  }
}

export async function prepare({ subject, corpus, chunk }) {
  const { open } = await import(`../subjects/route/${subject}.mjs`);
  const chunks = new Chunks(corpus, chunk);
  const list = sessions().map((jid) => [jid, new Session()]);
  const server = open(list);

  const feed = (pieces) => {
    const stream = server.connect(sender);
    stream.write(chunks.header);
    for (let index = 0; index < pieces.length; index++) stream.write(pieces[index]);
    return stream.close();
  };

  return {
    /** The stanzas delivered, and how their sessions share them. */
    check(ranges) {
      let stanzas = 0;
      for (const range of ranges) stanzas += feed(chunks.of(range));
      const reached = list.filter(([, session]) => session.length > 0).length;
      return { stanzas, reached };
    },
    load(ranges) {
      for (const range of ranges) chunks.of(range);
    },
    run(ranges) {
      let stanzas = 0;
      for (const range of ranges) stanzas += feed(chunks.of(range));
      return { bytes: chunks.bytes(ranges), stanzas };
    },
  };
}
