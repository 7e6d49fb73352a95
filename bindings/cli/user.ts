/*
 * `tercet user`: the accounts of a data folder, also while its server runs. A password is asked for on a
 * terminal or is the first line of stdin, so that no list of processes and no history of a shell shows it.
 */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import { StoredAccounts } from '../server/index.js';
import { defaultFolder, isDataFolder, openDataFolder } from './data-folder.js';
import { nearest } from './nearest.js';
import { parseOptions } from './options.js';

export const userHelp = `tercet user: the accounts of a data folder

Usage: tercet user add ADDRESS      a new account; asks for its password
       tercet user passwd ADDRESS   a new password for an account
       tercet user delete ADDRESS   the account and all that it has stored
       tercet user list             all addresses, one a line

  --data DIR         the folder (data)
  --domain NAME      domain of an ADDRESS that is only a name (localhost)

Where stdin is no terminal, its first line is the password. A server that uses the folder may run
meanwhile: it lets new accounts in at once, and does not end the sessions of deleted ones.
`;

const options = {
  data: { type: 'string', default: defaultFolder },
  domain: { type: 'string', default: 'localhost' },
} as const;

const actions = ['add', 'list', 'passwd', 'delete'] as const;
type Action = (typeof actions)[number];

export async function user(parameters: string[]): Promise<number> {
  const { values, positionals } = parseOptions('user', parameters, options, true);
  const name = positionals.at(0) ?? '';
  const written = positionals.at(1);
  const more = positionals.slice(2);
  const action = actions.find((each) => each === name);
  if (!action) throw new UsageError(unknownAction(name));
  if (more.length > 0) throw new UsageError(`one account at a time; what is ${more.join(' ')}?`);
  if (action === 'list' && written !== undefined) throw new UsageError('list takes no address');
  const jid = action === 'list' ? undefined : accountOf(written, values.domain);
  if (action !== 'add' && !(await isDataFolder(values.data))) {
    throw new Error(`there are no accounts in ${values.data}`);
  }
  const storage = await openDataFolder(values.data);
  try {
    return await act(action, new StoredAccounts(storage), jid);
  } finally {
    await storage.close();
  }
}

async function act(action: Action, accounts: StoredAccounts, jid?: Jid): Promise<number> {
  if (!jid) {
    for (const account of accounts.list()) process.stdout.write(`${account}\n`);
    return 0;
  }
  const account = jid.toString();
  const exists = accounts.exists(account);
  if (action === 'add' && exists) throw new Error(`${account} exists; passwd changes its password`);
  if (action !== 'add' && !exists) throw new Error(`there is no account ${account}`);
  if (action === 'delete') accounts.delete(account);
  else await accounts.set(jid.local, jid.domain, await readPassword(account));
  return 0;
}

function unknownAction(name: string): string {
  const hint = name === '' ? '' : nearest(name, [...actions]);
  return name === ''
    ? `one of ${actions.join(', ')} is needed`
    : `there is no action '${name}'${hint && `; did you mean ${hint}?`}`;
}

function accountOf(written: string | undefined, domain: string): Jid {
  if (written === undefined) throw new UsageError('whose account? An address is needed');
  const checked = Jid.check(written.includes('@') ? written : `${written}@${domain}`);
  if (!checked.ok) throw new UsageError(`${written}: ${checked.error.message}`);
  if (checked.jid.resource !== '') throw new UsageError(`${written} has a resource`);
  return checked.jid;
}

async function readPassword(account: string): Promise<string> {
  const password = process.stdin.isTTY ? await ask(account) : await firstLine();
  if (password === '') throw new Error('a password has at least one character');
  return password;
}

/** Twice, and without showing it. */
async function ask(account: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    const answers: string[] = [];
    for (const question of [`Password of ${account}: `, 'Again: ']) {
      process.stderr.write(question);
      answers.push(await terminal.question(''));
      process.stderr.write('\n');
    }
    if (answers[0] !== answers[1]) throw new Error('the two are different');
    return answers[0] ?? '';
  } finally {
    terminal.close();
  }
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return line;
    throw new Error('stdin holds no password');
  } finally {
    lines.close();
  }
}
