/** What a subject leaves out of the work that tercet does, said in its rows. */

const notes = {
  'tercet-ltx': 'tercet/compat/ltx: all checks, mutable elements',
  'tercet-ltx-parser': 'tercet/compat/ltx: all checks, mutable elements',
  'tercet-ltx-parse': 'tercet/compat/ltx: all checks, mutable elements',
  'tercet-sax': 'tercet/compat/sax: all checks',
  'tercet-saxes-ns': 'tercet/compat/saxes: all checks',
  'tercet-node-expat': 'tercet/compat/node-expat: all checks',
  'tercet-xmpp-xml': 'tercet/compat/xmpp-xml: all checks, mutable elements',
  'tercet-framed': 'tercet/compat/xmpp-xml: all checks, mutable elements',
  'libexpat-ns': 'all checks; C',
  pugixml: 'no namespaces, few checks, whole documents; C++',
  ltx: 'no namespaces, no checks',
  'ltx-parser': 'no namespaces, no checks',
  'ltx-parse': 'no namespaces, no checks',
  'saxes-ns': 'all checks but UTF-8',
  sax: 'no namespaces, some checks',
  easysax: 'no namespaces, few checks',
  'node-expat': 'no namespaces',
  'sax-wasm': 'no namespaces, no checks, references undecoded',
  htmlparser2: 'no namespaces, no checks',
  'xmpp-xml': 'no namespaces, end tags checked',
  'xmpp-framed': 'no namespaces, end tags checked',
  stanza: 'no namespaces, some checks',
  'xmpp-js': 'no namespaces, no rules: every stanza is delivered',
};

export const noteOf = (subject) => (notes[subject] === undefined ? {} : { note: notes[subject] });
