/*
 * Chat traffic for the measurement: the same each time, one stanza a string.
 */
const words =
  `but soft what light through yonder window breaks it is the east and juliet is the sun arise fair
and kill the envious moon who is already sick pale with grief that thou her maid art far more than she`.split(
    /\s+/,
  );
const people = ['juliet', 'romeo', 'nurse', 'mercutio', 'benvolio', 'tybalt'];

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` stanzas of some 350 bytes, each of which stands alone. */
export function chatStanzas(count: number): string[] {
  const random = randomNumbers(20);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  return Array.from({ length: count }, (_, index) => {
    const from = `${pick(people)}@capulet.example/r${Math.floor(random() * 1e6)}`;
    const to = `${pick(people)}@montague.example/r${Math.floor(random() * 1e6)}`;
    if (random() < 0.15) {
      return (
        `<presence xmlns='jabber:client' from='${from}' to='${to}' id='p${index}' type='subscribe'>` +
        `<show>away</show><status>${pick(words)} &amp; ${pick(words)}</status></presence>`
      );
    }
    const text = Array.from({ length: 8 + Math.floor(random() * 20) }, () => pick(words)).join(' ');
    const tail = random() < 0.1 ? ' \u2014 \u2618' : '';
    return (
      `<message xmlns='jabber:client' from='${from}' to='${to}' id='m${index}' type='chat'>` +
      `<body>${text}${tail}</body><active xmlns='http://jabber.org/protocol/chatstates'/>` +
      `<request xmlns='urn:xmpp:receipts'/></message>`
    );
  });
}
