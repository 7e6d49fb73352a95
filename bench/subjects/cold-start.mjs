/** A fresh process: loads the package, then prints the milliseconds from nothing to the first stanza. */

import { entryUrl } from './package.mjs';

const { StreamParser } = await import(entryUrl());

const bytes = Buffer.from(
  `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'><message to='juliet@example.com' type='chat'><body>Hello</body></message>`,
);

const before = performance.now();
const events = new StreamParser().feed(bytes);
const after = performance.now();

if (events.length !== 2) throw new Error('the first stanza was not delivered');
console.log((after - before).toFixed(3));
