/*
 * Attacks on the public parsers: what a program sees must stay linear and bounded as well. Depth costs
 * no stack, keepalives no memory, and what is refused is refused before anything is expanded or kept.
 */

import { Engine, parse, SaxParser, StreamParser } from 'tercet';
import { describe, expect, test } from 'vitest';
import { cpuTime } from './attack.js';

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const raised = {
  maxDepth: 2 ** 24,
  maxStanzaBytes: 2 ** 30,
  maxChildren: 2 ** 30,
  maxAttributes: 2 ** 30,
};

describe('a stanza of 100,000 levels', () => {
  const depth = 100_000;
  const source = `<m>${'<a>'.repeat(depth)}x${'</a>'.repeat(depth)}</m>`;

  test('is parsed, printed and compared without recursion', () => {
    const element = parse(source, { limits: raised });
    expect(element.toString()).toBe(source);
    expect(parse(element.toString(), { limits: raised }).equals(element)).toBe(true);
  });

  test('is walked level by level', () => {
    let element = parse(source, { limits: raised }).child('a');
    let levels = 0;
    while (element?.ns === '') {
      levels += 1;
      element = element.child('a');
    }
    expect(levels).toBe(depth);
  });

  test('is refused by the usual limits, and nothing of it is kept', () => {
    const events = new StreamParser().feed(`${header}${source}`);
    expect(events.map(({ type }) => type)).toEqual(['open', 'error']);
    expect(events.at(-1)).toMatchObject({ error: { condition: 'policy-violation' } });
  });
});

test('an element of 20,000 attributes', () => {
  const count = 20_000;
  const attributes = Array.from({ length: count }, (_, index) => ` a${index}='${index}'`).join('');
  const element = parse(`<m${attributes}/>`, { limits: raised });
  expect(Object.keys(element.attrs)).toHaveLength(count);
  expect(element.attr('a19999')).toBe('19999');
  expect(parse(element.toString(), { limits: raised }).equals(element)).toBe(true);
});

test('a flood of names costs no more than a few times what one name costs', () => {
  const timeOf = (name: (index: number) => string): number => {
    const items = Array.from({ length: 26_000 }, (_, index) => `<${name(index)}/>`).join('');
    const source = `<m>${items}</m>`;
    let least = Infinity;
    for (let round = 0; round < 5; round++) {
      const element = parse(source, { limits: raised });
      least = Math.min(
        least,
        cpuTime(() => {
          if (element.child('zz') !== undefined) throw new Error('there is no such child');
          if (element.children.length !== 26_000) throw new Error('children are missing');
        }),
      );
    }
    return least;
  };
  expect(timeOf((index) => `n${index}`)).toBeLessThan(12 * timeOf(() => 'n12345') + 20);
});

test('every child of a wide element asked for its own XML, in any order', () => {
  const timeOf = (count: number): number => {
    const source = `<m xmlns='urn:m' xmlns:p='urn:p'>${"<a p:b=''/>".repeat(count)}</m>`;
    const rounds = Array.from({ length: 3 }, () =>
      cpuTime(() => {
        const children = parse(source, { limits: raised }).elements().reverse();
        for (const child of children) {
          if (child.attr('b', 'urn:p') !== '') throw new Error('the attribute has no namespace');
          if (!child.toString().includes('urn:p')) throw new Error('the prefix is not declared');
        }
      }),
    );
    return Math.min(...rounds);
  };
  timeOf(2_000);
  const once = timeOf(20_000);
  expect(timeOf(40_000)).toBeLessThan(3 * once);
});

test('an element of 100,000 children', () => {
  const element = parse(`<m>${'<a/>x'.repeat(50_000)}</m>`, { limits: raised });
  expect(element.children).toHaveLength(100_000);
  expect(element.text).toHaveLength(50_000);
  expect(element.elements('a')).toHaveLength(50_000);
});

test('children of one element are linear in their number', () => {
  const measure = (count: number): number => {
    const source = `<m>${'<a/>x'.repeat(count)}</m>`;
    let least = Infinity;
    for (let round = 0; round < 3; round++) {
      const element = parse(source, { limits: raised });
      const time = cpuTime(() => expect(element.children).toHaveLength(2 * count));
      least = Math.min(least, time);
    }
    return least;
  };
  measure(1000);
  expect(measure(40_000)).toBeLessThan(4 * Math.max(measure(10_000), 10) + 40);
});

test('a million keepalives are counted and cost nothing', () => {
  const engine = new Engine();
  const parser = new StreamParser({ engine });
  parser.feed(header);
  const time = cpuTime(() => {
    for (let round = 0; round < 1000; round++) {
      expect(parser.feed(' '.repeat(1000))).toHaveLength(0);
    }
  });
  expect(parser.stats.keepalives).toBe(1_000_000);
  expect(time).toBeLessThan(2000);
  expect(parser.feed('<message/>')).toHaveLength(1);
});

test('a billion laughs are not begun', () => {
  const laughs = `<!DOCTYPE m [<!ENTITY a 'ha'>${Array.from(
    { length: 9 },
    (_, index) => `<!ENTITY a${index} '${`&a${index - 1};`.repeat(10)}'>`,
  ).join('')}]><m>&a8;</m>`;
  const [event] = new StreamParser().feed(laughs);
  expect(event).toMatchObject({ error: { code: 'xml-doctype-restricted', offset: 0 } });
  let text = '';
  const parser = new SaxParser({ text: (value) => (text += value) }, { document: true });
  parser.feed(laughs);
  expect(text).toBe('');
});

test('names that JavaScript knows are names like any other', () => {
  const source = "<m __proto__='p' constructor='c' toString='t'><__proto__/><hasOwnProperty/></m>";
  const element = parse(source);
  expect(Object.keys(element.attrs)).toEqual(['__proto__', 'constructor', 'toString']);
  expect(element.attr('__proto__')).toBe('p');
  expect(element.child('__proto__')?.name).toBe('__proto__');
  expect(element.toString()).toBe(source);
  expect(({} as Record<string, unknown>).p).toBeUndefined();
});

test('markup cannot be injected through a name or a value', () => {
  const [event] = new StreamParser().feed(`${header}<message id="1" <injected/> x="2"/>`).slice(-1);
  expect(event).toMatchObject({ error: { code: 'xml-name-invalid' } });
  const element = parse('<m a="&lt;b/&gt;&quot;&amp;&#10;&#13;&#9;">&lt;b/&gt;&#13;]]&gt;</m>');
  expect(parse(element.toString()).equals(element)).toBe(true);
  expect(parse(element.toString()).children).toHaveLength(1);
});
