/*
 * A machine in the state in which an earlier one was left: a machine cannot be written down, so a new one is led
 * through the same negotiation, without its client: PLAIN that is accepted unseen, then the same resource, bound
 * or, under stream management, resumed with its account.
 */
import { xml } from '../builder.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import type { ServerEffect } from '../protocol/effects.js';
import type { ServerStream } from '../protocol/server-stream.js';
import type { StreamManagement } from '../protocol/stream-management.js';
import type { Attachment } from './attachment.js';

/** `machine` is new, and offers PLAIN; what it says on the way is for nobody. */
export function revive(
  machine: ServerStream,
  { jid, lang }: Attachment,
  management: StreamManagement | undefined,
): void {
  const { local, domain, resource } = Jid.parse(jid);
  const now = Date.now();
  const language = lang === '' ? undefined : lang;
  const open = xml('open', { xmlns: NS.framing, to: domain, version: '1.0', 'xml:lang': language });
  const wish = xml('bind', { xmlns: NS.bind }, xml('resource', {}, resource));
  const bind = xml('iq', { xmlns: NS.client, type: 'set', id: '-' }, wish);
  const acked = management && (management.sentCount - management.unacked.length) >>> 0;
  const resume = xml('resume', { xmlns: NS.streamManagement, previd: '-', h: acked });
  const answer = (effect: ServerEffect): void => {
    if (effect.type === 'authCheck') {
      machine.answerAuth(effect.token, { kind: 'accepted', local }, now);
    } else if (effect.type === 'bind') {
      machine.answerBind(effect.token, { kind: 'bound', resource }, now);
    } else if (effect.type === 'resume' && management) {
      machine.answerResume(effect.token, { kind: 'resumed', management, resource }, now);
    }
  };
  machine.open(now);
  // Any name and password: what they would be checked against was checked before.
  const auth = xml('auth', { xmlns: NS.sasl, mechanism: 'PLAIN' }, btoa('\0-\0-'));
  for (const step of [open, auth, open, management ? resume : bind]) {
    machine.receive(step.toBytes(), now).forEach(answer);
  }
}
