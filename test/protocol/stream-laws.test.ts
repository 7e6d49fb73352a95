/*
 * Laws of both machines: whatever a peer says, nothing throws and the end comes once and last; whatever
 * gets lost on the way, a session that is resumed loses no stanza and has none twice.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { xml } from 'tercet';
import { ClientStream, StreamManagement } from 'tercet/protocol';
import type { ClientEffect } from 'tercet/protocol';
import { tcpFraming } from 'tercet/transport';
import { Host, bindRequest, plainAuth, tcpHeader } from './host.js';
import { Pair, sessions } from './pair.js';

const runs = process.env.TERCET_QUICK === '1' ? 50 : 200;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const sm = "xmlns='urn:xmpp:sm:3'";
const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";
const streams = "xmlns:stream='http://etherx.jabber.org/streams'";

/** What a server may say, in or out of place. */
const serverPhrases = [
  `<stream:stream xmlns='jabber:client' ${streams} id='1' version='1.0'>`,
  "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism></mechanisms></stream:features>",
  `<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm ${sm}/></stream:features>`,
  `<success ${sasl}/>`,
  `<challenge ${sasl}>AAAA</challenge>`,
  `<failure ${sasl}><not-authorized/></failure>`,
  "<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>a@b/c</authorization-identifier></success>",
  "<iq type='result' id='bind-1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@localhost/c</jid></bind></iq>",
  "<iq type='error' id='bind-1'/>",
  `<enabled ${sm} id='x' resume='true'/>`,
  `<failed ${sm}/>`,
  `<resumed ${sm} previd='x' h='0'/>`,
  `<r ${sm}/>`,
  `<a ${sm} h='0'/>`,
  `<a ${sm} h='7'/>`,
  "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>",
  '<message/>',
  '</stream:stream>',
  '<stream:error/>',
  '\n',
  '<!-- -->',
];

/** The way in, as far as it goes, then anything. */
const serverTalk = fc
  .tuple(fc.nat(5), fc.array(fc.constantFrom(...serverPhrases), { maxLength: 10 }))
  .map(([known, rest]) => [
    ...[
      serverPhrases[0] + serverPhrases[1],
      serverPhrases[3],
      serverPhrases[0] + serverPhrases[2],
      serverPhrases[7],
      serverPhrases[9],
    ].slice(0, known),
    ...rest,
  ]);

function clientHearing(phrases: readonly string[]): ClientEffect[] {
  const client = new ClientStream({
    framing: tcpFraming,
    domain: 'localhost',
    tls: 'never',
    mechanisms: ['ANONYMOUS'],
    random: (count) => new Uint8Array(count),
    management: {},
    liveness: { pingMs: 1000, timeoutMs: 100 },
  });
  const effects = client.open(0);
  for (const phrase of phrases) effects.push(...client.receive(encode(phrase), 0));
  for (let now = 1000; now <= 60_000; now += 1000) effects.push(...client.tick(now));
  effects.push(...client.disconnected(60_000));
  return effects;
}

test('whatever a server says, a client ends once and last', () => {
  fc.assert(
    fc.property(serverTalk, (phrases) => {
      const types = clientHearing(phrases).map(({ type }) => type);
      expect(types.filter((type) => type === 'ended')).toHaveLength(1);
      expect(types.filter((type) => type === 'ready').length).toBeLessThanOrEqual(1);
      expect(types.at(-1)).toBe('close');
      expect(types.lastIndexOf('stanza')).toBeLessThan(types.indexOf('ended'));
    }),
    { numRuns: runs },
  );
});

test('how its words are cut changes nothing for a client', () => {
  const shown = (phrases: readonly string[]): string[] =>
    clientHearing(phrases).map((effect) =>
      effect.type === 'stanza'
        ? effect.stanza.toString()
        : effect.type === 'send'
          ? new TextDecoder().decode(effect.bytes)
          : JSON.stringify(effect),
    );
  fc.assert(
    fc.property(serverTalk, (phrases) => {
      expect(shown(Array.from(phrases.join('')))).toEqual(shown([phrases.join('')]));
    }),
    { numRuns: runs },
  );
});

test('how stream management is cut changes nothing for a server', () => {
  const phrases = [
    `<enable ${sm} resume='true'/>`,
    `<resume ${sm} previd='one' h='0'/>`,
    `<r ${sm}/>`,
    `<a ${sm} h='0'/>`,
    `<a ${sm} h='9'/>`,
    '<message/>',
    "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
    '</stream:stream>',
    '\n',
  ];
  const hear = (pieces: readonly string[], isBound: boolean): string[] => {
    const host = new Host({ management: {} });
    host.say(tcpHeader).say(plainAuth).say(tcpHeader);
    if (isBound) host.say(bindRequest);
    for (const piece of pieces) host.say(piece);
    return host.effects.map((effect) =>
      effect.type === 'stanza'
        ? effect.stanza.toString()
        : effect.type === 'send'
          ? new TextDecoder().decode(effect.bytes)
          : effect.type,
    );
  };
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...phrases), { maxLength: 8 }),
      fc.boolean(),
      (words, isBound) => {
        expect(hear(Array.from(words.join('')), isBound)).toEqual(hear(words, isBound));
      },
    ),
    { numRuns: runs },
  );
});

/** What happens to a session: stanzas from either side, a little time, a loss. */
const happenings = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant('client' as const) },
    { weight: 4, arbitrary: fc.constant('server' as const) },
    { weight: 3, arbitrary: fc.nat(6) },
    { weight: 1, arbitrary: fc.constant('loss' as const) },
  ),
  { maxLength: 60 },
);

test('a session that is resumed loses nothing and has nothing twice', async () => {
  const connect = (
    resume: { management: StreamManagement; jid: string } | undefined,
  ): Promise<Pair> =>
    new Pair({
      client: {
        tls: 'never',
        mechanisms: ['ANONYMOUS'],
        management: { requestCount: 3 },
        ...(resume && { resume }),
      },
      server: { tls: 'none', mechanisms: ['ANONYMOUS'], management: { requestCount: 3 } },
    }).start();
  const idsOf = (effects: readonly { type: string }[]): string[] =>
    effects.flatMap((effect) =>
      effect.type === 'stanza'
        ? [(effect as { stanza?: ReturnType<typeof xml> }).stanza?.attr('id') ?? '']
        : [],
    );

  await fc.assert(
    fc.asyncProperty(happenings, async (list) => {
      sessions.clear();
      const sentByClient: string[] = [];
      const sentByServer: string[] = [];
      const heardByClient: string[] = [];
      const heardByServer: string[] = [];
      let pair = await connect(undefined);
      const collect = (): void => {
        heardByClient.push(...idsOf(pair.atClient));
        heardByServer.push(...idsOf(pair.atServer));
      };
      const loss = async (): Promise<void> => {
        pair.cut();
        await pair.settle();
        collect();
        const { management, jid } = pair.client;
        if (!management || !pair.server.management) throw new Error('there is no session');
        sessions.set(management.id, pair.server.management);
        pair = await connect({ management, jid });
        expect(pair.of('ready')).toEqual([expect.objectContaining({ isResumed: true })]);
      };
      for (const happening of list) {
        if (happening === 'client') {
          const id = `c${sentByClient.push('') - 1}`;
          sentByClient[sentByClient.length - 1] = id;
          pair.takeClient(pair.client.write(xml('message', { xmlns: 'jabber:client', id }), 0));
        } else if (happening === 'server') {
          const id = `s${sentByServer.push('') - 1}`;
          sentByServer[sentByServer.length - 1] = id;
          pair.takeServer(pair.server.write(xml('message', { xmlns: 'jabber:client', id }), 0));
        } else if (happening === 'loss') await loss();
        else await pair.settle(happening);
      }
      await loss();
      await pair.settle();
      collect();
      expect(heardByServer).toEqual(sentByClient);
      expect(heardByClient).toEqual(sentByServer);
    }),
    { numRuns: runs },
  );
});

test('the account of a session is that of a list', () => {
  const operations = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('push' as const) }),
      fc.record({ kind: fc.constant('ack' as const), count: fc.integer({ min: -2, max: 6 }) }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(operations, fc.constantFrom(0, 2 ** 32 - 3), (list, start) => {
      const account = new StreamManagement({ sentCount: start, unacked: [] });
      let waiting: number[] = [];
      let tag = 0;
      for (const operation of list) {
        if (operation.kind === 'push') {
          tag += 1;
          waiting.push(tag);
          account.push(encode('<message/>'), tag);
        } else {
          const { count } = operation;
          const acked = (account.sentCount - waiting.length + 2 ** 32) % 2 ** 32;
          const answer = account.acknowledge((acked + count + 2 ** 32) % 2 ** 32);
          if (count < 0 || count > waiting.length) expect(answer).toBeUndefined();
          else {
            expect(answer?.map((sent) => sent.tag)).toEqual(waiting.slice(0, count));
            waiting = waiting.slice(count);
          }
        }
        expect(account.unacked.map((sent) => sent.tag)).toEqual(waiting);
        expect(account.unackedBytes).toBe(waiting.length * 10);
      }
    }),
    { numRuns: runs },
  );
});
