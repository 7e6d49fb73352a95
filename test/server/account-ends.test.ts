/*
 * Accounts that are made and deleted while somebody else is under way to the same name (XEP-0077): a name is given once,
 * and who was let in to an account that is no more has nothing of the next one of that name.
 */
import { expect, test } from 'vitest';
import { MemoryAccounts, registration, standardModules } from 'tercet/server';
import { tcpHeader } from '../protocol/host.js';
import { Client, Stage, makeAccounts } from './play.js';

const modules = () => [...standardModules(), registration()];
const register = (name: string, password: string): string =>
  `<iq type='set' id='r'><query xmlns='jabber:iq:register'>` +
  `<username>${name}</username><password>${password}</password></query></iq>`;
const remove = "<iq type='set' id='d'><query xmlns='jabber:iq:register'><remove/></query></iq>";
const bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";

test('one of two who ask for a name at once gets it, and its password counts', async () => {
  const stage = new Stage({ accounts: new MemoryAccounts(), modules: modules() });
  const [first, second] = [new Client(stage.server), new Client(stage.server)];
  for (const client of [first, second]) client.say(tcpHeader);
  first.say(register('juliet', 'balcony'));
  second.say(register('juliet', 'orchard'));
  await expect
    .poll(() => {
      stage.server.flush();
      return [first, second].every(({ text }) => text.includes('<iq'));
    })
    .toBe(true);
  expect(first.text).toContain('type="result"');
  expect(second.text).toContain('<conflict');
  const juliet = new Client(stage.server);
  await juliet.logIn('juliet', 'here', { password: 'balcony' });
  expect(juliet.jid).toBe('juliet@localhost/here');
});

test('who is let in and has no resource yet is gone with the account', async () => {
  const accounts = await makeAccounts('juliet');
  const stage = new Stage({ accounts, modules: modules() });
  const waiting = new Client(stage.server);
  await waiting.logIn('juliet', null);
  const juliet = await stage.enter('juliet', 'balcony');
  juliet.say(remove);
  await accounts.set('juliet', 'localhost', 'another');
  waiting.say(bind);
  expect(waiting.text).toContain('<not-authorized');
  expect(waiting.text).not.toContain('<jid>');
});

test('nobody is bound to an account that was deleted elsewhere', async () => {
  const accounts = await makeAccounts('juliet');
  const stage = new Stage({ accounts, modules: modules() });
  const juliet = new Client(stage.server);
  await juliet.logIn('juliet', null);
  accounts.delete('juliet@localhost');
  juliet.say(bind);
  expect(juliet.hear()[0].child('error')?.child()?.name).toBe('not-allowed');
});
