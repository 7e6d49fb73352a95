/*
 * Messages to accounts here (RFC 6121, sections 5 and 8.5): the decision is delivery.ts's, the bytes go
 * out as they came in but for `from`. A message without `to` is one to the sender's own account
 * (RFC 6120, section 10.3.1).
 */
import { messageType } from '../../protocol/stanza-check.js';
import { decide } from '../delivery.js';
import type { Inbound, ServerModule } from '../module.js';

export function message(): ServerModule {
  return {
    name: 'message',
    stanza(inbound): boolean {
      if (inbound.kind !== 'message' || inbound.realm !== 'account') return false;
      route(inbound);
      return true;
    },
  };
}

function route({ stanza, sender, to, server }: Inbound): void {
  const account = to ? to.bare.toString() : sender.account;
  const { cell, targets } = decide('message', messageType(stanza), {
    exists: to ? server.hasAccount(to) : true,
    sessions: [...server.sessions.of(account)],
    resource: to?.resource ?? '',
  });
  if (cell === 'E') return server.refuse(stanza, 'service-unavailable', sender);
  server.send(stanza, ...targets);
}
