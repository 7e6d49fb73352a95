/*
 * Streams that the originals read as they should: written out for what is special in them, and
 * generated from a seed. None of them has what this package refuses or the originals get wrong.
 */
import { stanzas } from '../property/stanzas.js';

export const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
