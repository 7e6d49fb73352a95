/*
 * A stream of stanzas through a seat: what comes out does not depend on how it was cut, keeps its order, and waits
 * where it has to (RFC 6120, section 10.1).
 */
import { describe, expect, test } from 'vitest';
import { Router, StreamParser, UsageError, type Answer, type Batch, type Verdict } from 'tercet';
import { bytesOf, feed, header, plain, strangers, textOf, verona, type Outcome } from './verona.js';

/** A bit of everything: direct ways, verdicts of each kind, errors, references, large and tiny stanzas. */
const traffic = [
  `<message to='juliet@example.com/balcony' id='1'><body>Hi</body></message>`,
  `<message to='juliet@example.com' type='chat' id='2'><body>&lt;ü&gt;</body></message>\n`,
  `<presence><priority>3</priority></presence>`,
  `<message to='juliet@example.com/nowhere' type='groupchat' id='3'/>`,
  `<iq type='get' id='4'><query xmlns='jabber:iq:roster'/></iq>`,
  ` <presence to='juliet@example.com'/>`,
  `<iq type='set' id='5'><query xmlns='jabber:iq:roster'><item jid='a@b'/></query></iq>`,
  `<message to='Juliet@Example.com/balcony' id='6'/>`,
  `<message to='nurse@verona.example' id='7'><body>far</body></message>`,
  `<r xmlns='urn:xmpp:sm:3'/>`,
  `<message to='nobody@example.com' id='8'><body>lost</body></message>`,
  `<message to='away@example.com' id='9'><body>later</body></message>`,
  `<iq to='juliet@example.com/balcony' type='get' id='10'><ping xmlns='urn:xmpp:ping'/></iq>`,
  `<message to='juliet@example.com/balcony' id='11'/>`,
  `<message to='@' id='12'/>`,
  `<message to='ju&#x6c;iet@example.com/bal&#99;ony' id='13'/>`,
  `<presence to='juliet@example.com' type='subscribe'/>`,
  `<message to='juliet@example.com/balcony' id='14'><body>${'long '.repeat(300)}</body></message>`,
  `<message id='15'/>`,
].join('');

function world() {
  const exists = (bare: string) => bare === 'away@example.com';
  const built = verona({ exists, knows: () => false });
  built.router.bind('juliet@example.com/balcony', 'balcony').available({ priority: 1 });
  built.router.bind('juliet@example.com/chamber', 'chamber').available({ priority: 2 });
  return built;
}

const isSent = ({ type }: Verdict<string>): boolean => type === 'deliver' || type === 'bounce';

/**
 * What the targets get, by whichever way, and what is left to the host. Whether a stanza goes past the host or by a
 * verdict may depend on what came in the same chunk; what becomes of it may not. Replies to the sender have no
 * order among each other.
 */
function comparable({ received, verdicts, stanzas, end }: Outcome): object {
  const others = new Map(received);
  const replies = (others.get('romeo') ?? '').split(/(?=<message|<iq)/).sort();
  others.delete('romeo');
  const rest = verdicts
    .filter((verdict) => !isSent(verdict) && verdict.type !== 'drop')
    .map(({ type, subject, to, rule, bytes, holds }) => ({
      type,
      subject,
      to,
      rule,
      holds,
      text: plain(bytes).replace('xmlns="jabber:server"', "xmlns='jabber:server'"),
    }));
  return { others, replies, rest, stanzas, end };
}

test('the outcome does not depend on how the stream was cut', () => {
  const whole = comparable(feed(world().romeo, traffic));
  const sizes = Array.from({ length: 64 }, (_, index) => index + 1);
  for (const size of [...sizes, 100, 333, 1000, 2000]) {
    expect(comparable(feed(world().romeo, traffic, size)), `in pieces of ${size}`).toEqual(whole);
  }
});

test('what a stream makes of a stanza is what the stanza alone becomes', () => {
  const whole = comparable(feed(world().romeo, traffic));
  const { router, romeo } = world();
  const events = new StreamParser().feed(header + traffic);
  const verdicts = events.flatMap((event) =>
    event.type === 'stanza' ? [router.route(event.stanza, romeo)] : [],
  );
  const stanzas = verdicts.filter(({ subject }) => subject !== 'element').length;
  const received = new Map<string, string>();
  for (const verdict of verdicts.filter(isSent)) {
    for (const target of verdict.targets) {
      received.set(target, (received.get(target) ?? '') + plain(verdict.bytes));
    }
  }
  const outcome = { received, outputs: received, verdicts, stanzas, end: '' };
  expect(comparable(outcome)).toEqual(whole);
});

describe('order', () => {
  const ids = (text: string): number[] =>
    [...text.matchAll(/ id='(\d+)'/g)].map(([, id]) => Number(id));
  const message = (to: string, id: number): string => `<message to='${to}' id='${id}'/>`;

  test('stanzas to one target keep theirs, whichever of its addresses they are for', () => {
    const { romeo } = world();
    let source = '';
    for (let id = 0; id < 1000; id++) {
      source += message(`juliet@example.com${id % 3 ? '/chamber' : ''}`, id);
    }
    const { outputs, stanzas } = feed(romeo, source);
    const received = ids(outputs.get('chamber') ?? '');
    expect(received).toEqual(Array.from({ length: 1000 }, (_, id) => id));
    expect(stanzas).toBe(1000);
  });

  test('what holds back the stream ends its batch; the rest comes when it is asked for', () => {
    const { romeo } = world();
    const set = `<iq type='set' id='50'><query xmlns='jabber:iq:roster'/></iq>`;
    const to = 'juliet@example.com/chamber';
    const batches = romeo.feed(bytesOf(message(to, 1) + set + message(to, 2) + set + set));
    const seen: string[] = [];
    for (const batch of batches) {
      for (let index = 0; index < batch.count; index++) {
        seen.push(...ids(textOf(batch.output(index))).map(String));
      }
      seen.push(...batch.verdicts.map(({ subject }) => subject ?? ''));
    }
    expect(seen).toEqual(['1', 'account', '2', 'account', 'account']);
  });

  test('after a verdict on an account, what follows to it comes up as well', () => {
    const { romeo } = world();
    const to = 'juliet@example.com/balcony';
    const get = `<iq type='get' to='${to}' id='2'><ping xmlns='urn:xmpp:ping'/></iq>`;
    const source = message(to, 1) + get + message(to, 3) + message('romeo@example.com/orchard', 4);
    const { outputs, verdicts } = feed(romeo, source);
    expect(ids(outputs.get('balcony') ?? '')).toEqual([1]);
    expect(verdicts.map(({ type }) => type)).toEqual(['bounce', 'deliver']);
    expect(ids(textOf(verdicts[1]?.bytes ?? new Uint8Array()))).toEqual([3]);
    expect(ids(outputs.get('romeo') ?? '')).toEqual([4]);
  });

  test('other streams and single stanzas may come between two batches of one', () => {
    const { router, romeo } = world();
    const tybalt = router.bind('tybalt@example.com/street', 'tybalt');
    tybalt.open();
    feed(tybalt, header);
    const to = 'juliet@example.com/chamber';
    const source = `${message(to, 1)}<presence/>${message(to, 2)}<presence/>${message(to, 3)}`;
    const got: number[] = [];
    for (const batch of romeo.feed(bytesOf(source))) {
      for (let index = 0; index < batch.count; index++) {
        got.push(...ids(textOf(batch.output(index))));
      }
      const other = feed(tybalt, `${message(to, 7)}<presence/>${message(to, 8)}`);
      expect(ids(other.outputs.get('chamber') ?? '')).toEqual([7, 8]);
      expect(router.route(bytesOf(message(to, 9)), romeo).targets).toEqual(['chamber']);
      new StreamParser({ engine: router.engine }).feed(header.repeat(1) + '<message/>');
    }
    expect(got).toEqual([1, 2, 3]);
  });

  test('a chunk is taken to its end before the next one', () => {
    const { romeo } = world();
    const first = romeo.feed(bytesOf(`<presence/><message/>`))[Symbol.iterator]();
    first.next();
    expect(() => [...romeo.feed(bytesOf('<message/>'))]).toThrow(UsageError);
    while (first.next().done !== true);
    expect(feed(romeo, '<message/>').stanzas).toBe(1);
  });
});

describe('answers that come later', () => {
  function asked(answer: () => Answer) {
    const questions: string[] = [];
    const ask = (kind: string) => (bare: string) => {
      questions.push(`${kind} ${bare}`);
      return answer();
    };
    const built = verona({ exists: ask('exists'), knows: ask('knows') });
    built.router.bind('juliet@example.com/balcony', 'juliet').available();
    return { ...built, questions };
  }
  const to = (address: string, id: number): string =>
    `<message to='${address}' id='${id}'><body/></message>`;

  test('hold back the rest of the stream to that account, and nothing else', () => {
    const { router, romeo, questions } = asked(() => 'later');
    const source =
      to('away@example.com', 1) +
      to('juliet@example.com', 2) +
      to('away@example.com/x', 3) +
      to('gone@example.com', 4);
    const { outputs, verdicts } = feed(romeo, source);
    expect(outputs.get('juliet')).toContain(`id='2'`);
    expect(questions).toEqual(['exists away@example.com', 'exists gone@example.com']);
    expect(verdicts.map(({ type, toBare }) => [type, toBare])).toEqual([
      ['wait', 'away@example.com'],
      ['wait', 'away@example.com'],
      ['wait', 'gone@example.com'],
    ]);
    const [first, second, third] = verdicts;
    expect(second.token).toBe(first.token);
    expect(third.token).not.toBe(first.token);
    expect(router.route(bytesOf(to('away@example.com', 5)), romeo).token).toBe(first.token);
    // Others go on past it, in later chunks too.
    expect(feed(romeo, to('juliet@example.com', 6)).verdicts[0]?.type).toBe('deliver');
  });

  test('release what waited, in order', () => {
    let answer: Answer = 'later';
    const { router, romeo } = asked(() => answer);
    const { verdicts } = feed(romeo, to('away@example.com', 1) + to('away@example.com', 2));
    const token = verdicts[0]?.token ?? 0;
    answer = true;
    const released = router.answer(token, true);
    expect(released.map(({ type }) => type)).toEqual(['store', 'store']);
    expect(released.map(({ bytes }) => / id='(\d)'/.exec(textOf(bytes))?.[1])).toEqual(['1', '2']);
    expect(textOf(released[0]?.bytes ?? new Uint8Array())).toContain(
      `from='romeo@example.com/orchard'`,
    );
    expect(router.answer(token, true)).toEqual([]);
    expect(feed(romeo, to('juliet@example.com', 6)).outputs.has('juliet')).toBe(true);
  });

  test('may be followed by another question', () => {
    const { router, romeo } = asked(() => 'later');
    const first = `<message to='juliet@example.com/none' id='1'/>`;
    const { verdicts } = feed(romeo, first + to('juliet@example.com', 2));
    expect(verdicts[0]).toMatchObject({ type: 'wait', question: 'knows' });
    const released = router.answer(verdicts[0]?.token ?? 0, true);
    expect(released.map(({ type }) => type)).toEqual(['bounce', 'deliver']);
  });

  test('come to nothing when the seat has left', () => {
    const { router, romeo } = asked(() => 'later');
    const { verdicts } = feed(romeo, to('away@example.com', 1));
    romeo.unbind();
    expect(router.answer(verdicts[0]?.token ?? 0, true)).toEqual([]);
  });
});

describe('what the host wants to see', () => {
  const source = `<message to='juliet@example.com' type='chat'><body/></message>`;
  const cases = [
    ['filtered', 'juliet', 'deliver'],
    ['filtered', 'romeo', 'deliver'],
    ['carbons', 'juliet', 'deliver'],
    ['carbons', 'romeo', 'deliver'],
    ['inactive', 'juliet', 'deliver'],
  ] as const;
  test.each(cases)('%s of %s comes up', (flag, who) => {
    const { router, romeo } = verona();
    const juliet = router.bind('juliet@example.com/balcony', 'juliet');
    juliet.available();
    const seat = who === 'romeo' ? romeo : juliet;
    expect(feed(romeo, source).verdicts).toEqual([]);
    seat.flags = { [flag]: true };
    const { outputs, verdicts } = feed(romeo, source);
    expect(outputs.size).toBe(0);
    expect(verdicts).toMatchObject([{ type: 'deliver', targets: ['juliet'] }]);
    seat.flags = {};
    expect(feed(romeo, source).verdicts).toEqual([]);
  });

  test('presence and iq of an attended seat come up, messages do not', () => {
    const { router, romeo } = verona({ exists: () => true, knows: () => false });
    router.bind('juliet@example.com/balcony', 'juliet').available();
    romeo.flags = { attended: true };
    const silent = `<presence to='juliet@example.com/none'/>`;
    const shown = `<presence to='juliet@example.com'/>`;
    const answer = `<iq type='result' id='1' to='juliet@example.com/balcony'/>`;
    const { outputs, verdicts } = feed(romeo, source + silent + shown + answer);
    expect([...outputs.keys()]).toEqual(['juliet']);
    expect(verdicts.map(({ type, kind }) => `${type} ${kind ?? ''}`)).toEqual([
      'drop presence',
      'deliver presence',
      'deliver iq',
    ]);
  });

  test('what a seat sends comes up before it is kept, if it is worth storing', () => {
    const { router, romeo } = verona();
    router.bind('juliet@example.com/balcony', 'juliet').available();
    router.bind('benvolio@example.com/street', 'benvolio').available();
    romeo.flags = { kept: true };
    const to = (name: string, content: string, type = 'chat'): string =>
      `<message to='${name}@example.com' type='${type}'>${content}</message>`;
    const typing = "<active xmlns='http://jabber.org/protocol/chatstates'/>";
    const { outputs, verdicts } = feed(
      romeo,
      to('benvolio', typing) +
        to('juliet', '<body>1</body>') +
        to('juliet', typing) +
        to('benvolio', '<body>news</body>', 'headline'),
    );
    // What follows to the same account comes up as well, so that it stays behind.
    expect([...outputs.keys()]).toEqual(['benvolio']);
    expect(verdicts).toMatchObject([
      { type: 'deliver', targets: ['juliet'], toBare: 'juliet@example.com' },
      { type: 'deliver', targets: ['juliet'] },
    ]);
  });

  test('a chunk may be taken batch by batch', () => {
    const { router, romeo } = verona();
    router.bind('juliet@example.com/balcony', 'juliet').available();
    let batch = romeo.take(bytesOf(`${source}<presence/>${source}`));
    expect([batch.count, batch.verdicts.length, batch.isMore]).toEqual([1, 1, true]);
    expect(() => romeo.take(bytesOf(source))).toThrow(UsageError);
    batch = romeo.more();
    expect([batch.count, batch.verdicts.length, batch.isMore]).toEqual([1, 0, false]);
    batch = romeo.more();
    expect([batch.count, batch.stanzas, batch.isMore]).toEqual([0, 0, false]);
    expect(() => romeo.take(new Uint8Array(65_537))).toThrow(UsageError);
  });

  test('memory that is given back holds later output, and nothing that somebody may still read', () => {
    const { router, romeo } = verona({ exists: () => true, knows: () => false });
    router.bind('juliet@example.com/balcony', 'juliet').available();
    const take = (body: string): Batch<string> =>
      romeo.take(bytesOf(`<message to='juliet@example.com'><body>${body}</body></message>`));
    const released = take('one');
    const view = released.output(0);
    released.release();
    released.release();
    expect(released.bytes).toHaveLength(0);
    const kept = take('two');
    expect(textOf(view)).toContain('>two<');
    const stored = romeo.take(
      bytesOf("<message to='nurse@example.com'><body>later</body></message>"),
    );
    stored.release();
    const outputs = Array.from({ length: 2000 }, (_, index) => {
      const batch = take(`number ${index}`);
      const text = textOf(batch.output(0));
      batch.release();
      return text;
    });
    expect(outputs.every((text, index) => text.includes(`>number ${index}<`))).toBe(true);
    expect(textOf(kept.output(0))).toContain('>two<');
    // Of two copies in one block of memory, one is given back when others are written elsewhere.
    const [read, late] = [take('read'), take('late')];
    const held = Array.from({ length: 2000 }, (_, index) => take(`held ${index}`));
    late.release();
    for (const batch of held) batch.release();
    for (let index = 0; index < 4000; index++) take(`again ${index}`);
    expect(textOf(read.output(0))).toContain('>read<');
    expect(textOf(stored.verdicts[0].bytes)).toContain('>later<');
  });

  test('units are told apart', () => {
    const { router, romeo } = verona();
    router.bind('juliet@example.com/balcony', 'juliet', { flags: { units: true } }).available();
    const [batch] = romeo.feed(bytesOf(source + source));
    expect(batch.count).toBe(2);
    expect(batch.stanzaCount(0)).toBe(1);
  });
});

test('presence that was sent directly is remembered until it is taken back', () => {
  const { router, romeo } = verona({ exists: () => true, knows: () => false });
  const juliet = router.bind('juliet@example.com/balcony', 'juliet');
  juliet.open();
  feed(juliet, header);
  const ask = (): string =>
    router.route(
      bytesOf(
        `<iq to='juliet@example.com/balcony' type='get' id='1'><q xmlns='jabber:iq:version'/></iq>`,
      ),
      romeo,
    ).type;
  expect(ask()).toBe('bounce');
  feed(juliet, `<presence to='romeo@example.com/orchard'/>`);
  expect(ask()).toBe('deliver');
  feed(juliet, `<presence to='romeo@example.com/orchard' type='unavailable'/>`);
  expect(ask()).toBe('bounce');
  feed(juliet, `<presence to='Romeo@example.com'/><presence to='room@chat.example/juliet'/>`);
  expect(ask()).toBe('deliver');
  expect(juliet.takeDirected().sort()).toEqual(['romeo@example.com', 'room@chat.example/juliet']);
  expect(juliet.takeDirected()).toEqual([]);
  expect(ask()).toBe('bounce');
});

test('whom an account knows is asked once where the host wants it so', () => {
  let questions = 0;
  let isKnown = true;
  const router = new Router<string>({
    domains: ['example.com'],
    keepsKnown: true,
    accounts: {
      exists: () => true,
      knows: () => {
        questions++;
        return isKnown;
      },
    },
  });
  const romeo = router.bind('romeo@example.com/orchard', 'romeo');
  router.bind('juliet@example.com/balcony', 'juliet');
  const ask = (): string =>
    router.route(
      bytesOf(`<iq to='juliet@example.com/balcony' type='get' id='1'><q xmlns='a'/></iq>`),
      romeo,
    ).type;
  expect([ask(), ask(), ask()]).toEqual(['deliver', 'deliver', 'deliver']);
  expect(questions).toBe(1);
  isKnown = false;
  router.forget('juliet@example.com');
  expect([ask(), ask()]).toEqual(['bounce', 'bounce']);
  expect(questions).toBe(2);
});

test('a host that prefers errors to silence gets them for all alike', () => {
  const router = new Router<string>({
    domains: ['example.com'],
    strangers: 'error',
    accounts: { exists: (bare) => bare === 'away@example.com', knows: () => false },
  });
  const romeo = router.bind('romeo@example.com/orchard', 'romeo');
  for (const to of [
    'away@example.com',
    'nobody@example.com',
    'away@example.com/x',
    'no@example.com/x',
  ]) {
    for (const type of ['normal', 'chat']) {
      const source = `<message to='${to}' type='${type}'><body/></message>`;
      expect(router.route(bytesOf(source), romeo).type, source).toBe('bounce');
    }
  }
});

test('the end of a stream and its faults are told after what came before them', () => {
  const message = `<message to='juliet@example.com/balcony'/>`;
  const run = (tail: string) => {
    const { router, romeo } = verona();
    router.bind('juliet@example.com/balcony', 'juliet');
    return feed(romeo, `${message}<presence/>${message}${tail}`);
  };
  for (const [tail, end] of [
    ['</stream:stream>', 'closed'],
    ['<message>', ''],
    ['<!-- -->', 'restricted-xml'],
    ['text', 'bad-format'],
    ['</message>', 'not-well-formed'],
  ]) {
    const { outputs, stanzas, end: got } = run(tail);
    expect(got).toBe(end);
    expect(stanzas).toBe(3);
    expect(outputs.get('juliet')?.split('<message').length).toBe(3);
  }
  expect(strangers.exists('x')).toBe(false);
});
