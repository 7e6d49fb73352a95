/*
 * The command line as people and pipes meet it: what is printed, where, and with which exit code.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { commandLine } from './serve.js';

interface Result {
  readonly code: number | null;
  readonly output: string;
  readonly complaints: string;
}

async function tercet(parameters: readonly string[], input = ''): Promise<Result> {
  const child = spawn(process.execPath, [commandLine, ...parameters]);
  let output = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, complaints };
}

const folder = mkdtempSync(join(tmpdir(), 'tercet-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('tercet', () => {
  test('says what it can do', async () => {
    const { code, output } = await tercet(['--help']);
    expect(code).toBe(0);
    for (const command of ['serve', 'user', 'inspect', 'jid'])
      expect(output).toContain(`\n  ${command} `);
    expect(await tercet(['--version'])).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });

  test('without a command says the same, as a complaint', async () => {
    const { code, output, complaints } = await tercet([]);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(complaints).toContain('Usage: tercet <command>');
  });

  test('guesses what was meant', async () => {
    const command = await tercet(['sevre']);
    expect(command).toMatchObject({ code: 2, output: '' });
    expect(command.complaints).toContain("there is no command 'sevre'; did you mean serve?");
    const option = await tercet(['serve', '--prot', '1']);
    expect(option).toMatchObject({ code: 2, output: '' });
    expect(option.complaints).toContain('unknown option --prot; did you mean --port?');
    expect(option.complaints).toContain('tercet serve --help lists the options');
  });

  test.each(['serve', 'user', 'inspect', 'jid'])('%s has its own help', async (command) => {
    const { code, output } = await tercet([command, '--help']);
    expect(code).toBe(0);
    expect(output).toContain(`Usage: tercet ${command}`);
  });
});

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost'>";

describe('tercet inspect', () => {
  test('prints the events of a stream', async () => {
    const source = `<?xml version='1.0'?>${header}\n<message to='a@b'><body>Hi</body></message>\n</stream:stream>`;
    const { code, output } = await tercet(['inspect'], source);
    expect(code).toBe(0);
    expect(output.split('\n')).toEqual([
      'open    xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" to="localhost"',
      'stanza  <message xmlns="jabber:client" to=\'a@b\'><body>Hi</body></message>',
      'close',
      '',
    ]);
  });

  test('as JSON, one object a line', async () => {
    const path = join(folder, 'stream.xml');
    writeFileSync(path, `${header}<presence/></stream:stream>`);
    const { code, output } = await tercet(['inspect', '--json', path]);
    expect(code).toBe(0);
    expect(
      output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      expect.objectContaining({ type: 'open', name: 'stream' }),
      {
        type: 'stanza',
        name: 'presence',
        ns: 'jabber:client',
        attrs: {},
        xml: '<presence xmlns="jabber:client"/>',
      },
      { type: 'close' },
    ]);
  });

  test('shows the place of an error', async () => {
    const { code, output } = await tercet(['inspect'], `${header}\n<message>ä<!-- --></message>`);
    expect(code).toBe(1);
    const [, error, line, caret] = output.split('\n');
    expect(error).toContain('xml-comment-restricted restricted-xml: ');
    expect(line).toBe('        <message>ä<!-- --></message>');
    expect(caret).toBe('                  ^');
  });

  test('leaves the terminal alone, and knows that some characters are wide', async () => {
    const hostile = `<message to='\u202e'><body>\u009b31m \u6f22\nnext</body></message><a>\u6f22&x;`;
    const { output } = await tercet(['inspect'], `${header}\n${hostile}`);
    const [, stanza, next, , line, caret] = output.split('\n');
    expect(stanza).toContain("to='&#x202E;'><body>&#x9B;31m \u6f22");
    expect(next).toBe('next</body></message>');
    // One character that takes two columns stands before the reference.
    const before = Array.from(line.slice(0, line.indexOf('&x;'))).length;
    expect(caret.indexOf('^')).toBe(before + 1);
  });

  test('says where as JSON too', async () => {
    const { code, output } = await tercet(['inspect', '--json'], '<a>');
    expect(code).toBe(1);
    const [, error] = output.split('\n').map((line) => (line ? (JSON.parse(line) as object) : {}));
    expect(error).toMatchObject({
      type: 'error',
      code: 'xml-unexpected-end',
      condition: 'not-well-formed',
      offset: 3,
    });
  });

  test('reads one file', async () => {
    const { code, output, complaints } = await tercet(['inspect', 'a', 'b']);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(complaints).toContain('one file at a time, not 2');
  });

  test('cannot read what is not there', async () => {
    const { code, complaints } = await tercet(['inspect', join(folder, 'nothing')]);
    expect(code).toBe(1);
    expect(complaints).toContain('ENOENT');
  });

  test('stops when nobody reads on', async () => {
    const child = spawn(process.execPath, [commandLine, 'inspect']);
    child.stdin.on('error', () => undefined);
    child.stdin.end(header + '<presence/>'.repeat(200_000));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(0);
  });
});

describe('tercet user', () => {
  const data = ['--data', join(folder, 'users')];
  const user = (input: string, ...parameters: string[]) =>
    tercet(['user', ...parameters, ...data], input);

  test('adds accounts, changes and deletes them', async () => {
    expect(await user('', 'list')).toMatchObject({ code: 1, output: '' });
    expect(await user('balcony\n', 'add', 'Juliet@localhost')).toEqual({
      ...{ code: 0, output: '', complaints: '' },
    });
    expect((await user('orchard', 'add', 'romeo', '--domain', 'example.com')).code).toBe(0);
    expect((await user('', 'list')).output).toBe('juliet@localhost\nromeo@example.com\n');
    expect((await user('window\n', 'passwd', 'juliet')).code).toBe(0);
    expect((await user('', 'delete', 'romeo@example.com')).code).toBe(0);
    expect((await user('', 'list')).output).toBe('juliet@localhost\n');
  });

  test.each([
    [['add', 'juliet'], 'x\n', 1, 'juliet@localhost exists'],
    [['add', 'nurse'], '', 1, 'stdin holds no password'],
    [['add', 'nurse'], '\n', 1, 'at least one character'],
    [['passwd', 'tybalt'], 'x\n', 1, 'there is no account tybalt@localhost'],
    [['delete', 'tybalt'], '', 1, 'there is no account tybalt@localhost'],
    [['add'], '', 2, 'An address is needed'],
    [['add', 'a/b@c'], 'x\n', 2, 'a/b@c'],
    [['add', 'a@b/c'], 'x\n', 2, 'has a resource'],
    [['add', 'a', 'b'], 'x\n', 2, 'one account at a time'],
    [['lst'], '', 2, 'did you mean list?'],
    [[], '', 2, 'one of add, list, passwd, delete'],
  ])('%j is refused', async (parameters, input, code, reason) => {
    const result = await user(input, ...parameters);
    expect(result).toMatchObject({ code, output: '' });
    expect(result.complaints).toContain(reason);
  });
});

describe('tercet serve', () => {
  test.each([
    ['a port that is none', ['--port', '70000'], '--port is a number from 0 to 65535'],
    ['a certificate without its key', ['--cert', 'x'], '--cert and --key go together'],
    ['a folder and no folder', ['--data', 'x', '--memory'], 'exclude each other'],
    ['an unknown level', ['--log', 'loud'], '--log is one of error, warn, info, debug'],
    ['a domain that is none', ['--domain', 'a b', '--memory'], 'domain'],
  ])('refuses %s', async (_name, options, reason) => {
    const { code, output, complaints } = await tercet(['serve', ...options]);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(complaints).toContain(reason);
  });

  test('names a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const free = ['--tls-port', '0', '--http-port', '0', '--memory'];
    const { code, output, complaints } = await tercet(['serve', '--port', String(port), ...free]);
    other.close();
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(complaints).toBe(
      `tercet serve: port ${port} on 127.0.0.1 is in use; ` +
        'choose another with --port, --tls-port or --http-port\n',
    );
  });
});
