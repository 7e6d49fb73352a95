/**
 * Addresses for the jid suite: distinct ones, since a library that keeps results would otherwise be measured by its cache.
 *
 * A case is one shape of address, written as people and programs write them. All but `reject` are valid in RFC 7622 and
 * in what libraries of RFC 6122 take; the cases `cyrillic`, `cjk` and `unicode-resource` are normal already, `greek` is in
 * capitals, `nfd` in decomposed letters as some keyboards send them, `idn-u` holds U-labels and `idn-a` A-labels.
 */

import { domainToASCII } from 'node:url';

export const addressCount = 2048;

const base62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const letters = {
  latin: [...'bcdfghjklmnprstvz'].flatMap((first) => [...'aeiou'].map((second) => first + second)),
  cyrillic: [...'бвгджзклмнпрстх'].flatMap((first) =>
    [...'аеиоуы'].map((second) => first + second),
  ),
  greek: [...'ΒΓΔΖΘΚΛΜΝΞΠΡΣΤΦΧ'].flatMap((first) => [...'ΑΕΗΙΟΥ'].map((second) => first + second)),
  cjk: [
    ...'春夏秋冬山川田中村林木石水火金土日月星空海花鳥風雨雪東西南北大小上下王李張劉陳楊黃趙周吳',
  ],
  german: ['bü', 'kö', 'grä', 'straß', 'mül', 'hä', 'lö', 'tür', 'fü', 'schö', 'zä', 'rüh'],
  vietnamese: [
    'nguyễn',
    'trần',
    'phạm',
    'hoàng',
    'vũ',
    'đặng',
    'bùi',
    'đỗ',
    'hồ',
    'ngô',
    'dương',
    'lý',
  ],
};
const hosts = [
  'example.com',
  'im.example.org',
  'chat.example.net',
  'xmpp.example.edu',
  'jabber.example',
];
const programs = ['Conversations', 'gajim', 'dino', 'Psi+', 'Monal', 'profanity', 'converse.js'];
const symbols = [...'★☂♞☕♫✈⚓☀☎✂'];
const spaces = ['', ' ', ' '];

const word = (random, script, low, high) => {
  let text = '';
  for (let left = random.between(low, high); left > 0; left--) text += random.pick(letters[script]);
  return text;
};
const name = (random) =>
  `${word(random, 'latin', 2, 4)}${random.pick(['.', '_', '-', ''])}${random.below(1000)}`;
const resource = (random) => `${random.pick(programs)}.${random.letters(6, base62)}`;
const capitalized = (text) => text.replaceAll(/(^|[._-])[a-z]/g, (start) => start.toUpperCase());
const unicodeLabel = (random) => `${random.pick(letters.german)}${word(random, 'latin', 1, 3)}`;

/** What is refused, and why: a space, a symbol, a numeral, a missing part, an underscore, a control character. */
const bad = [
  (random) => `${word(random, 'latin', 1, 2)} ${name(random)}@${random.pick(hosts)}`,
  (random) => `${name(random)}${random.pick(symbols)}@${random.pick(hosts)}`,
  (random) => `${name(random)}Ⅳ@${random.pick(hosts)}`,
  (random) => `@${name(random).replaceAll(/[._]/g, '-')}.${random.pick(hosts)}`,
  (random) =>
    `${name(random)}@${word(random, 'latin', 1, 2)}_${random.below(100)}.${random.pick(hosts)}`,
  (random) =>
    `${name(random)}@${random.pick(hosts)}/${random.pick(programs)}\u0007${random.below(100)}`,
];

const shapes = {
  'ascii-bare': (random) => `${name(random)}@${random.pick(hosts)}`,
  'ascii-full': (random) => `${name(random)}@${random.pick(hosts)}/${resource(random)}`,
  'ascii-mixed': (random) =>
    `${capitalized(name(random))}@${capitalized(random.pick(hosts).replaceAll('.', '-'))}.Example.COM/${resource(random)}`,
  'unicode-resource': (random) =>
    `${name(random)}@${random.pick(hosts)}/${word(random, 'cyrillic', 1, 3)}${random.pick(spaces)}${random.pick(symbols)}${word(random, 'cjk', 1, 4)}`,
  cyrillic: (random) =>
    `${word(random, 'cyrillic', 3, 6)}${random.below(100)}@${random.pick(hosts)}`,
  greek: (random) => `${word(random, 'greek', 3, 6)}${random.below(100)}@${random.pick(hosts)}`,
  cjk: (random) => `${word(random, 'cjk', 3, 8)}${random.below(10)}@${random.pick(hosts)}`,
  nfd: (random) =>
    `${random.pick(letters.vietnamese)}.${random.pick(letters.vietnamese)}${random.below(10_000)}@${random.pick(hosts)}`.normalize(
      'NFD',
    ),
  'idn-u': (random) => `${name(random)}@${unicodeLabel(random)}.${unicodeLabel(random)}.example`,
  'idn-a': (random) =>
    `${name(random)}@${domainToASCII(`${unicodeLabel(random)}.${unicodeLabel(random)}.example`)}`,
  reject: (random) => random.pick(bad)(random),
};

export const addressCases = Object.keys(shapes);

/** `addressCount` different addresses of a case. */
export function addresses(random, key) {
  const found = new Set();
  while (found.size < addressCount) found.add(shapes[key](random));
  return [...found];
}
