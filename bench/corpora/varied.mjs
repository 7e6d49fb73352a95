/**
 * Traffic of a wide vocabulary: what a server with many extensions, or a gateway, carries.
 *
 * 420 payload types are drawn up first, each with a namespace, a tree of elements, lists of attributes and a habit of
 * prefixes and indentation. A third use names and namespaces that XMPP extensions do use; the others are made up and in
 * no vocabulary. Stanzas then take payloads by Zipf's law, so that some types are frequent and most are rare: about
 * 1,500 names, 400 namespaces and several thousand attribute lists in 20 MB. A table that is fitted to a few templates
 * gains little here.
 */

import { Writer, base64, digest, population, uuid } from './people.mjs';
import { sentences } from './language.mjs';

const realElements =
  `query item items feature identity field value option title instructions reported x command note
actions next prev execute complete pubsub publish subscribe unsubscribe subscription subscriptions create configure
retract event options default affiliations affiliation purge delete redirect collection associate dissociate jingle
content description transport payload-type parameter candidate fingerprint reason success ringing mute hold rtcp-fb
source encryption crypto rtp-hdrext open data close si file desc range streamhost streamhost-used activate vCard FN N
FAMILY GIVEN MIDDLE PREFIX SUFFIX NICKNAME URL BDAY ORG ORGNAME ORGUNIT TITLE ROLE TEL WORK VOICE NUMBER ADR STREET
LOCALITY REGION PCODE CTRY HOME EMAIL INTERNET USERID JABBERID DESC PHOTO TYPE BINVAL conference nick password storage
url list active presence-in presence-out iq block unblock blocklist fin set first last count max before after index
result forwarded delay prefs always never jid geoloc lat lon accuracy alt area bearing building country countrycode
datum floor locality postalcode region room speed street text timestamp uri tune artist length rating track mood
happy sad activity relaxing reading drinking having_a_beer metadata info pointer bundle signedPreKeyPublic
signedPreKeySignature identityKey prekeys preKeyPublic devices device slot get put header request retry enable disable
resume resumed enabled failed r a push notification history decline invite continue status actor destroy thread subject
body active composing sent received private no-copy no-store hash algorithm thumbnail sources reference begin end
reactions reaction fallback reply apply-to moderate moderated occupant-id stanza-id origin-id`
    .split(/\s+/)
    .filter(Boolean);

const realAttributes =
  `id node name type var label jid action sid initiator responder creator senders media clockrate
channels component foundation generation ip network port priority protocol rel-addr rel-port ufrag pwd setup hash value
algo size date mime-type offset length block-size seq stanza method mode code affiliation role subscription ask
approved group queryid complete stable default start category hops max min ver lang since until stamp from to href
width height encoding rating scheme order position autojoin nick password count index publisher subid expiry kind`
    .split(/\s+/)
    .filter(Boolean);

const realNamespaces =
  `http://jabber.org/protocol/disco#info http://jabber.org/protocol/disco#items jabber:x:data
http://jabber.org/protocol/commands http://jabber.org/protocol/pubsub http://jabber.org/protocol/pubsub#event
http://jabber.org/protocol/pubsub#owner urn:xmpp:jingle:1 urn:xmpp:jingle:apps:rtp:1 urn:xmpp:jingle:apps:dtls:0
urn:xmpp:jingle:transports:ice-udp:1 urn:xmpp:jingle:transports:s5b:1 urn:xmpp:jingle:apps:file-transfer:5
http://jabber.org/protocol/ibb http://jabber.org/protocol/bytestreams http://jabber.org/protocol/si vcard-temp
jabber:iq:roster jabber:iq:private jabber:iq:register jabber:iq:search storage:bookmarks urn:xmpp:bookmarks:1
urn:xmpp:blocking urn:xmpp:mam:2 http://jabber.org/protocol/rsm http://jabber.org/protocol/geoloc
http://jabber.org/protocol/tune http://jabber.org/protocol/mood http://jabber.org/protocol/activity
urn:xmpp:avatar:data urn:xmpp:avatar:metadata eu.siacs.conversations.axolotl urn:xmpp:omemo:2 urn:xmpp:http:upload:0
urn:xmpp:push:0 urn:xmpp:sm:3 http://jabber.org/protocol/muc#admin http://jabber.org/protocol/muc#owner
http://jabber.org/protocol/muc#user urn:xmpp:hashes:2 urn:xmpp:thumbs:1 urn:xmpp:sims:1 urn:xmpp:reference:0
urn:xmpp:reactions:0 urn:xmpp:fallback:0 urn:xmpp:reply:0 urn:xmpp:message-moderate:1 urn:ietf:params:xml:ns:vcard-4.0`
    .split(/\s+/)
    .filter(Boolean);

const syllables =
  `ka ro mi te lo sun dar vel po ni gra sto ri mon ta ble fe xi qua do ne bur ly san tor ae ol ip
re con pro sub inter meta trans data info state group list ref key val node item set entry`.split(
    /\s+/,
  );

function inventName(random) {
  let name = '';
  for (let index = random.between(1, 4); index > 0; index--) name += random.pick(syllables);
  if (random.chance(0.2)) name += `-${random.pick(syllables)}${random.pick(syllables)}`;
  if (random.chance(0.12))
    name =
      name[0].toUpperCase() + name.slice(1) + random.pick(['Type', 'Info', 'List', 'Ref', 'Id']);
  if (random.chance(0.05)) name += random.below(20);
  if (random.chance(0.03)) name += random.pick(['_x', '.v2', '_count']);
  return name;
}

function inventNamespace(random) {
  const word = () => random.pick(syllables) + random.pick(syllables);
  switch (random.below(5)) {
    case 0:
      return `urn:${word()}:${word()}:${random.below(4)}`;
    case 1:
      return `http://${word()}.example/${random.pick(['ns', 'protocol', 'schema', 'xml'])}/${word()}`;
    case 2:
      return `http://www.${word()}.example.org/${random.between(2003, 2026)}/${String(random.between(1, 12)).padStart(2, '0')}/${word()}#${word()}`;
    case 3:
      return `${word()}:x:${word()}`;
    default:
      return `tag:${word()}.example,${random.between(2005, 2026)}:${word()}/${word()}`;
  }
}

/** A payload type: what one extension's element looks like. */
function drawType(random, vocabulary) {
  const real = random.chance(0.35);
  const elements = real ? realElements : vocabulary.elements;
  const attributes = real ? realAttributes : vocabulary.attributes;
  const namespace = random.pickZipf(real ? realNamespaces : vocabulary.namespaces);
  const draw = (depth) => {
    const names = new Set();
    for (
      let index = random.weighted([
        [20, 0],
        [30, 1],
        [25, 2],
        [12, 3],
        [8, 5],
        [5, 8],
      ]);
      index > 0;
      index--
    ) {
      names.add(random.pick(attributes));
    }
    const children = [];
    if (depth < 6) {
      const count = random.weighted([
        [18 + depth * 45, 0],
        [26, 1],
        [22, 2],
        [10, 3],
        [4, 6],
      ]);
      for (let index = 0; index < count; index++) children.push(draw(depth + 1));
    }
    return {
      name: random.pick(elements),
      attributes: [...names],
      optional: random.chance(0.5),
      repeated: random.chance(0.2),
      foreign: random.chance(0.08) ? random.pick(vocabulary.namespaces) : '',
      kind: random.weighted([
        [35, 'word'],
        [20, 'number'],
        [20, 'sentence'],
        [15, 'base64'],
        [10, 'none'],
      ]),
      children,
    };
  };
  return {
    namespace,
    root: draw(0),
    // Most extensions redeclare the default namespace; some bind a prefix, as XML tool kits do.
    prefix: random.chance(0.18)
      ? random.pick([
          'ns0',
          'ns1',
          'x',
          'pub',
          'ext',
          'dc',
          'soap',
          'p',
          random.letters(4, 'abcdefgh'),
        ])
      : '',
    indent: random.chance(0.35) ? random.pick(['  ', '    ', '\t']) : '',
    attributeLines: random.chance(0.1),
    cdata: random.chance(0.01),
  };
}

/** Yields stanzas for ever. */
export function* varied(random) {
  const vocabulary = {
    elements: Array.from({ length: 900 }, () => inventName(random)),
    attributes: Array.from({ length: 350 }, () => inventName(random)),
    namespaces: Array.from({ length: 340 }, () => inventNamespace(random)),
  };
  const types = Array.from({ length: 420 }, () => drawType(random, vocabulary));
  const people = population(random, 500);
  for (;;) {
    const from = random.pickZipf(people);
    const device = random.pick(from.devices);
    const writer = new Writer(random, device.program);
    const to = random.pickZipf(people);
    const type = random.pickZipf(types);
    const payload = write(random, writer, type);
    const break1 = type.indent === '' ? '' : `\n${type.indent}`;
    const break0 = type.indent === '' ? '' : '\n';
    const attributes = {
      from: device.full,
      to: random.chance(0.5) ? to.bare : random.pick(to.devices).full,
      id: device.program.id(random),
      'xml:lang': device.language,
    };
    const kind = random.below(10);
    const stanza =
      kind < 5
        ? writer.element(
            'iq',
            { ...attributes, type: random.pick(['get', 'set', 'result']) },
            break1 + payload + break0,
          )
        : kind < 9
          ? writer.element(
              'message',
              { ...attributes, type: random.pick(['', 'headline', 'chat', 'normal']) },
              break1 +
                payload +
                (random.chance(0.3) ? break1 + write(random, writer, random.pickZipf(types)) : '') +
                break0,
            )
          : writer.element('presence', attributes, break1 + payload + break0);
    yield type.indent === '' ? stanza : `${stanza}\n`;
  }
}

function write(random, writer, type) {
  const { quote } = writer;
  const colon = type.prefix === '' ? '' : `${type.prefix}:`;
  const element = (node, depth) => {
    const name = colon + node.name;
    const attributes = [];
    if (depth === 0)
      attributes.push(
        `xmlns${type.prefix === '' ? '' : `:${type.prefix}`}=${quote}${writer.value(type.namespace)}${quote}`,
      );
    else if (node.foreign !== '' && type.prefix === '')
      attributes.push(`xmlns=${quote}${writer.value(node.foreign)}${quote}`);
    for (const key of node.attributes) {
      if (node.optional && random.chance(0.35)) continue;
      attributes.push(`${key}=${quote}${writer.value(attributeValue(random))}${quote}`);
    }
    if (writer.order === 'any') attributes.sort(() => random.fraction() - 0.5);
    const separator = type.attributeLines ? `\n${type.indent.repeat(depth + 2)} ` : ' ';
    const start = `<${name}${attributes.length === 0 ? '' : ' '}${attributes.join(separator)}`;
    const line = type.indent === '' ? '' : `\n${type.indent.repeat(depth + 2)}`;
    let inner = '';
    if (node.children.length === 0) inner = text(random, writer, node.kind, type.cdata);
    else {
      for (const child of node.children) {
        const times = child.repeated
          ? random.between(1, 4)
          : child.optional && random.chance(0.4)
            ? 0
            : 1;
        for (let index = 0; index < times; index++) inner += line + element(child, depth + 1);
      }
      if (inner !== '' && line !== '') inner += line.slice(0, -type.indent.length);
    }
    return inner === '' ? start + writer.empty : `${start}>${inner}</${name}>`;
  };
  return element(type.root, 0);
}

function attributeValue(random) {
  switch (random.below(10)) {
    case 0:
      return uuid(random);
    case 1:
    case 2:
      return String(random.below(10 ** random.between(1, 9)));
    case 3:
      return random.pick(['true', 'false', '0', '1']);
    case 4:
      return `${random.pick(syllables)}@${random.pick(syllables)}.example`;
    case 5:
      return `http://${random.pick(syllables)}.example/${random.pick(syllables)}?a=${random.below(100)}&b=${random.below(100)}`;
    case 6:
      return sentences(random, random.chance(0.92) ? 'english' : 'french', random.between(3, 40));
    case 7:
      return digest(random, random.pick([8, 16, 32, 40, 64]));
    default:
      return random.pick(realElements);
  }
}

function text(random, writer, kind, cdata) {
  switch (kind) {
    case 'none':
      return '';
    case 'number':
      return random.chance(0.3)
        ? (random.below(100000) / 1000 - 50).toFixed(3)
        : String(random.below(100000));
    case 'word':
      return writer.text(random.pick(realElements));
    case 'base64':
      return base64(random, random.pick([16, 28, 44, 88, 180]));
    default: {
      const value = sentences(
        random,
        random.chance(0.93) ? 'english' : random.pick(['german', 'russian', 'polish', 'japanese']),
        random.lengthAround(40, 0.8, 600),
      );
      return cdata ? `<![CDATA[${value}]]>` : writer.text(value);
    }
  }
}
