/*
 * `tercet jid` as people and pipes meet it.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const commandLine = join(import.meta.dirname, '../../dist/bindings/cli/main.js');

interface Result {
  readonly code: number | null;
  readonly output: string;
  readonly complaints: string;
}

const start = (...parameters: string[]): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [commandLine, 'jid', ...parameters]);

async function jid(parameters: string[], input: string | Uint8Array = ''): Promise<Result> {
  const child = start(...parameters);
  let output = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, complaints };
}

const objects = (output: string): unknown[] =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('tercet jid', () => {
  test('prints canonical forms of its arguments', async () => {
    expect(await jid(['Juliet@Example.COM/Balcony', 'xn--bcher-kva.example.'])).toEqual({
      code: 0,
      output: 'juliet@example.com/Balcony\nbücher.example\n',
      complaints: '',
    });
  });

  test('shows the character that breaks a rule', async () => {
    const { code, output } = await jid(['henry\u2163@example.com']);
    expect(code).toBe(1);
    expect(output).toBe(
      'error   jid-disallowed local: the character is not allowed in this part (U+2163 at index 5)\n' +
        '        henry\u2163@example.com\n' +
        '             ^\n',
    );
  });

  test.each([
    ['after wide characters', '\u5c71\u7530 \u592a\u90ce@b', '\u5c71\u7530 \u592a\u90ce@b', 4],
    ['after combining marks', 'e\u0301\u0323 @b', 'e\u0301\u0323 @b', 1],
    ['after Hangul in pieces', '\u1112\u1161\u11ab @b', '\u1112\u1161\u11ab @b', 2],
    ['after half-width katakana', '\uff71 @b', '\uff71 @b', 1],
    ['beyond the BMP', 'a@b/\u{1f600}\u200d', 'a@b/\u{1f600}\\u{200d}', 6],
    ['of a control', 'a@b/\x1b[31m\x07', 'a@b/\\u{1b}[31m\\u{7}', 4],
    ['of a direction', '\u202ea@b', '\\u{202e}a@b', 0],
    ['of a mark', 'a@\u0301b', 'a@\\u{301}b', 2],
    ['of what is missing', 'a@b/', 'a@b/', 4],
    ['of a strange space', 'a\u3000@b', 'a\\u{3000}@b', 1],
  ])('puts the caret under the place %s', async (_name, source, shown, column) => {
    const { output } = await jid(['--', source]);
    const [, line, caret] = output.split('\n');
    expect(line).toBe(`        ${shown}`);
    expect(caret).toBe(`        ${' '.repeat(column)}^`);
  });

  test('shows no more of a long address than there is room for', async () => {
    const { output } = await jid([`${'a'.repeat(500)} ${'b'.repeat(400)}@c`]);
    const [, line = '', caret = ''] = output.split('\n');
    expect(line.length).toBeLessThan(110);
    expect(line[caret.indexOf('^')]).toBe(' ');
    expect(line.trim()).toMatch(/^\.\.\.a+ b+\.\.\.$/);
  });

  test('takes lines as they are, but for their ends', async () => {
    const { code, output } = await jid(['--json'], ' a@b\nA@b\r\n\na@b/x \nlast@b');
    expect(code).toBe(1);
    expect(objects(output)).toEqual([
      expect.objectContaining({ input: ' a@b', ok: false, part: 'local' }),
      expect.objectContaining({ input: 'A@b', ok: true, jid: 'a@b' }),
      expect.objectContaining({ input: '', ok: false, part: 'domain' }),
      expect.objectContaining({ input: 'a@b/x ', ok: true, resource: 'x ' }),
      expect.objectContaining({ input: 'last@b', ok: true }),
    ]);
  });

  test('prints objects with --json', async () => {
    const { code, output } = await jid(['--json', 'A@B\u00fccher.example/r', 'a b@c']);
    expect(code).toBe(1);
    expect(objects(output)).toEqual([
      {
        input: 'A@B\u00fccher.example/r',
        ok: true,
        jid: 'a@b\u00fccher.example/r',
        local: 'a',
        domain: 'b\u00fccher.example',
        resource: 'r',
        ascii: 'xn--bcher-kva.example',
      },
      {
        input: 'a b@c',
        ok: false,
        part: 'local',
        rule: 'disallowed',
        code: 'jid-disallowed',
        index: 1,
        codePoint: 0x20,
        message: expect.stringContaining('U+0020') as string,
      },
    ]);
  });

  test('has no ASCII form of a name that DNS has no room for', async () => {
    const { code, output } = await jid(['--json', `${'a'.repeat(64)}.example`]);
    expect(code).toBe(0);
    expect(objects(output)).toEqual([expect.objectContaining({ ok: true, ascii: null })]);
  });

  test('refuses bytes that are not UTF-8', async () => {
    const input = Buffer.concat([
      Buffer.from('a@b\nca'),
      Buffer.of(0xe9),
      Buffer.from('@b\n\u00e9@b'),
    ]);
    const { code, output } = await jid(['--json'], input);
    expect(code).toBe(1);
    expect(objects(output)).toEqual([
      expect.objectContaining({ ok: true, jid: 'a@b' }),
      expect.objectContaining({ ok: false, part: 'local', rule: 'utf' }),
      expect.objectContaining({ ok: true, jid: '\u00e9@b' }),
    ]);
  });

  describe('a line that is longer than an address can be', () => {
    const limit = 65_536;
    // A character of three bytes where the line is cut, and what makes which part too long.
    const long = '\u20ac'.repeat(limit / 2);

    test.each([
      ['a localpart', `${long}@b`, 'local'],
      ['a localpart before an at sign in the resourcepart', `${long}@b/c@d`, 'local'],
      ['a domainpart', `a@${long}`, 'domain'],
      ['a domainpart alone', `${long}/c@d`, 'domain'],
      ['a resourcepart', `a@b/${long}@c`, 'resource'],
    ])('is refused: %s', async (_name, line, part) => {
      const { code, output } = await jid(['--json'], `A@b\r\n${line}\r\n${line}\nlast@b`);
      expect(code).toBe(1);
      const found = objects(output) as {
        input: string;
        jid?: string;
        part?: string;
        rule?: string;
      }[];
      expect(found.map((one) => one.jid ?? `${one.part ?? ''} ${one.rule ?? ''}`)).toEqual([
        'a@b',
        `${part} too-long`,
        `${part} too-long`,
        'last@b',
      ]);
      const inputs = found.slice(1, 3).map(({ input }) => input);
      expect(inputs.every((input) => /^(a@|a@b\/)?\u20ac+@?$/.test(input))).toBe(true);
      expect(inputs.map((input) => Buffer.byteLength(input) > limit + 1)).toEqual([false, false]);
    });

    test('does not fill memory', { timeout: 60_000 }, async () => {
      const megabytes = process.env.TERCET_QUICK === '1' ? 200 : 400;
      // Measured from inside, when all is read.
      const report = 'process.on("exit", () => console.error(process.resourceUsage().maxRSS))';
      const child = spawn(process.execPath, [
        '--import',
        `data:text/javascript,${encodeURIComponent(report)}`,
        commandLine,
        'jid',
      ]);
      let output = '';
      let complaints = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
      const piece = 'a'.repeat(1 << 20);
      for (let left = megabytes; left > 0; left--) {
        if (!child.stdin.write(piece)) await once(child.stdin, 'drain');
      }
      child.stdin.end('\nlast@b\n');
      expect((await once(child, 'close'))[0]).toBe(1);
      expect(output).toMatch(
        /^error {3}jid-too-long domain: [^\n]+\n {8}a{40}\.\.\.\n {8}\^\nlast@b\n$/,
      );
      // Kilobytes. The program alone takes some 60 MB.
      expect(Number(complaints)).toBeLessThan(150 * 1024);
    });
  });

  test('answers each line when it comes', async () => {
    const child = start();
    child.stdout.setEncoding('utf8');
    child.stdin.write('A@b\nC');
    expect((await once(child.stdout, 'data'))[0]).toBe('a@b\n');
    child.stdin.end('@d\n');
    expect((await once(child.stdout, 'data'))[0]).toBe('c@d\n');
    expect((await once(child, 'close'))[0]).toBe(0);
  });

  test('reads a hundred thousand lines, in whatever pieces they come', async () => {
    const count = 100_000;
    const input = Array.from(
      { length: count },
      (_, index) => `User${index}@b\u00fccher.example/\u{1f600}\n`,
    );
    const { code, output } = await jid([], input.join(''));
    expect(code).toBe(0);
    const lines = output.split('\n');
    expect(lines).toHaveLength(count + 1);
    expect(lines[count - 1]).toBe(`user${count - 1}@b\u00fccher.example/\u{1f600}`);
    expect(
      lines.every((line) => line === '' || line.endsWith('@b\u00fccher.example/\u{1f600}')),
    ).toBe(true);
  });

  test('stops without a word when nobody reads on', async () => {
    const child = start();
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    child.stdin.on('error', () => undefined);
    child.stdin.end('a@b\n'.repeat(500_000));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, complaints }).toEqual({ code: 0, complaints: '' });
  });

  test('explains itself', async () => {
    const { code, output } = await jid(['--help']);
    expect(code).toBe(0);
    expect(output).toContain('Usage: tercet jid [--json] [jid ...]');
    expect(await jid(['--jsn'])).toMatchObject({
      code: 2,
      complaints: expect.stringContaining('did you mean --json?') as string,
    });
  });
});

test('a folder on stdin is an error, not an empty list', async () => {
  const folder = openSync(import.meta.dirname, 'r');
  try {
    const child = spawn(process.execPath, [commandLine, 'jid'], {
      stdio: [folder, 'ignore', 'pipe'],
    });
    let complaints = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(complaints).toBe('tercet jid: stdin is a folder\n');
  } finally {
    closeSync(folder);
  }
});
