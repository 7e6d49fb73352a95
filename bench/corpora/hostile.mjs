/**
 * Valid XML, written to be expensive: each stanza presses on one table or one loop of a tokenizer.
 *
 * Names and namespaces that never return, wide attribute lists in new orders, deep nesting with prefixes bound again at
 * each level, the shortest possible elements, text made of references. Everything stays inside the default limits, so
 * a parser has to take it all.
 */

const letters = 'abcdefghijklmnopqrstuvwxyz';

/** Yields stanzas for ever. */
export function* hostile(random) {
  const fresh = (length) => random.letters(length, letters);
  const kinds = [
    () =>
      Array.from(
        { length: 60 },
        () => `<${fresh(9)} xmlns="urn:${fresh(14)}" ${fresh(8)}=""/>`,
      ).join(''),
    () =>
      `<a ${Array.from({ length: 48 }, (_, index) => `${fresh(6)}${index}='${index}'`).join(' ')}/>`,
    () =>
      `<a ${random
        .shuffled(['alpha', 'alphb', 'alphabet', 'alphabeta', 'id', 'idx', 'i', 'x'])
        .map((name) => `${name}='1'`)
        .join(' ')}/>`.repeat(12),
    () => {
      const depth = random.between(40, 90);
      return `${'<p:n xmlns:p="urn:p"><q:n xmlns:q="urn:q" xmlns:p="urn:r">'.repeat(depth / 2)}x${'</q:n></p:n>'.repeat(depth / 2)}`;
    },
    () => `<b>${'<a/>x'.repeat(random.between(100, 800))}</b>`,
    () => `<b>${'&#x41;&amp;&lt;&#233;&quot;'.repeat(random.between(40, 300))}</b>`,
    () => `<${fresh(3)}é ${fresh(2)}_ß='1'/>`.repeat(20),
    () => `<b v="${fresh(4000)}&amp;${fresh(300)}">${']] >'.repeat(300)}</b>`,
    () =>
      `<b>${'é'.repeat(random.between(10, 400))}${'a'.repeat(random.between(1, 40))}\u{1f600}</b>`.repeat(
        4,
      ),
  ];
  for (;;) {
    yield `<message id='${fresh(8)}' to='a@b.example'>${random.pick(kinds)()}</message>${' '.repeat(random.below(3))}`;
  }
}
