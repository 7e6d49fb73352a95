/*
 * The sender's side of a client's stanza: the gates of RFC 6120, sections 8.1, 8.2 and 10, in their order: form, `to`,
 * `from` stamped whatever the client wrote. Then modules may take it; else it goes to the account that it is for, whose
 * side is arrivals.ts.
 */
import type { Element } from '../element.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import { checkStanza, stanzaKind } from '../protocol/stanza-check.js';
import type { StanzaKind } from '../protocol/stanza-check.js';
import type { Arrivals } from './arrivals.js';
import type { Commits } from './commits.js';
import type { Inbound, ModuleHost } from './module.js';
import { realmOf } from './realms.js';
import type { Session } from './sessions.js';
import { stamp } from './stamp.js';

export class Departures {
  readonly #server: ModuleHost;
  readonly #arrivals: Arrivals;
  readonly #commits: Commits;

  constructor(server: ModuleHost, arrivals: Arrivals, commits: Commits) {
    this.#server = server;
    this.#arrivals = arrivals;
    this.#commits = commits;
  }

  route(stanza: Element, sender: Session): void {
    const server = this.#server;
    const kind = stanzaKind(stanza, NS.client);
    if (!kind) return;
    const stamped = stamp(stanza, kind, sender);
    const condition = checkStanza(stanza, kind);
    if (condition) return server.refuse(stamped, condition, sender);
    const written = stanza.attr('to');
    const checked = written === undefined ? undefined : Jid.check(written);
    if (checked && !checked.ok) return server.refuse(stamped, 'jid-malformed', sender);
    this.#arrivals.leave({ kind, stanza: stamped, sender }, () =>
      this.#leave(kind, stamped, sender, checked?.jid),
    );
    this.#commits.plan();
  }

  #leave(kind: StanzaKind, stanza: Element, sender: Session, to: Jid | undefined): void {
    const server = this.#server;
    const realm = realmOf(to, server.domain);
    const inbound: Inbound = { kind, stanza, sender, to, realm, server };
    if (server.modules.some((module) => module.stanza?.(inbound) === true)) return;
    if (realm === 'account') {
      // What has no address is for the sender's own account (RFC 6120, section 10.3).
      this.#arrivals.push({ kind, stanza, to: to ?? Jid.parse(sender.account), sender });
    } else server.refuse(stanza, 'service-unavailable', sender);
  }
}
