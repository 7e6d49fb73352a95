/*
 * Start is synchronous (law 7): while a module is evaluated, before anything was awaited, an address and
 * an element can be read.
 */
import { Engine, Jid, parse, StreamParser } from 'tercet';
import type { Check } from '../check.js';
import { expectSame } from '../check.js';

const atStart = `${parse('<a xmlns="b">c</a>').text} ${Jid.parse('A@B.c').toString()}`;

export const starts: readonly Check[] = [
  {
    name: 'start without waiting',
    run() {
      expectSame(atStart, 'c a@b.c', 'while the module was evaluated');
      return atStart;
    },
  },
  {
    name: 'engines of their own',
    run() {
      const engine = new Engine();
      const header = '<stream:stream xmlns="a" xmlns:stream="http://etherx.jabber.org/streams">';
      const parser = new StreamParser({ engine });
      const other = new StreamParser();
      const seen = [...parser.feed(`${header}<x y="1`), ...other.feed(`${header}<z>`)];
      seen.push(...parser.feed('2"/>'), ...other.feed('3</z>'));
      const texts = seen.map((event) =>
        event.type === 'stanza' ? event.stanza.toString() : event.type,
      );
      return texts.join(' ');
    },
  },
  {
    name: 'memory that grows',
    run() {
      const parsers: StreamParser[] = [];
      for (let count = 0; count < 1500; count++) {
        const parser = new StreamParser({ framing: 'websocket' });
        parser.feed('<open xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>');
        parsers.push(parser);
      }
      const body = 'wherefore art thou '.repeat(4000);
      const lengths = parsers.slice(0, 40).map((parser) => {
        const [event] = parser.feed(
          `<message xmlns="jabber:client"><body>${body}</body></message>`,
        );
        return event.type === 'stanza' ? event.stanza.child('body')?.text.length : event.type;
      });
      for (const parser of parsers) parser.close();
      expectSame([...new Set(lengths)], [body.length], 'lengths of bodies');
      return String(body.length);
    },
  },
];
