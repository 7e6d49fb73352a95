/*
 * Namespaces of XMPP and its extensions by short names.
 */

/**
 * The namespaces that programs name most often.
 *
 *     stanza.child('query', NS.discoInfo)
 */
export const NS = /* @__PURE__ */ Object.freeze({
  /** RFC 6120, section 4.8. */
  client: 'jabber:client',
  server: 'jabber:server',
  streams: 'http://etherx.jabber.org/streams',
  /** RFC 6120, section 4.9.2: conditions of stream errors. */
  streamErrors: 'urn:ietf:params:xml:ns:xmpp-streams',
  /** RFC 6120, section 8.3.3: conditions of stanza errors. */
  stanzas: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  tls: 'urn:ietf:params:xml:ns:xmpp-tls',
  sasl: 'urn:ietf:params:xml:ns:xmpp-sasl',
  bind: 'urn:ietf:params:xml:ns:xmpp-bind',
  session: 'urn:ietf:params:xml:ns:xmpp-session',
  roster: 'jabber:iq:roster',
  rosterVersioning: 'urn:xmpp:features:rosterver',
  preApproval: 'urn:xmpp:features:pre-approval',
  /** RFC 7395. */
  framing: 'urn:ietf:params:xml:ns:xmpp-framing',
  /** Namespaces in XML 1.0, section 3. */
  xml: 'http://www.w3.org/XML/1998/namespace',
  xmlns: 'http://www.w3.org/2000/xmlns/',
  component: 'jabber:component:accept',
  dialback: 'jabber:server:dialback',
  dialbackFeature: 'urn:xmpp:features:dialback',
  dataForms: 'jabber:x:data',
  discoInfo: 'http://jabber.org/protocol/disco#info',
  discoItems: 'http://jabber.org/protocol/disco#items',
  caps: 'http://jabber.org/protocol/caps',
  pubsub: 'http://jabber.org/protocol/pubsub',
  muc: 'http://jabber.org/protocol/muc',
  chatStates: 'http://jabber.org/protocol/chatstates',
  delay: 'urn:xmpp:delay',
  receipts: 'urn:xmpp:receipts',
  carbons: 'urn:xmpp:carbons:2',
  forward: 'urn:xmpp:forward:0',
  streamManagement: 'urn:xmpp:sm:3',
  clientState: 'urn:xmpp:csi:0',
  ping: 'urn:xmpp:ping',
  limits: 'urn:xmpp:stream-limits:0',
  mam: 'urn:xmpp:mam:2',
  sasl2: 'urn:xmpp:sasl:2',
  bind2: 'urn:xmpp:bind:0',
  version: 'jabber:iq:version',
  vcard: 'vcard-temp',
});
