/*
 * Streams that the originals read as they should: some written out, some generated as the corpora of
 * the bench are. None of them has what this package refuses or the originals get wrong.
 */

export const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const end = '</stream:stream>';

type Random = object;

const corpus = async (name: string): Promise<unknown> =>
  import(new URL(`../../bench/corpora/${name}.mjs`, import.meta.url).href);

const { Random } = (await corpus('random')) as { Random: new (seed: number) => Random };
const { chatter } = (await corpus('chat')) as {
  readonly chatter: (random: Random, profile: string) => Iterable<string>;
};
const { varied } = (await corpus('varied')) as {
  readonly varied: (random: Random) => Iterable<string>;
};

function first(count: number, stanzas: Iterable<string>): string[] {
  const list: string[] = [];
  for (const stanza of stanzas) {
    if (list.push(stanza) === count) return list;
  }
  return list;
}

/** Stanzas of people who chat, in some languages. */
export const chat = first(150, chatter(new Random(7), 'utf8'));
/** Stanzas of a wide vocabulary. */
export const variety = first(100, varied(new Random(8)));

/** Whole streams with their names. */
export const streams: readonly (readonly [name: string, stream: string])[] = [
  ['an empty stream', header + end],
  ['an XML declaration', `<?xml version='1.0'?>\n${header}<presence/>${end}`],
  ['one stanza', `${header}<message id='1'><body>Hi</body></message>${end}`],
  ['keepalives', `${header} <presence/> \n <presence/>\n${end}`],
  ['nesting', `${header}<a><b><c>1<d/>2</c>3</b>4</a>${end}`],
  ['references', `${header}<a b='&lt;&#65;&#x1F339;&quot;'>&amp;&#x263A;x&gt;</a>${end}`],
  ['CDATA', `${header}<a>x<![CDATA[<&]]></a><b><![CDATA[]]]]></b>${end}`],
  [
    'prefixes',
    `${header}<a xmlns='urn:a' xmlns:p='urn:p' p:b='1' xml:lang='it'><p:c/></a><d/>${end}`,
  ],
  ['beyond ASCII', `${header}<a b='ü'>日本 \u{1f339}\u{10ffff}</a><čaj/>${end}`],
  ['quotes', `${header}<a b="it's" c='"'>it's "quoted"</a>${end}`],
  ['empty texts', `${header}<a></a><a b=''></a>${end}`],
  ['chat', header + chat.join('') + end],
  ['a wide vocabulary', header + variety.join('') + end],
];
