/*
 * A machine in the state in which an earlier one was left: a machine cannot be written down, so a new one is led
 * through the same negotiation, without its client: PLAIN that is accepted unseen, then the same resource, bound
 * or, under stream management, resumed with its counts.
 */
import { xml } from '../builder.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import type { ServerEffect } from '../protocol/effects.js';
import type { ServerStream } from '../protocol/server-stream.js';
import type { ManagementLimits } from '../protocol/stream-management.js';
import { StreamManagement } from '../protocol/stream-management.js';
import type { Attachment } from './attachment.js';

/** `machine` is new, and offers PLAIN; what it says on the way is for nobody. */
export function revive(
  machine: ServerStream,
  { jid, lang, counts }: Attachment,
  limits: ManagementLimits,
): void {
  const { local, domain, resource } = Jid.parse(jid);
  const now = Date.now();
  const language = lang === '' ? undefined : lang;
  const open = xml('open', { xmlns: NS.framing, to: domain, version: '1.0', 'xml:lang': language });
  const wish = xml('bind', { xmlns: NS.bind }, xml('resource', {}, resource));
  const bind = xml('iq', { xmlns: NS.client, type: 'set', id: '-' }, wish);
  const resume = xml('resume', {
    xmlns: NS.streamManagement,
    previd: '-',
    h: String(counts?.sent ?? 0),
  });
  const answer = (effect: ServerEffect): void => {
    if (effect.type === 'authCheck') {
      machine.answerAuth(effect.token, { kind: 'accepted', local }, now);
    } else if (effect.type === 'bind') {
      machine.answerBind(effect.token, { kind: 'bound', resource }, now);
    } else if (effect.type === 'resume' && counts) {
      const { handled: handledCount, sent: sentCount } = counts;
      const management = new StreamManagement({ ...limits, handledCount, sentCount });
      machine.answerResume(effect.token, { kind: 'resumed', management, resource }, now);
    }
  };
  machine.open(now);
  // Any name and password: what they would be checked against was checked before.
  const auth = xml('auth', { xmlns: NS.sasl, mechanism: 'PLAIN' }, btoa('\0-\0-'));
  for (const step of [open, auth, open, counts ? resume : bind]) {
    machine.receive(step.toBytes(), now).forEach(answer);
  }
}
