/**
 * Who writes: accounts, devices and the habits of the programs they use.
 *
 * A stanza's bytes depend on the program that wrote it more than on what it says: which quote it uses, in which order
 * it writes attributes, whether `<a/>` has a space, how it makes ids and resources, and what it escapes. Programs
 * whose tables are hashed write attributes in no order at all; those have `order: 'any'`.
 */

const hex = '0123456789abcdef';
const base62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const base64url = `${base62}-_`;

export const uuid = (random) => {
  const digits = random.letters(32, hex);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${random.pick('89ab')}${digits.slice(17, 20)}-${digits.slice(20)}`;
};
export const base64 = (random, length) => {
  const full = random.letters(length, `${base62}+/`);
  return length % 4 === 0 ? full : full + '='.repeat(4 - (length % 4));
};
export const digest = (random, length) => random.letters(length, hex);

/** The programs. `share` is how many of the devices run it. */
const programs = [
  {
    share: 26,
    quote: "'",
    order: ['from', 'to', 'type', 'id', 'xml:lang'],
    id: (r) => r.letters(16, base64url),
    resource: (r) => `Phone.${r.letters(4, base62)}`,
    features: ['receipt', 'markable', 'origin', 'stanza-id'],
    node: 'https://phone.example/im',
  },
  {
    share: 16,
    quote: '"',
    order: ['xmlns', 'to', 'id', 'type', 'from', 'xml:lang'],
    id: uuid,
    resource: (r) => `gtk.${r.letters(8, `${hex}GHJKMN`)}`,
    features: ['receipt', 'origin', 'active', 'thread'],
    node: 'https://gtk.example',
  },
  {
    share: 12,
    quote: '"',
    order: ['id', 'to', 'type', 'from', 'xml:lang'],
    id: uuid,
    resource: (r) => `desk.${digest(r, 8)}`,
    features: ['receipt', 'markable', 'origin', 'chatstate-last'],
    node: 'https://desk.example/caps',
  },
  {
    share: 10,
    quote: "'",
    order: 'any',
    id: (r) => r.letters(20, base62),
    resource: (r) => `web-${r.below(100000)}`,
    features: ['origin', 'active', 'markable'],
    node: 'https://web.example',
    escapeAll: true,
  },
  {
    share: 9,
    quote: "'",
    order: ['type', 'id', 'to', 'from', 'xml:lang'],
    id: (r) => `purple${digest(r, 8)}`,
    resource: (r) => r.pick(['', 'home', 'work', 'laptop', `pc${r.below(99)}`]) || 'Home',
    features: ['active', 'html'],
    node: 'http://purple.example/',
    spaced: false,
  },
  {
    share: 8,
    quote: '"',
    order: ['from', 'id', 'to', 'type', 'xml:lang'],
    id: uuid,
    resource: (r) => `${r.pick(['MacBook', 'tablet', 'phone'])}-${digest(r, 6).toUpperCase()}`,
    features: ['receipt', 'origin', 'stanza-id', 'thread', 'oob'],
    node: 'http://fruit.example/apple',
    spaced: true,
  },
  {
    share: 7,
    quote: "'",
    order: ['to', 'from', 'id', 'type', 'xml:lang'],
    id: (r) => digest(r, 32),
    resource: (r) => r.letters(24, base64url),
    features: [],
    node: 'http://bot.example/lib/1.14.0',
    escapeAll: true,
  },
  {
    share: 6,
    quote: '"',
    order: ['type', 'to', 'from', 'id', 'xml:lang'],
    id: (r) => `ab${digest(r, 2)}a`,
    resource: (r) => r.pick(['mutt', 'Psi+', 'erwin', 'brook', 'Büro']),
    features: ['receipt', 'active', 'nick'],
    node: 'https://tcl.example/caps',
  },
  {
    share: 6,
    quote: "'",
    order: 'any',
    id: (r) => String(r.between(1, 99999)),
    resource: (r) => `${r.pick(['desktop', 'notebook'])}.${r.letters(5, base62)}`,
    features: ['receipt', 'delay', 'stanza-id'],
    node: 'http://queue.example',
    escapeAll: true,
  },
];

const firstNames =
  `ana ben carla david eva felix greta hugo ida jonas karin lena mika nora oskar paula quentin rosa simon
tina ulrich vera wanda xenia yusuf zoe amir bianca cem dora emil farah gustav hana ivan julia kemal laila marek nadia`.split(
    /\s+/,
  );
const lastNames =
  `almeida berg costa dietrich eriksen fischer garcia haas ivanov jansen klein larsen moreau nowak olsen
petrov quist rossi santos tanaka ulmer vogel weber xu young zimmer`.split(/\s+/);
const domains = [
  'example.com',
  'chat.example.org',
  'im.example.net',
  'xmpp.example.edu',
  'jabber.example',
  'verona.example',
  'talk.uni.example',
  'a.example',
  'messaging.city.example.org',
  'mail.example.info',
];

/** `count` people with one to three devices each. */
export function population(random, count) {
  const weights = programs.map((program) => [program.share, program]);
  const people = [];
  const taken = new Set();
  while (people.length < count) {
    const first = random.pick(firstNames);
    const last = random.pick(lastNames);
    const local = random.weighted([
      [30, `${first}.${last}`],
      [25, first + random.below(1000)],
      [15, `${first[0]}${last}`],
      [10, `${first}_${last}${random.below(100)}`],
      [10, random.letters(random.between(3, 12), 'abcdefghijklmnopqrstuvwxyz0123456789')],
      [5, first],
      [5, `${last}-${first}`],
    ]);
    const bare = `${local}@${random.pickZipf(domains)}`;
    if (taken.has(bare)) continue;
    taken.add(bare);
    const devices = [];
    for (
      let index = random.weighted([
        [60, 1],
        [30, 2],
        [10, 3],
      ]);
      index > 0;
      index--
    ) {
      const program = random.weighted(weights);
      devices.push({
        program,
        full: `${bare}/${program.resource(random)}`,
        caps: base64(random, 27),
        photo: random.chance(0.6) ? digest(random, 40) : '',
        language: random.chance(0.35) ? random.pick(['en', 'de', 'fr', 'ru', 'en-GB']) : '',
      });
    }
    people.push({ bare, local, nick: first[0].toUpperCase() + first.slice(1), devices });
  }
  return people;
}

export const rooms = [
  'support',
  'xsf',
  'developers',
  'lounge',
  'ops',
  'python',
  'kitchen',
  'random',
  'release-24',
  'berlin',
].map(
  (name, index) =>
    `${name}@${index % 3 === 0 ? 'conference.example.com' : index % 3 === 1 ? 'muc.xmpp.example.edu' : 'rooms.jabber.example'}`,
);

/** Writes elements as one program does. */
export class Writer {
  constructor(random, program) {
    this.random = random;
    this.quote = program.quote;
    this.empty = program.spaced ? ' />' : '/>';
    this.order = program.order;
    this.escapeAll = program.escapeAll === true;
  }

  text(value) {
    let text = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    if (this.escapeAll) text = text.replaceAll("'", '&apos;').replaceAll('"', '&quot;');
    return text;
  }

  value(value) {
    let text = value;
    if (/[&<'"]/.test(text)) {
      text = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      text = this.quote === "'" ? text.replaceAll("'", '&apos;') : text.replaceAll('"', '&quot;');
    }
    return text;
  }

  /** Attributes that have a value, in this program's order. */
  attributes(pairs) {
    let keys = Object.keys(pairs);
    if (this.order === 'any') keys = this.random.shuffled(keys);
    else if (keys.includes('to') || keys.includes('from')) {
      keys.sort((left, right) => rank(this.order, left) - rank(this.order, right));
    }
    let text = '';
    for (const key of keys) {
      const value = pairs[key];
      if (value !== undefined && value !== '')
        text += ` ${key}=${this.quote}${this.value(value)}${this.quote}`;
    }
    return text;
  }

  /** `inner` is markup that is already escaped. */
  element(name, pairs, inner = '') {
    const start = `<${name}${this.attributes(pairs)}`;
    return inner === '' ? start + this.empty : `${start}>${inner}</${name}>`;
  }
}

const rank = (order, key) => {
  const index = order.indexOf(key);
  return index < 0 ? order.length : index;
};
