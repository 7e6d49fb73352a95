/**
 * Chat traffic as a client or a neighbouring server reads it: `chat`, and with other languages and lengths `utf8`, `big`.
 *
 * The mix follows what chat networks carry: 45 % messages with a body, the rest receipts and markers (XEP-0184, 0333),
 * chat states (XEP-0085), presence with capabilities (XEP-0115) and iq. 500 people, each device writing as its own
 * program does, so that ids, quotes, attribute orders and optional elements vary from stanza to stanza.
 */

import { Writer, base64, digest, population, rooms, uuid } from './people.mjs';
import { languages, pasted, sentences, smile } from './language.mjs';

const profiles = {
  // 2.4 % of the bytes are not ASCII: most people write English here, some do not.
  chat: {
    language: (random) =>
      random.weighted([
        [82, 'english'],
        [4.5, 'german'],
        [3, 'french'],
        [4.4, 'russian'],
        [1.2, 'polish'],
        [1, 'greek'],
        [0.9, 'arabic'],
        [0.7, 'hindi'],
        [1.1, 'chinese'],
        [0.7, 'japanese'],
        [0.5, 'korean'],
      ]),
    body: (random, language) => sentences(random, language, random.lengthAround(72, 0.9, 1500)),
  },
  utf8: {
    language: (random) =>
      random.chance(0.06) ? 'english' : random.pick(languages.filter((name) => name !== 'english')),
    body: (random, language) =>
      sentences(random, language, random.lengthAround(210, 0.7, 2500)) +
      (random.chance(0.3)
        ? ` ${smile(random)}${random.chance(0.3) ? smile(random).repeat(random.between(1, 6)) : ''}`
        : ''),
  },
};

/** Yields stanzas for ever. */
export function* chatter(random, profile) {
  const people = population(random, 500);
  for (;;) yield stanza(random, people, profiles[profile]);
}

/** Messages with bodies around 16 KB: articles, pasted logs and code. Yields stanzas for ever. */
export function* longBodies(random) {
  const people = population(random, 500);
  const paragraphs = (length) => {
    let text = '';
    const typographic = random.chance(0.3);
    while (text.length < length) {
      let paragraph = sentences(random, 'english', random.between(200, 900));
      if (typographic) paragraph = paragraph.replaceAll("'", '’').replace(/"([^"]*)"/g, '“$1”');
      text += `${paragraph}\n\n`;
    }
    return text;
  };
  for (;;) {
    const length = random.between(14000, 18000);
    const from = random.pickZipf(people);
    const device = random.pick(from.devices);
    const writer = new Writer(random, device.program);
    const body = random.chance(0.25) ? pasted(random, length) : paragraphs(length);
    yield message(random, writer, from, device, random.pickZipf(people), body);
  }
}

function stanza(random, people, profile) {
  const from = random.pickZipf(people);
  const device = random.pick(from.devices);
  const writer = new Writer(random, device.program);
  let to = random.pickZipf(people);
  if (to === from) to = random.pick(people);
  const kind = random.below(1000);
  if (kind < 450) {
    const body = profile.body(random, profile.language(random));
    if (kind < 75) return groupMessage(random, writer, from, device, to, body);
    if (kind < 105) return carbon(random, writer, from, device, to, body);
    if (kind < 120) return encrypted(random, writer, device, to);
    return message(random, writer, from, device, to, body);
  }
  if (kind < 600) return receipt(random, writer, device, to);
  if (kind < 730) return chatState(random, writer, device, to);
  if (kind < 880) return presence(random, writer, from, device, to);
  return query(random, writer, from, device, to);
}

function address(random, person) {
  return random.chance(0.7) ? person.bare : random.pick(person.devices).full;
}

function message(random, writer, from, device, to, body) {
  const has = (feature) => device.program.features.includes(feature);
  const id = device.program.id(random);
  const parts = [writer.element('body', {}, writer.text(body))];
  if (has('html') && random.chance(0.5)) {
    parts.push(
      writer.element(
        'html',
        { xmlns: 'http://jabber.org/protocol/xhtml-im' },
        writer.element(
          'body',
          { xmlns: 'http://www.w3.org/1999/xhtml' },
          writer.element('p', {}, writer.text(body)),
        ),
      ),
    );
  }
  if (has('active'))
    parts.push(writer.element('active', { xmlns: 'http://jabber.org/protocol/chatstates' }));
  if (has('thread')) parts.push(writer.element('thread', {}, device.caps.slice(0, 12)));
  if (has('receipt')) parts.push(writer.element('request', { xmlns: 'urn:xmpp:receipts' }));
  if (has('markable')) parts.push(writer.element('markable', { xmlns: 'urn:xmpp:chat-markers:0' }));
  if (has('origin')) parts.push(writer.element('origin-id', { xmlns: 'urn:xmpp:sid:0', id }));
  if (has('nick') && random.chance(0.3))
    parts.push(writer.element('nick', { xmlns: 'http://jabber.org/protocol/nick' }, from.nick));
  if (random.chance(0.02))
    parts.push(
      writer.element('replace', {
        xmlns: 'urn:xmpp:message-correct:0',
        id: device.program.id(random),
      }),
    );
  if (random.chance(0.02)) {
    parts.push(
      writer.element('reply', { xmlns: 'urn:xmpp:reply:0', to: to.bare, id: uuid(random) }),
    );
  }
  if (random.chance(0.02)) {
    const url = `https://upload.example.com/${uuid(random)}/${random.letters(12, 'abcdefghijklmnopqrstuvwxyz')}.jpg`;
    parts.push(writer.element('x', { xmlns: 'jabber:x:oob' }, writer.element('url', {}, url)));
  }
  if (has('stanza-id') || random.chance(0.45)) {
    const by = to.bare;
    const archive = random.chance(0.5) ? uuid(random) : String(1763000000000000 + random.word());
    parts.push(writer.element('stanza-id', { xmlns: 'urn:xmpp:sid:0', by, id: archive }));
  }
  if (random.chance(0.03)) parts.push(delay(random, writer, from));
  return writer.element(
    'message',
    {
      from: device.full,
      to: address(random, to),
      type: random.chance(0.93) ? 'chat' : 'normal',
      id,
      'xml:lang': device.language,
    },
    (random.chance(0.15) ? random.shuffled(parts) : parts).join(''),
  );
}

function groupMessage(random, writer, from, device, to, body) {
  const room = random.pickZipf(rooms);
  const id = device.program.id(random);
  const parts = [writer.element('body', {}, writer.text(body))];
  if (random.chance(0.4)) parts.push(writer.element('origin-id', { xmlns: 'urn:xmpp:sid:0', id }));
  if (random.chance(0.6))
    parts.push(
      writer.element('occupant-id', { xmlns: 'urn:xmpp:occupant-id:0', id: base64(random, 43) }),
    );
  parts.push(writer.element('stanza-id', { xmlns: 'urn:xmpp:sid:0', by: room, id: uuid(random) }));
  if (random.chance(0.1)) parts.push(delay(random, writer, { bare: room }));
  return writer.element(
    'message',
    {
      from: `${room}/${from.nick}`,
      to: random.pick(to.devices).full,
      type: 'groupchat',
      id,
      'xml:lang': device.language,
    },
    parts.join(''),
  );
}

function carbon(random, writer, from, device, to, body) {
  const inner = new Writer(random, device.program).element(
    'message',
    {
      xmlns: 'jabber:client',
      from: device.full,
      to: to.bare,
      type: 'chat',
      id: device.program.id(random),
    },
    writer.element('body', {}, writer.text(body)),
  );
  const forwarded = writer.element('forwarded', { xmlns: 'urn:xmpp:forward:0' }, inner);
  const other = from.devices[from.devices.length - 1];
  return writer.element(
    'message',
    { from: from.bare, to: other.full, type: 'chat' },
    writer.element(
      random.chance(0.5) ? 'sent' : 'received',
      { xmlns: 'urn:xmpp:carbons:2' },
      forwarded,
    ),
  );
}

function encrypted(random, writer, device, to) {
  let keys = '';
  for (let index = random.between(1, 4); index > 0; index--) {
    keys += writer.element(
      'key',
      { rid: String(random.below(2147483647)), prekey: random.chance(0.2) ? 'true' : '' },
      base64(random, 120),
    );
  }
  const header = writer.element(
    'header',
    { sid: String(random.below(2147483647)) },
    keys + writer.element('iv', {}, base64(random, 16)),
  );
  return writer.element(
    'message',
    { from: device.full, to: to.bare, type: 'chat', id: device.program.id(random) },
    writer.element(
      'encrypted',
      { xmlns: 'eu.siacs.conversations.axolotl' },
      header + writer.element('payload', {}, base64(random, random.between(40, 200))),
    ) +
      writer.element('encryption', {
        xmlns: 'urn:xmpp:eme:0',
        namespace: 'eu.siacs.conversations.axolotl',
        name: 'OMEMO',
      }) +
      writer.element(
        'body',
        {},
        writer.text('I sent you an encrypted message but your client does not support it.'),
      ) +
      writer.element('store', { xmlns: 'urn:xmpp:hints' }),
  );
}

function receipt(random, writer, device, to) {
  const about = random.pick(to.devices).program.id(random);
  const marker = random.chance(0.4);
  const inner = marker
    ? writer.element(random.chance(0.7) ? 'displayed' : 'received', {
        xmlns: 'urn:xmpp:chat-markers:0',
        id: about,
      })
    : writer.element('received', { xmlns: 'urn:xmpp:receipts', id: about });
  const store = random.chance(0.35) ? writer.element('store', { xmlns: 'urn:xmpp:hints' }) : '';
  return writer.element(
    'message',
    {
      from: device.full,
      to: address(random, to),
      type: random.chance(0.75) ? 'chat' : '',
      id: device.program.id(random),
    },
    inner + store,
  );
}

function chatState(random, writer, device, to) {
  const state = random.weighted([
    [45, 'composing'],
    [30, 'paused'],
    [15, 'active'],
    [6, 'inactive'],
    [4, 'gone'],
  ]);
  let inner = writer.element(state, { xmlns: 'http://jabber.org/protocol/chatstates' });
  if (random.chance(0.3)) inner += writer.element('no-store', { xmlns: 'urn:xmpp:hints' });
  if (random.chance(0.15)) inner += writer.element('thread', {}, device.caps.slice(0, 12));
  return writer.element(
    'message',
    {
      from: device.full,
      to: address(random, to),
      type: 'chat',
      id: random.chance(0.7) ? device.program.id(random) : '',
    },
    inner,
  );
}

function presence(random, writer, from, device, to) {
  const kind = random.below(100);
  if (kind < 25)
    return writer.element('presence', { from: device.full, to: to.bare, type: 'unavailable' });
  const parts = [];
  if (random.chance(0.35))
    parts.push(writer.element('show', {}, random.pick(['away', 'xa', 'dnd', 'chat'])));
  if (random.chance(0.25))
    parts.push(
      writer.element(
        'status',
        {},
        writer.text(
          sentences(random, random.chance(0.9) ? 'english' : 'german', random.between(6, 40)),
        ),
      ),
    );
  if (random.chance(0.55))
    parts.push(writer.element('priority', {}, String(random.pick([0, 1, 5, 10, 24, -1]))));
  parts.push(
    writer.element('c', {
      xmlns: 'http://jabber.org/protocol/caps',
      hash: 'sha-1',
      node: device.program.node,
      ver: device.caps,
    }),
  );
  if (device.photo !== '') {
    parts.push(
      writer.element(
        'x',
        { xmlns: 'vcard-temp:x:update' },
        writer.element('photo', {}, device.photo),
      ),
    );
  }
  if (random.chance(0.15)) {
    parts.push(writer.element('idle', { xmlns: 'urn:xmpp:idle:1', since: stamp(random) }));
  }
  if (kind < 45) {
    const room = random.pickZipf(rooms);
    const item = writer.element('item', {
      affiliation: random.pick(['none', 'member', 'admin', 'owner']),
      role: random.pick(['participant', 'moderator', 'visitor']),
      jid: random.chance(0.2) ? device.full : '',
    });
    parts.push(writer.element('x', { xmlns: 'http://jabber.org/protocol/muc#user' }, item));
    return writer.element(
      'presence',
      { from: `${room}/${from.nick}`, to: random.pick(to.devices).full },
      parts.join(''),
    );
  }
  return writer.element(
    'presence',
    {
      from: device.full,
      to: to.bare,
      id: random.chance(0.3) ? device.program.id(random) : '',
      'xml:lang': device.language,
    },
    parts.join(''),
  );
}

function query(random, writer, from, device, to) {
  const id = device.program.id(random);
  const other = random.pick(to.devices).full;
  const host = from.bare.slice(from.bare.indexOf('@') + 1);
  const iq = (type, inner, parties = {}) =>
    writer.element('iq', { from: device.full, to: other, type, id, ...parties }, inner);
  switch (random.below(12)) {
    case 0:
    case 1:
      return iq('get', writer.element('ping', { xmlns: 'urn:xmpp:ping' }));
    case 2:
    case 3:
    case 4:
      return iq('result', '');
    case 5:
      return iq(
        'get',
        writer.element('query', {
          xmlns: 'http://jabber.org/protocol/disco#info',
          node: random.chance(0.6) ? `${device.program.node}#${device.caps}` : '',
        }),
      );
    case 6: {
      let inner = writer.element('identity', {
        category: 'client',
        type: random.pick(['phone', 'pc', 'web']),
        name: from.nick,
      });
      const features = [
        'http://jabber.org/protocol/caps',
        'http://jabber.org/protocol/disco#info',
        'http://jabber.org/protocol/chatstates',
        'urn:xmpp:receipts',
        'urn:xmpp:ping',
        'urn:xmpp:time',
        'jabber:iq:version',
        'jabber:x:conference',
        'urn:xmpp:jingle:1',
        'urn:xmpp:message-correct:0',
        'urn:xmpp:chat-markers:0',
        'urn:xmpp:avatar:metadata+notify',
        'http://jabber.org/protocol/nick+notify',
        'eu.siacs.conversations.axolotl.devicelist+notify',
      ];
      for (const name of random.shuffled(features).slice(0, random.between(6, 14)))
        inner += writer.element('feature', { var: name });
      return iq(
        'result',
        writer.element(
          'query',
          {
            xmlns: 'http://jabber.org/protocol/disco#info',
            node: `${device.program.node}#${device.caps}`,
          },
          inner,
        ),
      );
    }
    case 7: {
      const item = writer.element(
        'item',
        { jid: to.bare, name: to.nick, subscription: random.pick(['both', 'to', 'from', 'none']) },
        random.chance(0.6)
          ? writer.element(
              'group',
              {},
              random.pick(['Friends', 'Work', 'Family & more'].map((name) => writer.text(name))),
            )
          : '',
      );
      return iq(
        'set',
        writer.element(
          'query',
          { xmlns: 'jabber:iq:roster', ver: `ver${random.below(500)}` },
          item,
        ),
        { to: device.full, from: from.bare },
      );
    }
    case 8: {
      const filter =
        writer.element(
          'field',
          { var: 'FORM_TYPE', type: 'hidden' },
          writer.element('value', {}, 'urn:xmpp:mam:2'),
        ) + writer.element('field', { var: 'with' }, writer.element('value', {}, to.bare));
      const form = writer.element('x', { xmlns: 'jabber:x:data', type: 'submit' }, filter);
      const page = writer.element(
        'set',
        { xmlns: 'http://jabber.org/protocol/rsm' },
        writer.element('max', {}, '50') + writer.element('after', {}, uuid(random)),
      );
      return iq(
        'set',
        writer.element(
          'query',
          { xmlns: 'urn:xmpp:mam:2', queryid: digest(random, 8) },
          form + page,
        ),
        { to: from.bare },
      );
    }
    case 9:
      return iq('get', writer.element('vCard', { xmlns: 'vcard-temp' }), { to: to.bare });
    case 10:
      return iq(
        'error',
        writer.element(
          'error',
          { type: 'cancel', code: random.chance(0.5) ? '503' : '' },
          writer.element(
            random.pick(['service-unavailable', 'item-not-found', 'feature-not-implemented']),
            { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' },
          ),
        ),
      );
    default:
      return iq(
        'get',
        writer.element(random.pick(['query', 'time']), {
          xmlns: random.pick([
            'jabber:iq:version',
            'jabber:iq:last',
            'urn:xmpp:time',
            'jabber:iq:private',
          ]),
        }),
        { to: random.chance(0.5) ? host : other },
      );
  }
}

const stamp = (random) =>
  `2026-${String(random.between(1, 12)).padStart(2, '0')}-${String(random.between(1, 28)).padStart(2, '0')}T${String(random.below(24)).padStart(2, '0')}:${String(random.below(60)).padStart(2, '0')}:${String(random.below(60)).padStart(2, '0')}${random.chance(0.4) ? `.${String(random.below(1000)).padStart(3, '0')}` : ''}Z`;

const delay = (random, writer, from) =>
  writer.element('delay', { xmlns: 'urn:xmpp:delay', from: from.bare, stamp: stamp(random) });
