/*
 * Routers joined by a hop in memory: accounts have one owner, stanzas reach it in order, whatever the hop delays,
 * passes in another order between accounts, or loses.
 */
import { describe, expect, test } from 'vitest';
import {
  Dispatcher,
  Router,
  localHop,
  type Envelope,
  type Hop,
  type NextHop,
  type Outcome,
  type Seat,
  type Verdict,
} from 'tercet';
import { bytesOf, strangers, textOf } from './verona.js';

/** Nodes, and who owns which account. */
class Ring {
  readonly owners = new Map<string, string>();
  readonly handlers = new Map<string, (envelope: Envelope) => Outcome>();
  readonly epochs = new Map<string, number>();
  /** Envelopes that were carried, as `account id`. */
  readonly carried: string[] = [];
  /** What the next envelopes meet instead of the owner. */
  readonly failures: Outcome[] = [];
  delay: (envelope: Envelope) => number = () => 0;

  hop(node: string): NextHop {
    const locate = (to: string): Hop => {
      const bare = to.slice(0, `${to}/`.indexOf('/'));
      const owner = this.owners.get(bare);
      if (owner === node) return { kind: 'local' };
      if (owner === undefined) return { kind: 'none' };
      return { kind: 'owner', node: owner, epoch: this.epochs.get(owner) ?? 1 };
    };
    return {
      locate,
      forward: async (hop, envelope) => {
        await new Promise((resolve) => setTimeout(resolve, this.delay(envelope)));
        const failure = this.failures.shift();
        if (failure === 'unreachable') throw new Error('the line is cut');
        if (failure !== undefined) return failure;
        const handler = hop.kind === 'owner' ? this.handlers.get(hop.node) : undefined;
        this.carried.push(`${envelope.account} ${idOf(envelope.bytes)}`);
        return handler === undefined ? 'unreachable' : handler(envelope);
      },
      subscribe: (handler) => this.handlers.set(node, handler),
    };
  }
}

const idOf = (bytes: Uint8Array): string => / id='([^']*)'/.exec(textOf(bytes))?.[1] ?? '';

interface Machine {
  readonly router: Router<string>;
  readonly dispatcher: Dispatcher<string>;
  /** `target id`, in the order of delivery. */
  readonly delivered: string[];
  readonly verdicts: Verdict<string>[];
}

function machine(node: string, nextHop: NextHop, epoch = 1): Machine {
  const router = new Router<string>({ domains: ['example.com'], accounts: strangers });
  const delivered: string[] = [];
  const verdicts: Verdict<string>[] = [];
  const act = (verdict: Verdict<string>): Outcome => {
    verdicts.push(verdict);
    if (verdict.type === 'deliver' || verdict.type === 'bounce') {
      for (const target of verdict.targets) delivered.push(`${target} ${idOf(verdict.bytes)}`);
      return 'delivered';
    }
    return verdict.type === 'store' ? 'stored' : 'no-resource';
  };
  return {
    router,
    dispatcher: new Dispatcher({ router, nextHop, node, epoch, act }),
    delivered,
    verdicts,
  };
}

function verona() {
  const ring = new Ring();
  const montague = machine('montague', ring.hop('montague'));
  const capulet = machine('capulet', ring.hop('capulet'));
  ring.owners.set('romeo@example.com', 'montague');
  const romeo = montague.router.bind('romeo@example.com/orchard', 'romeo');
  romeo.available();
  for (const name of ['juliet', 'tybalt', 'nurse']) {
    ring.owners.set(`${name}@example.com`, 'capulet');
    capulet.router.bind(`${name}@example.com/house`, name).available();
  }
  return { ring, montague, capulet, romeo };
}

const message = (to: string, id: number | string): Uint8Array =>
  bytesOf(`<message to='${to}' id='${id}'><body/></message>`);
const request = (to: string, id: string): Uint8Array =>
  bytesOf(`<iq type='get' to='${to}' id='${id}'><q xmlns='jabber:iq:version'/></iq>`);
const conditions = ({ verdicts }: Machine) => verdicts.map(({ condition }) => condition);

test('the local hop is the router alone', async () => {
  const { router, dispatcher, delivered } = machine('one', localHop);
  const romeo = router.bind('romeo@example.com/orchard', 'romeo');
  router.bind('juliet@example.com/balcony', 'juliet');
  await dispatcher.send(message('juliet@example.com/balcony', 1), romeo);
  expect(delivered).toEqual(['juliet 1']);
});

test('a stanza is decided by the owner of its account, with the sender stamped', async () => {
  const { montague, capulet, romeo } = verona();
  await montague.dispatcher.send(message('juliet@example.com', 1), romeo);
  expect(montague.verdicts).toEqual([]);
  const [verdict] = capulet.verdicts;
  expect(verdict).toMatchObject({
    type: 'deliver',
    targets: ['juliet'],
    rule: 'RFC 6121, 8.5.2.1.1',
  });
  expect(textOf(verdict.bytes)).toBe(
    `<message from='romeo@example.com/orchard' xmlns='jabber:client' to='juliet@example.com' id='1'><body/></message>`,
  );
});

test('what concerns the sender alone does not travel', async () => {
  const { ring, montague, romeo } = verona();
  await montague.dispatcher.send(bytesOf('<presence/>'), romeo);
  await montague.dispatcher.send(message('@', 1), romeo);
  await montague.dispatcher.send(message('romeo@example.com', 2), romeo);
  expect(montague.verdicts.map(({ type }) => type)).toEqual(['handle', 'bounce', 'deliver']);
  expect(ring.carried).toEqual([]);
});

test('delays and another order between accounts leave the order to each account', async () => {
  const { ring, montague, capulet, romeo } = verona();
  let seed = 7;
  ring.delay = ({ account }) => {
    seed = (seed * 48271) % 0x7fffffff;
    return account.startsWith('juliet') ? 12 : seed % 4;
  };
  const sent: Promise<void>[] = [];
  for (let id = 0; id < 24; id++) {
    const name = ['juliet', 'tybalt', 'nurse'][id % 3] ?? '';
    const to = `${name}@example.com${id % 2 ? '/house' : ''}`;
    sent.push(montague.dispatcher.send(message(to, id), romeo));
  }
  await Promise.all(sent);
  for (const [offset, name] of ['juliet', 'tybalt', 'nurse'].entries()) {
    const expected = Array.from({ length: 8 }, (_, index) => `${name} ${offset + index * 3}`);
    expect(capulet.delivered.filter((line) => line.startsWith(name))).toEqual(expected);
  }
  // The slow account has held up nobody else.
  expect(capulet.delivered.at(-1)).toBe('juliet 21');
  expect(capulet.delivered.indexOf('nurse 23')).toBeLessThan(23);
});

describe('a hop that fails', () => {
  test('is tried once more', async () => {
    const { ring, montague, capulet, romeo } = verona();
    ring.failures.push('unreachable');
    await montague.dispatcher.send(message('juliet@example.com', 1), romeo);
    expect(capulet.delivered).toEqual(['juliet 1']);
  });

  test('gives a request its one answer, keeps a message, drops presence', async () => {
    const { ring, montague, romeo } = verona();
    const { dispatcher } = montague;
    for (const failure of ['unreachable', 'timeout', 'no-resource'] as const) {
      montague.verdicts.length = 0;
      const twice = failure === 'unreachable' ? [failure, failure] : [failure];
      ring.failures.push(...twice, ...twice, ...twice, ...twice);
      await dispatcher.send(request('juliet@example.com/house', 'a'), romeo);
      await dispatcher.send(message('juliet@example.com', 'b'), romeo);
      await dispatcher.send(bytesOf(`<presence to='juliet@example.com' id='c'/>`), romeo);
      await dispatcher.send(
        bytesOf(`<iq type='result' to='juliet@example.com/house' id='d'/>`),
        romeo,
      );
      expect(montague.verdicts.map(({ type, bytes }) => `${type} ${idOf(bytes)}`)).toEqual([
        'bounce a',
        'store b',
      ]);
      const condition = failure === 'timeout' ? 'remote-server-timeout' : 'recipient-unavailable';
      expect(montague.verdicts[0]).toMatchObject({
        condition,
        errorType: 'wait',
        targets: ['romeo'],
      });
      expect(textOf(montague.verdicts[0].bytes)).toContain(
        `<error type='wait'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
      );
    }
  });

  test('that is overloaded says so', async () => {
    const { ring, montague, romeo } = verona();
    ring.failures.push('overloaded', 'overloaded', 'overloaded');
    await montague.dispatcher.send(request('juliet@example.com/house', 'a'), romeo);
    await montague.dispatcher.send(message('juliet@example.com', 'b'), romeo);
    await montague.dispatcher.send(bytesOf(`<presence to='juliet@example.com'/>`), romeo);
    expect(conditions(montague)).toEqual(['resource-constraint', 'resource-constraint']);
  });

  test('holds back a bounded number of stanzas', async () => {
    const ring = new Ring();
    const router = new Router<string>({ domains: ['example.com'], accounts: strangers });
    const refused: (string | undefined)[] = [];
    const dispatcher = new Dispatcher({
      router,
      nextHop: ring.hop('montague'),
      node: 'montague',
      epoch: 1,
      maxWaiting: 3,
      act: ({ condition }) => {
        refused.push(condition);
        return 'delivered';
      },
    });
    ring.owners.set('juliet@example.com', 'capulet');
    ring.delay = () => 5;
    const romeo: Seat<string> = router.bind('romeo@example.com/orchard', 'romeo');
    const sent = [1, 2, 3, 4, 5].map((id) =>
      dispatcher.send(message('juliet@example.com', id), romeo),
    );
    expect(refused).toEqual(['resource-constraint', 'resource-constraint']);
    await Promise.all(sent);
  });
});

describe('an owner that changes', () => {
  test('refuses what it no longer owns, and the new one gets it', async () => {
    const { ring, montague, romeo } = verona();
    const mantua = machine('mantua', ring.hop('mantua'));
    mantua.router.bind('juliet@example.com/tomb', 'juliet in mantua').available();
    ring.delay = () => {
      ring.owners.set('juliet@example.com', 'mantua');
      return 0;
    };
    await montague.dispatcher.send(message('juliet@example.com', 1), romeo);
    expect(ring.carried).toEqual(['juliet@example.com 1', 'juliet@example.com 1']);
    expect(mantua.delivered).toEqual(['juliet in mantua 1']);
  });

  test('may be the node that asks', async () => {
    const { ring, montague, romeo } = verona();
    montague.router.bind('juliet@example.com/orchard', 'juliet here').available();
    ring.delay = () => {
      ring.owners.set('juliet@example.com', 'montague');
      return 0;
    };
    await montague.dispatcher.send(message('juliet@example.com', 1), romeo);
    expect(montague.delivered).toEqual(['juliet here 1']);
  });

  test('refuses envelopes of an earlier life of their node', async () => {
    const { ring, montague, capulet, romeo } = verona();
    const later = machine('montague', ring.hop('montague'), 2);
    const newRomeo = later.router.bind('romeo@example.com/orchard', 'romeo');
    await later.dispatcher.send(message('juliet@example.com', 2), newRomeo);
    await montague.dispatcher.send(message('juliet@example.com', 1), romeo);
    expect(capulet.delivered).toEqual(['juliet 2']);
    expect(montague.verdicts.map(({ type }) => type)).toEqual(['store']);
  });

  test('a seat that leaves takes its waiting stanzas along', async () => {
    const { ring, montague, capulet, romeo } = verona();
    ring.delay = () => 2;
    const sent = [1, 2, 3].map((id) =>
      montague.dispatcher.send(message('juliet@example.com', id), romeo),
    );
    await sent[0];
    romeo.unbind();
    await Promise.all(sent);
    expect(capulet.delivered.length).toBeLessThan(3);
    expect(montague.verdicts).toEqual([]);
  });
});
