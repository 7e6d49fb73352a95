/*
 * Verdicts of the router: each kind and type of stanza to each form of address, in each state of the
 * account, alone and in a stream.
 */
import { parse, Router } from 'tercet';
import { bytesOf, feed, plain, verona } from '../../router/verona.js';
import { hashOf, type Check } from '../check.js';

const types = {
  message: ['normal', 'chat', 'groupchat', 'headline', 'error'],
  presence: ['', 'unavailable', 'subscribe', 'subscribed', 'unsubscribe', 'probe', 'error'],
  iq: ['get', 'set', 'result', 'error'],
} as const;

const addresses = [
  'juliet@example.com',
  'juliet@example.com/balcony',
  'juliet@example.com/crypt',
  'JULIET@example.com/balcony',
  'nurse@example.com',
  'example.com',
  'elsewhere.example',
  'a b@example.com',
];

/** Resources of Juliet with their priorities; null: bound without presence. */
const states: readonly (readonly [string, number | null][])[] = [
  [],
  [['balcony', null]],
  [['balcony', -1]],
  [
    ['balcony', 1],
    ['chamber', 5],
    ['cellar', -1],
  ],
];

function settled(state: (typeof states)[number], known: boolean) {
  const setting = verona({ exists: (bare) => bare.startsWith('juliet'), knows: () => known });
  for (const [resource, priority] of state) {
    const seat = setting.router.bind(`juliet@example.com/${resource}`, resource);
    if (priority !== null) seat.available({ priority });
  }
  return setting;
}

function stanzas(): string[] {
  return Object.entries(types).flatMap(([kind, values]) =>
    values.flatMap((type) =>
      addresses.map((to) => {
        const typed = type === '' ? '' : ` type='${type}'`;
        const payload = kind === 'iq' && type !== 'result' ? "<query xmlns='urn:x'/>" : '';
        return `<${kind} to='${to}'${typed} id='1'>${payload}</${kind}>`;
      }),
    ),
  );
}

function verdicts(): string[] {
  const texts: string[] = [];
  for (const state of states) {
    for (const known of [false, true]) {
      const { router, romeo } = settled(state, known);
      for (const source of stanzas()) {
        const element = parse(source.replace(' ', " xmlns='jabber:client' "));
        const verdict = router.route(element, romeo);
        const { type, rule, condition, errorType, targets, bytes, subject, to } = verdict;
        texts.push(
          JSON.stringify([source, type, rule, condition, errorType, targets, subject, to]),
          plain(bytes),
        );
      }
    }
  }
  return texts;
}

export const routing: readonly Check[] = [
  { name: 'routing verdicts', run: () => hashOf(verdicts()) },
  {
    name: 'routing a stream without objects',
    run() {
      const texts: string[] = [];
      for (const state of states) {
        for (const size of [Infinity, 1, 7, 100]) {
          const { romeo } = settled(state, true);
          const { received, stanzas: count, end } = feed(romeo, stanzas().join(' '), size);
          texts.push(JSON.stringify([[...received].sort(), count, end]));
        }
      }
      return hashOf(texts);
    },
  },
  {
    name: 'routing bytes that arrive as bytes',
    run() {
      const router = new Router<string>({
        domains: ['b\u00fccher.example'],
        accounts: { exists: () => true, knows: () => true },
      });
      const sender = router.bind('a@b\u00fccher.example/1', 'a');
      router.bind('\u0436@b\u00fccher.example/2', 'b').available({ priority: 0 });
      const stanza =
        "<message xmlns='jabber:client' to='\u0416@xn--bcher-kva.example' type='chat'><body>\u65e5</body></message>";
      const verdict = router.route(bytesOf(stanza), sender);
      return JSON.stringify([verdict.type, verdict.to, verdict.targets, plain(verdict.bytes)]);
    },
  },
];
