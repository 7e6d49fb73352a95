/*
 * Every cell of table.md: the account in the state of the column, the stanza of the row by itself and in a
 * stream, from a sender whom the account does not know and from one whom it does. The two ways must agree.
 *
 * Where the project's reference data lies beside the repository, the table must say what those say.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UsageError, parse, type Decision, type Router } from 'tercet';
import { bytesOf, feed, textOf, verona } from './verona.js';

interface Cell {
  readonly kind: string;
  readonly type: string;
  readonly to: 'bare' | 'match' | 'miss';
  readonly state: string;
  readonly stranger: string;
  readonly known: string;
}

function readTable(): Cell[] {
  const cells: Cell[] = [];
  const source = readFileSync(new URL('table.md', import.meta.url), 'utf8');
  for (const section of source.split('\n## ').slice(1)) {
    const [title = '', ...lines] = section.split('\n');
    const kind = title.split(' ')[0] ?? '';
    const to = title.includes('bare') ? 'bare' : title.includes('not bound') ? 'miss' : 'match';
    const rows = lines.filter((line) => line.startsWith('|')).map(cellsOf);
    const states = rows[0]?.slice(1) ?? [];
    for (const [type = '', ...actions] of rows.slice(2)) {
      for (const [index, action] of actions.entries()) {
        const [stranger = '', known = stranger] = action.split(' / ');
        cells.push({ kind, type, to, state: states[index] ?? '', stranger, known });
      }
    }
  }
  return cells;
}

const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

const cells = readTable();

/** Binds what the state asks for; the full JID of the stanzas is .../balcony. */
function settle(router: Router<string>, { state, to }: Cell): void {
  const bind = (resource: string) => router.bind(`juliet@example.com/${resource}`, resource);
  const isBound = state !== 'no account' && state !== 'no resource';
  // In the state `one` the other resource is the one; the addressed one has no presence.
  if (to === 'match') bind('balcony');
  else if (isBound) bind('silent');
  if (state === 'negative' || state === 'one' || state === 'several') {
    bind('cellar').available({ priority: -1 });
  }
  if (state === 'one' || state === 'several') bind('chamber').available({ priority: 1 });
  if (state === 'several') {
    bind('garden').available({ priority: 5 });
    bind('tomb').available({ priority: 5 });
    bind('street').available({ priority: 0 });
  }
}

/** Who gets a stanza by the letters D, A, M and V. */
function targetsOf(letter: string, { state, to }: Cell): string[] {
  if (letter === 'D') return to === 'match' ? ['balcony'] : ['chamber'];
  if (letter === 'M') return ['garden', 'tomb'];
  const nonNegative = { one: ['chamber'], several: ['chamber', 'garden', 'street', 'tomb'] };
  const present = state === 'one' || state === 'several' ? nonNegative[state] : [];
  return letter === 'V' ? ['cellar', ...present] : present;
}

function stanzaOf({ kind, type, to }: Cell): string {
  const address = to === 'bare' ? 'juliet@example.com' : 'juliet@example.com/balcony';
  const attribute = type === 'normal' || type === 'available' ? '' : ` type='${type}'`;
  const content =
    kind === 'message'
      ? '<body>Hi</body>'
      : kind === 'iq'
        ? "<query xmlns='jabber:iq:version'/>"
        : '';
  return `<${kind} id='1' to='${address}'${attribute}>${content}</${kind}>`;
}

/** The letter of a verdict, with those who get the stanza. */
function letterOf(verdict: Decision<string>): string {
  switch (verdict.type) {
    case 'deliver':
      return [...verdict.targets].sort().join();
    case 'drop':
      return 'S';
    case 'store':
      return 'O';
    case 'bounce':
      return verdict.condition === 'service-unavailable' ? 'E' : 'error';
    case 'handle':
      if (verdict.subject === 'subscription') return 'P';
      return verdict.subject === 'unsubscribed' ? 'U' : 'H';
    case 'close':
    case 'forward':
    case 'wait':
      return verdict.type;
  }
}

const expected = (letter: string, cell: Cell): string =>
  'DAMV'.includes(letter) ? targetsOf(letter, cell).sort().join() : letter;

function worldOf(cell: Cell, isKnown: boolean) {
  const exists = (bare: string) => bare === 'juliet@example.com' && cell.state !== 'no account';
  const world = verona({ exists, knows: () => isKnown });
  settle(world.router, cell);
  return world;
}

describe('a host that carries stanzas itself', () => {
  const from = 'romeo@example.com/orchard';
  const message = { kind: 'message', type: 'chat', from } as const;

  test('is asked what it knows, with the addresses, unless it has said so', () => {
    const asked: string[][] = [];
    const answer = (...addresses: string[]): boolean => asked.push(addresses) > 0;
    const { router } = verona({ exists: answer, knows: answer });
    const to = 'juliet@example.com/balcony';
    const query = { kind: 'message', type: 'normal', from, to } as const;
    expect(router.decide(query)).toMatchObject({
      type: 'bounce',
      condition: 'service-unavailable',
    });
    expect(asked).toEqual([['juliet@example.com'], ['juliet@example.com', from, to]]);
    expect(router.decide({ ...query, exists: true, knows: false }).type).toBe('drop');
    expect(asked).toHaveLength(2);
  });

  test('is told what to find out where it cannot say at once', () => {
    const { router } = verona({ exists: () => 'later', knows: () => 'later' });
    const query = { ...message, to: 'juliet@example.com' };
    expect(router.decide(query)).toMatchObject({ type: 'wait', question: 'exists', targets: [] });
    expect(router.decide({ ...query, exists: true }).type).toBe('store');
  });

  test('has the account of a sender known to itself, seat or not', () => {
    const { router } = verona({ exists: () => true, knows: () => false });
    router.bind('juliet@example.com/balcony', 'balcony');
    const query = { kind: 'iq', type: 'get', to: 'juliet@example.com/balcony' } as const;
    for (const [sender, type] of [
      ['juliet@example.com/gone', 'deliver'],
      ['juliet@example.com', 'deliver'],
      ['romeo@example.com/gone', 'bounce'],
    ]) {
      expect(router.decide({ ...query, from: sender }).type, sender).toBe(type);
    }
  });

  test('hears of addresses that are not for accounts', () => {
    const { router } = verona();
    expect(router.decide({ ...message, to: 'example.com' })).toMatchObject({ subject: 'host' });
    expect(router.decide({ ...message, to: 'juliet@example.org' }).type).toBe('forward');
    expect(router.decide({ ...message, to: '@' })).toMatchObject({ condition: 'jid-malformed' });
    expect(router.decide({ ...message, type: 'error', to: '@' }).type).toBe('drop');
    expect(() => router.decide({ ...message, from: '@', to: 'example.com' })).toThrow(UsageError);
  });

  test('may ask in the middle of a chunk of a stream', () => {
    const { router, romeo } = verona({ exists: () => true, knows: () => false });
    const julia = 'jülia@example.com';
    router.bind(`${julia}/balcony`, 'balcony').available();
    const stanzas = "<presence/><message to='jülia@example.com'><body>Hi</body></message>".repeat(
      3,
    );
    const heard: string[] = [];
    for (const batch of romeo.feed(new TextEncoder().encode(stanzas))) {
      heard.push(...Array.from({ length: batch.count }, (_each, index) => batch.target(index)));
      heard.push(...batch.verdicts.map(({ type }) => type));
      heard.push(...router.decide({ ...message, to: julia }).targets);
    }
    expect(heard.filter((each) => each === 'handle')).toHaveLength(3);
    expect(heard.filter((each) => each === 'balcony').length).toBeGreaterThanOrEqual(6);
  });
});

test('of a type that there is not nothing is decided', () => {
  const { router } = verona();
  const query = { from: 'romeo@example.com', to: 'juliet@example.com' };
  expect(() => router.decide({ ...query, kind: 'message', type: 'get' })).toThrow(UsageError);
  expect(() => router.decide({ ...query, kind: 'presence', type: 'normal' })).toThrow(UsageError);
});

test('the table has all cells', () => {
  expect(cells).toHaveLength(17 * 16);
});

describe.each([false, true])('from a sender who is known: %s', (isKnown) => {
  test.each(cells)('$kind $type, $to, $state', (cell) => {
    const letter = isKnown ? cell.known : cell.stranger;
    const { router, romeo } = worldOf(cell, isKnown);
    const verdict = router.route(bytesOf(stanzaOf(cell)), romeo);
    expect(letterOf(verdict)).toBe(expected(letter, cell));
    // A host that carries the stanza itself hears the same.
    const to = cell.to === 'bare' ? 'juliet@example.com' : 'juliet@example.com/balcony';
    const { kind, type } = cell as { kind: 'message'; type: string };
    const decision = router.decide({ kind, type, from: romeo.jid, to });
    expect(letterOf(decision)).toBe(expected(letter, cell));
    expect(decision.rule).toBe(verdict.rule);
    expect(verdict.rule).toMatch(/^RFC 6121, 8\.5\./);
    expect(verdict).toMatchObject({ kind: cell.kind, stanzaType: cell.type });
    if (verdict.type === 'drop') return;
    const got = parse(verdict.bytes);
    if (verdict.type === 'bounce') {
      expect(got.attrs).toMatchObject({
        type: 'error',
        id: '1',
        to: 'romeo@example.com/orchard',
        from: cell.to === 'bare' ? 'juliet@example.com' : 'juliet@example.com/balcony',
      });
      expect(got.child('error')?.child('service-unavailable')).toBeDefined();
      expect(verdict.targets).toEqual(['romeo']);
    } else if (letter === 'P') {
      expect(got.attrs).toMatchObject({ to: 'juliet@example.com', from: 'romeo@example.com' });
    } else expect(got.attr('from')).toBe('romeo@example.com/orchard');
  });

  test.each(cells)('in a stream: $kind $type, $to, $state', (cell) => {
    const letter = isKnown ? cell.known : cell.stranger;
    const { romeo } = worldOf(cell, isKnown);
    const { outputs, verdicts, stanzas } = feed(romeo, stanzaOf(cell));
    expect(stanzas).toBe(1);
    const verdict = verdicts.at(0);
    const direct = [...outputs.keys()].sort().join();
    const delivered = direct === 'romeo' ? 'E' : direct;
    if (verdict) expect(direct).toBe('');
    expect(verdict ? letterOf(verdict) : delivered || 'S').toBe(expected(letter, cell));
    for (const output of outputs.values()) {
      const got = parse(output);
      expect(got.attr('from')).toBe(
        delivered !== 'E'
          ? 'romeo@example.com/orchard'
          : cell.to === 'bare'
            ? 'juliet@example.com'
            : 'juliet@example.com/balcony',
      );
    }
  });
});

const shared = new URL('../../../shared/data/routing-table.json', import.meta.url);

test.skipIf(!existsSync(shared))(
  'the reference data of the project, where they are at hand',
  () => {
    interface Row {
      readonly kind: string;
      readonly type: string;
      readonly to: string;
      readonly state: string;
      readonly default: string;
      readonly known?: string;
    }
    const names: Record<string, string> = {
      'no-account': 'no account',
      'no-resource': 'no resource',
      'connected-only': 'connected',
      'only-negative': 'negative',
      'one-nonneg': 'one',
      'many-nonneg': 'several',
      bare: 'bare',
      'full-match': 'match',
      'full-nomatch': 'miss',
    };
    const { rows } = JSON.parse(readFileSync(shared, 'utf8')) as { rows: Row[] };
    const lines = rows.map((row) => ({
      kind: row.kind,
      type: row.type,
      to: names[row.to],
      state: names[row.state],
      stranger: row.default,
      known: row.known ?? row.default,
    }));
    const keyOf = (line: object): string => JSON.stringify(line);
    expect(cells.map(keyOf).sort()).toEqual(lines.map(keyOf).sort());
  },
);

test('bytes of a stanza reach every target unchanged but for from', () => {
  const { router, romeo } = verona();
  router.bind('juliet@example.com/balcony', 'balcony');
  const source = `<message to='juliet@example.com/balcony'><body>&lt;Hi&#62; ü</body><x xmlns="a:b" c='"'/></message>`;
  const { outputs } = feed(romeo, source);
  expect(outputs.get('balcony')).toBe(
    source.replace('<message', "<message from='romeo@example.com/orchard'"),
  );
  expect(textOf(bytesOf(source))).toBe(source);
});
