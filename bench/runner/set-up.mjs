/** Makes the subjects of a suite ready: peers from npm, C programs, the package itself. What cannot be had is `skipped`. */

import { compileNative, nativeNames } from './native.mjs';
import { buildNodeExpat, installPeers, versionOf } from './peers.mjs';

/** The npm packages behind the subjects that are not compiled here. */
const packages = {
  ltx: ['ltx'],
  'saxes-ns': ['saxes'],
  sax: ['sax'],
  easysax: ['easysax'],
  'node-expat': ['node-expat'],
  'sax-wasm': ['sax-wasm'],
  htmlparser2: ['htmlparser2'],
  'ltx-parser': ['ltx'],
  'ltx-parse': ['ltx'],
  'xmpp-xml': ['@xmpp/xml', 'ltx'],
  'xmpp-framed': ['@xmpp/websocket', 'ltx'],
  stanza: ['stanza'],
  'xmpp-jid-js': ['@xmpp/jid'],
  'xmpp-js': ['@xmpp/xml', '@xmpp/jid', 'ltx'],
  strophe: ['strophe.js'],
  'xmpp-jid': ['xmpp-jid'],
};

export async function setUp(subjects, node, skipped, say) {
  const present = new Set();
  const native = new Map();
  const versions = {};
  const skip = (subject, reason) => skipped.push({ subject, reason });

  const wanted = subjects.filter((subject) => packages[subject] !== undefined);
  const missing = wanted.length > 0 ? await installPeers(say) : '';
  for (const subject of subjects) {
    if (nativeNames.includes(subject)) {
      const { path, reason, compiler, version, language } = compileNative(subject);
      if (path === undefined) skip(subject, reason);
      else {
        present.add(subject);
        native.set(subject, { path });
        versions[language] = compiler;
        versions[subject] = version;
      }
    } else if (subject === 'tercet' || subject.startsWith('tercet-')) {
      const { reason } = await import('../subjects/package.mjs');
      if (reason === '') present.add(subject);
      else skip(subject, reason);
    } else if (missing !== '') skip(subject, missing);
    else {
      const reason = subject === 'node-expat' ? await buildNodeExpat(node, say) : '';
      if (reason !== '') skip(subject, reason);
      else {
        present.add(subject);
        for (const name of packages[subject]) versions[name] = versionOf(name);
      }
    }
  }
  return { present, native, versions };
}
