/*
 * Resource binding as XML (RFC 6120, section 7): the request, its result, its refusal. Which resource is
 * given is the host's decision: conflicts and limits concern all streams of an account.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { NS } from '../namespaces.js';
import { resultReply } from './stanza-error.js';

/** Whether an iq asks to bind. */
export const isBindRequest = (iq: Element): boolean =>
  iq.attr('type') === 'set' && iq.child('bind', NS.bind) !== undefined;

/** The resource that is asked for; undefined when the server is to choose. */
export function requestedResource(iq: Element): string | undefined {
  const resource = iq.child('bind', NS.bind)?.child('resource', NS.bind)?.text;
  return resource === '' ? undefined : resource;
}

export const bindResult = (iq: Element, fullJid: string): Element =>
  resultReply(iq, xml('bind', { xmlns: NS.bind }, xml('jid', {}, fullJid)));
