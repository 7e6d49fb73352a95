/*
 * Requests (RFC 6120, section 8.2.3; RFC 6121, section 8.5) to the server or to an account's bare JID: they
 * are answered by the handler that a module has for their payload, or by `service-unavailable`.
 *
 * A result or an error for the server or an account answers nothing that they asked, and is ignored: a
 * roster push is not waited for (RFC 6121, section 2.1.6).
 */
import { resultReply } from '../../protocol/stanza-error.js';
import type { Request, RequestHandler, RequestReply, ServerModule } from '../module.js';

export function requests(): ServerModule {
  return {
    name: 'requests',
    skipsPlainMessages: true,
    stanza({ kind, stanza, sender, realm, server }): boolean {
      if (kind !== 'iq' || realm !== 'server') return false;
      answer({ stanza, sender, account: undefined, server }, 'server');
      return true;
    },
    arrival({ kind, stanza, sender, account, server }): boolean {
      if (kind !== 'iq') return false;
      const place = account === sender?.account ? 'own-account' : 'account';
      if (sender) answer({ stanza, sender, account, server }, place);
      return true;
    },
  };
}

function answer(request: Request, place: RequestHandler['at'][number]): void {
  const { stanza, sender, server } = request;
  const type = stanza.attr('type');
  const payload = stanza.child();
  if ((type !== 'get' && type !== 'set') || !payload) return;
  const handler = server.modules
    .flatMap((module) => module.requests ?? [])
    .find((each) => each.name === payload.name && each.ns === payload.ns && isAt(each, place));
  if (!handler?.[type]) return server.refuse(stanza, 'service-unavailable', sender);
  const reply = handler[type](payload, request);
  if (!(reply instanceof Promise)) return finish(reply, request);
  reply.then(
    (late) => sender.connection.act(() => finish(late, request)),
    (error: unknown) => {
      server.log('error', 'a module failed', { jid: sender.jid, error: String(error) });
      server.refuse(stanza, 'internal-server-error', sender);
    },
  );
}

function finish(reply: RequestReply, { stanza, sender, server }: Request): void {
  if (reply && 'error' in reply) return server.refuse(stanza, reply.error, sender);
  const payloads = reply && !('after' in reply) ? [reply] : [];
  server.send(resultReply(stanza, ...payloads), sender);
  if (reply && 'after' in reply) reply.after();
}

/** Whoever answers for any account answers for the sender's own too. */
const isAt = (handler: RequestHandler, place: RequestHandler['at'][number]): boolean =>
  handler.at.includes(place) || (place === 'own-account' && handler.at.includes('account'));
