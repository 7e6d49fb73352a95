/*
 * Random elements, as trees that a program builds and as source that a peer may write.
 */
import fc from 'fast-check';
import { xml, type Element } from 'tercet';

/** Fewer runs where a quick answer is asked for. */
export const runs = process.env.TERCET_QUICK === '1' ? 60 : 400;

const name = fc.constantFrom(
  'a',
  'message',
  'body',
  'x',
  'query',
  'very-long-name-that-no-vocabulary-has',
  'naïve',
  'čaj',
  '日本',
  '_1.2-3',
);
const uri = fc.constantFrom('urn:a', 'urn:b', 'jabber:client', 'urn:x?a&b="1"', 'urn:ü', '');
const prefix = fc.constantFrom('p', 'q', 'ř');

/** Characters that XML allows, those that need care more often than others. */
const character = fc.oneof(
  fc.constantFrom('&', '<', '>', '"', "'", '\t', '\n', '\r', ' ', ']', ']]>', 'ü', '\u{1F600}'),
  fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  fc
    .integer({ min: 0xa0, max: 0x10ffff })
    .filter((code) => (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff)
    .map((code) => String.fromCodePoint(code)),
);

export const text = fc.string({ unit: character, maxLength: 40 });

interface Shape {
  readonly name: string;
  readonly ns: string | undefined;
  readonly prefix: string | undefined;
  readonly attrs: readonly (readonly [string, string])[];
  readonly prefixed: readonly (readonly [string, string, string])[];
  readonly children: readonly (Shape | string)[];
}

const shape = fc.letrec<{ element: Shape; leaf: Shape }>((tie) => {
  const fields = {
    name,
    ns: fc.option(uri, { nil: undefined }),
    prefix: fc.option(prefix, { nil: undefined, freq: 3 }),
    attrs: fc.array(fc.tuple(name, text), { maxLength: 3 }),
    prefixed: fc.array(fc.tuple(prefix, name, text), { maxLength: 2 }),
  };
  return {
    leaf: fc.record({ ...fields, children: fc.array(text, { maxLength: 2 }) }),
    element: fc.record({
      ...fields,
      children: fc.array(
        fc.oneof({ depthSize: 'small', withCrossShrink: true }, text, tie('leaf'), tie('element')),
        { maxLength: 4 },
      ),
    }),
  };
}).element;

function built({ name, ns, prefix, attrs, prefixed, children }: Shape): Element {
  const attributes: Record<string, string> = { ...Object.fromEntries(attrs) };
  if (ns !== undefined) attributes.xmlns = ns;
  if (prefix !== undefined) attributes[`xmlns:${prefix}`] = `urn:prefix:${prefix}`;
  for (const [attributePrefix, local, value] of prefixed) {
    attributes[`xmlns:${attributePrefix}`] ??= `urn:prefix:${attributePrefix}`;
    attributes[`${attributePrefix}:${local}`] = value;
  }
  return xml(
    prefix === undefined ? name : `${prefix}:${name}`,
    attributes,
    children.map((child) => (typeof child === 'string' ? child : built(child))),
  );
}

/** Elements as programs build them. */
export const element = shape.map(built);

/** Texts as peers write them: references, CDATA, line ends. A bare '>' might end a ']]>'. */
const sourceText = fc
  .array(
    fc.oneof(
      fc.string({
        unit: fc.constantFrom('a', 'b', ' ', '\n', 'ü', '日', '\u{1F600}'),
        maxLength: 8,
      }),
      fc.constantFrom(
        '&lt;',
        '&amp;',
        '&#13;',
        '&#x1F600;',
        '&#0065;',
        '\r\n',
        '\r',
        '\t',
        ']]',
        '&gt;',
      ),
      fc
        .string({ unit: fc.constantFrom('<', '&', ']', '\r', 'x'), maxLength: 5 })
        .map((inner) => `<![CDATA[${inner}]]>`),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(''));

const sourceValue = fc
  .array(
    fc.constantFrom('a', '"', '&amp;', '&#10;', '\n', '\r\n', '\t', 'ü', '\u{1F600}', '>', ' '),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(''));

/** Elements as peers write them. */
export const source = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .record({
      tag: fc.constantFrom('a', 'message', 'p:x', 'čaj', 'unknown-name', 'stream:error'),
      declarations: fc.subarray(["xmlns='urn:a'", "xmlns = 'jabber:client'", "xmlns:q='urn:q'"], {
        maxLength: 1,
      }),
      attrs: fc.uniqueArray(
        fc.tuple(fc.constantFrom('id', 'to', 'p:to', 'xml:lang', 'über', 'unknown'), sourceValue),
        {
          selector: ([attribute]) => attribute,
          maxLength: 3,
        },
      ),
      children: fc.array(fc.oneof({ depthSize: 'small' }, sourceText, tie('element')), {
        maxLength: 4,
      }),
      isEmpty: fc.boolean(),
      space: fc.constantFrom('', ' ', '\n'),
    })
    .map(({ tag, declarations, attrs, children, isEmpty, space }) => {
      const start = [
        `<${tag}`,
        "xmlns:p='urn:p'",
        ...declarations,
        ...attrs.map(([attribute, value]) => `${attribute}${space}=${space}'${value}'`),
      ].join(` ${space}`);
      return isEmpty && children.length === 0
        ? `${start}${space}/>`
        : `${start}${space}>${children.join('')}</${tag}${space}>`;
    }),
})).element;

/** Cuts a list or text at random places. */
export const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });

export function cut<T extends { slice(start: number, end: number): T; readonly length: number }>(
  whole: T,
  sizes: readonly number[],
): T[] {
  const pieces: T[] = [];
  let index = 0;
  for (let start = 0; start < whole.length; index++) {
    const end = start + sizes[index % sizes.length];
    pieces.push(whole.slice(start, end));
    start = end;
  }
  return pieces;
}
