/*
 * In-band registration (XEP-0077), for servers that want it: a client makes an account before it logs in,
 * changes the password of its own, and deletes it. Off unless it is in the list of modules.
 *
 * Anybody who can connect can make accounts, so their number a minute is bounded, whoever asks.
 */
import { xml } from '../../builder.js';
import type { Element } from '../../element.js';
import { Jid } from '../../jid.js';
import { errorReply, resultReply } from '../../protocol/stanza-error.js';
import type { ModuleHost, Request, RequestReply, ServerModule } from '../module.js';

export interface RegistrationOptions {
  /** New accounts a minute (600); beyond them clients are told to wait. */
  readonly maxPerMinute?: number;
}

export const registerNs = 'jabber:iq:register';

/** Bytes of a password; hashing longer ones would be work for strangers to give. */
const maxPasswordLength = 1023;

export function registration({ maxPerMinute = 600 }: RegistrationOptions = {}): ServerModule {
  let minute = 0;
  let count = 0;
  /** Names whose keys are being derived, which takes a while. */
  const underWay = new Set<string>();

  /** Whether one more is within the bound. */
  function admit(date: number): boolean {
    const now = Math.floor(date / 60_000);
    if (now !== minute) {
      minute = now;
      count = 0;
    }
    count += 1;
    return count <= maxPerMinute;
  }

  async function make(query: Element, server: ModuleHost): Promise<RequestReply> {
    const wanted = read(query, server.domain);
    if (!wanted) return { error: 'not-acceptable' };
    const { jid, password } = wanted;
    if (!server.accounts.set) return { error: 'service-unavailable' };
    const account = jid.toString();
    if (server.hasAccount(jid) || underWay.has(account)) return { error: 'conflict' };
    if (!admit(server.date())) return { error: 'resource-constraint' };
    underWay.add(account);
    try {
      await server.accounts.set(jid.local, jid.domain, password);
    } finally {
      underWay.delete(account);
    }
    server.log('info', 'registered', { jid: account });
    return undefined;
  }

  return {
    name: 'registration',
    features: [registerNs],
    requests: [
      { name: 'query', ns: registerNs, at: ['server', 'own-account'], get: state, set: change },
    ],
    async register(stanza, server): Promise<Element | undefined> {
      const query = stanza.child('query', registerNs);
      if (!query) return errorReply(stanza, 'bad-request');
      if (stanza.attr('type') === 'get') return resultReply(stanza, form());
      const reply = await make(query, server);
      return reply && 'error' in reply ? errorReply(stanza, reply.error) : resultReply(stanza);
    },
  };
}

const form = (...children: Element[]): Element =>
  xml('query', { xmlns: registerNs }, ...children, xml('username'), xml('password'));

const state = (_query: Element, { sender }: Request): RequestReply =>
  xml(
    'query',
    { xmlns: registerNs },
    xml('registered'),
    xml('username', {}, sender.local),
    xml('password'),
  );

/** A new password, or the end of the account. */
function change(query: Element, { sender, server }: Request): RequestReply | Promise<RequestReply> {
  const { account } = sender;
  if (query.child('remove', registerNs)) {
    if (query.elements().length > 1) return { error: 'bad-request' };
    return { after: () => server.deleteAccount(account) };
  }
  const wanted = read(query, server.domain);
  if (!wanted) return { error: 'bad-request' };
  if (wanted.jid.toString() !== account) return { error: 'not-allowed' };
  if (!server.accounts.set) return { error: 'service-unavailable' };
  return server.accounts
    .set(wanted.jid.local, wanted.jid.domain, wanted.password)
    .then(() => undefined);
}

function read(
  query: Element,
  domain: string,
): { readonly jid: Jid; readonly password: string } | undefined {
  const local = query.child('username', registerNs)?.text ?? '';
  const password = query.child('password', registerNs)?.text ?? '';
  if (local === '' || password === '' || password.length > maxPasswordLength) return undefined;
  // Not by concatenation: a name with a separator in it is none.
  try {
    return { jid: Jid.from({ local, domain }), password };
  } catch {
    return undefined;
  }
}
