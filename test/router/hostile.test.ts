/*
 * Input that wants to break something: tables that overflow, addresses made to be slow, stanzas too large to be
 * copied to everybody, streams of rubbish. Nothing throws, nothing grows without a bound, nobody else is disturbed.
 */
import { expect, test } from 'vitest';
import { Router, UsageError } from 'tercet';
import { bytesOf, feed, header, strangers, textOf, verona } from './verona.js';

/** A small generator: the same numbers in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('an account has 1,024 seats at the most, and a stanza reaches all of them', () => {
  const { router, romeo } = verona();
  for (let index = 0; index < 1024; index++) {
    router.bind(`juliet@example.com/${index}`, String(index)).available();
  }
  expect(() => router.bind('juliet@example.com/more', 'more')).toThrow(UsageError);
  const small = feed(romeo, `<message to='juliet@example.com'><body/></message>`);
  expect(small.outputs.size).toBe(1024);
  // What would be 200 MB is told once, with all who are to get it.
  const large = `<message to='juliet@example.com' id='a'><body>${'x'.repeat(200_000)}</body></message>`;
  const { outputs, verdicts } = feed(
    romeo,
    `${large}<message to='juliet@example.com/7' id='b'/>`,
    60_000,
  );
  expect(outputs.size).toBe(0);
  expect(verdicts.map(({ type, targets }) => [type, targets.length])).toEqual([
    ['deliver', 1024],
    ['deliver', 1],
  ]);
  expect(router.seatsOf('juliet@example.com')).toHaveLength(1024);
});

test('a chunk of thousands of stanzas is taken in rounds', () => {
  const { router, romeo } = verona();
  router.bind('a@example.com/b', 'a').available();
  const tiny = `<message to='a@example.com'/>`;
  const { outputs, stanzas, verdicts } = feed(romeo, tiny.repeat(3000));
  expect(stanzas).toBe(3000);
  expect(verdicts).toEqual([]);
  expect(outputs.get('a')?.split('<message').length).toBe(3001);
  expect(feed(romeo, '<presence/>'.repeat(3000)).verdicts).toHaveLength(3000);
});

test('addresses by references have room, however many there are', () => {
  const { router, romeo } = verona();
  router.bind('juliet@example.com/balcony', 'juliet').available();
  const spelled = Array.from(
    'juliet@example.com/balcony',
    (character) => `&#x${'0'.repeat(400)}${character.charCodeAt(0).toString(16)};`,
  ).join('');
  const source = `<message to='${spelled}'/>`.repeat(40);
  const whole = feed(romeo, source);
  expect(whole.outputs.get('juliet')?.split('<message').length).toBe(41);
  expect(feed(romeo, source, 777).outputs).toEqual(whole.outputs);
});

test('presence is sent to 4,096 addresses, and to one more it is refused', () => {
  const { romeo } = verona();
  const presence = (index: number, type = '') =>
    `<presence to='x${index}@elsewhere.example'${type}/>`;
  for (let index = 0; index < 4096; index++) {
    expect(feed(romeo, presence(index)).verdicts[0].type).toBe('forward');
  }
  const reply = feed(romeo, presence(4096)).outputs.get('romeo') ?? '';
  expect(reply).toContain(`<error type='wait'><resource-constraint `);
  // Those that have it already may get more of it, and who takes one back has room for another.
  expect(feed(romeo, presence(7)).verdicts[0].type).toBe('forward');
  feed(romeo, presence(0, ` type='unavailable'`));
  expect(feed(romeo, presence(4096)).verdicts[0].type).toBe('forward');
  expect(romeo.takeDirected()).toHaveLength(4096);
});

test('the table of addresses agrees with a Map over many comings and goings', () => {
  const router = new Router<string>({ domains: ['example.com'], accounts: strangers });
  const known = new Map<string, { unbind(): void }>();
  const random = numbers(5);
  for (let step = 0; step < 6000; step++) {
    const jid = `user${random(400)}@example.com/${random(4)}`;
    const seat = known.get(jid);
    if (seat) {
      seat.unbind();
      known.delete(jid);
    } else known.set(jid, router.bind(jid, jid));
  }
  expect(router.count).toBe(known.size);
  for (let user = 0; user < 400; user++) {
    const bare = `user${user}@example.com`;
    const expected = [0, 1, 2, 3]
      .map((resource) => `${bare}/${resource}`)
      .filter((jid) => known.has(jid));
    expect(
      router
        .seatsOf(bare)
        .map(({ jid }) => jid)
        .sort(),
    ).toEqual(expected);
    for (const jid of expected) expect(router.find(jid)?.target).toBe(jid);
  }
});

const pieces = [
  `<message to='juliet@example.com/balcony'>`,
  `<message to="juliet@example.com" type='chat'>`,
  '<message>',
  '</message>',
  `<presence to='juliet@example.com'/>`,
  `<presence type='subscribe' to='juliet@example.com/x'/>`,
  `<iq type='get' id='1' to='juliet@example.com/balcony'><a/></iq>`,
  `<iq type='set' id='2'><a xmlns='b'/></iq>`,
  `<iq type='error' id='2' to='&#x6a;uliet@example.com'/>`,
  `<message from='a' to='ß@exämple.com' id=''/>`,
  `<body xmlns:p='q'><p:a/></body>`,
  '<body/>',
  'text &amp; ü',
  '<![CDATA[</message>]]>',
  ' \n',
  `<message to='example.com'/>`,
  `<message to='x@elsewhere.example'/>`,
  `<r xmlns='urn:xmpp:sm:3'/>`,
];

test('rubbish in any pieces ends the stream at the most', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = numbers(seed);
    let source = '';
    for (let count = 0; count < 30; count++) source += pieces[random(pieces.length)] ?? '';
    if (seed % 3 === 0) {
      const at = random(source.length);
      source = source.slice(0, at) + '<>&"\'\u0000é'[random(7)] + source.slice(at + 1);
    }
    const run = (size: number) => {
      const { router, romeo } = verona({ exists: () => true, knows: () => seed % 2 === 0 });
      router.bind('juliet@example.com/balcony', 'juliet').available();
      const { received, verdicts, stanzas, end } = feed(romeo, source, size);
      const rest = verdicts.map(({ type, to, rule }) => `${type} ${to} ${rule}`);
      // Replies to the sender, and what comes up beside other ways, may change places.
      const told = rest.filter((line) => !/^(deliver|bounce|drop)/.test(line));
      return { juliet: received.get('juliet'), told, stanzas, end };
    };
    const whole = run(Infinity);
    for (const size of [1, 2 + random(40), 50 + random(300)]) {
      expect(run(size), `seed ${seed} in pieces of ${size}`).toEqual(whole);
    }
  }
});

test('a stream that ends in a fault leaves the others alone', () => {
  const { router, romeo } = verona();
  const juliet = router.bind('juliet@example.com/balcony', 'juliet');
  juliet.open();
  feed(juliet, header);
  expect(feed(juliet, '<message to="romeo@example.com/orchard"/><a><b></a>').end).toBe(
    'not-well-formed',
  );
  expect(feed(juliet, '<message/>').stanzas).toBe(0);
  const { outputs } = feed(romeo, `<message to='juliet@example.com/balcony'/>`);
  expect(outputs.has('juliet')).toBe(true);
  expect(textOf(bytesOf('é'))).toBe('é');
});
