/*
 * Requests and their answers (RFC 6120, section 8.2.3; RFC 6121, section 8.5): to a full JID they travel
 * to that resource, to the server or to an account's bare JID they are answered by the handler that a
 * module has for their payload, or by `service-unavailable`.
 *
 * A result or an error for the server answers nothing that it asked, and is ignored.
 */
import { resultReply } from '../../protocol/stanza-error.js';
import { decide } from '../delivery.js';
import type { Inbound, RequestHandler, ServerModule } from '../module.js';

export function requests(): ServerModule {
  return {
    name: 'requests',
    stanza(inbound): boolean {
      if (inbound.kind !== 'iq') return false;
      if (inbound.realm === 'server') answer(inbound, 'server');
      else route(inbound);
      return true;
    },
  };
}

function route(inbound: Inbound): void {
  const { stanza, sender, to, server } = inbound;
  const account = to ? to.bare.toString() : sender.account;
  const { cell, targets } = decide('iq', stanza.attr('type') ?? '', {
    exists: to ? server.hasAccount(to) : true,
    sessions: [...server.sessions.of(account)],
    resource: to?.resource ?? '',
  });
  if (cell === 'E') return server.refuse(stanza, 'service-unavailable', sender);
  if (cell === 'H') return answer(inbound, account === sender.account ? 'own-account' : 'account');
  server.send(stanza, ...targets);
}

function answer(inbound: Inbound, place: RequestHandler['at'][number]): void {
  const { stanza, sender, server } = inbound;
  const type = stanza.attr('type');
  const payload = stanza.child();
  if ((type !== 'get' && type !== 'set') || !payload) return;
  const handler = server.modules
    .flatMap((module) => module.requests ?? [])
    .find((each) => each.name === payload.name && each.ns === payload.ns && isAt(each, place));
  if (!handler?.[type]) return server.refuse(stanza, 'service-unavailable', sender);
  const reply = handler[type](payload, inbound);
  if (reply && 'error' in reply) return server.refuse(stanza, reply.error, sender);
  server.send(resultReply(stanza, ...(reply ? [reply] : [])), sender);
}

/** Whoever answers for any account answers for the sender's own too. */
const isAt = (handler: RequestHandler, place: RequestHandler['at'][number]): boolean =>
  handler.at.includes(place) || (place === 'own-account' && handler.at.includes('account'));
