/*
 * Several entry points in one program: one class each, as few instances of the core as can be, and
 * none before something is asked of it.
 */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

/** What a program in a process of its own prints, with the instances that it made counted. */
function run(program: string): unknown {
  const source = `
    let instances = 0;
    WebAssembly.Instance = class extends WebAssembly.Instance {
      constructor(...parameters) {
        super(...parameters);
        instances++;
      }
    };
    ${program}`;
  const parameters = ['--input-type=module', '--eval', source];
  const cwd = import.meta.dirname;
  return JSON.parse(execFileSync(process.execPath, parameters, { encoding: 'utf8', cwd }));
}

describe('entry points of one program', () => {
  test('share an instance that can do everything, where one of them brings it', () => {
    const result = run(`
      const { Jid: alone } = await import('tercet/jid');
      const { parse } = await import('tercet/parser');
      const { Jid } = await import('tercet');
      const before = instances;
      const text = parse('<a>A@b</a>').text;
      const jid = alone.parse(text);
      console.log(JSON.stringify([before, instances, String(jid), Jid === alone]));`);
    expect(result).toEqual([0, 1, 'a@b', true]);
  });

  test('have an instance each, where none can do both', () => {
    const result = run(`
      const { Jid } = await import('tercet/jid');
      const { parse, Engine } = await import('tercet/parser');
      const jid = Jid.parse(parse('<a>A@b</a>').text);
      const shared = instances;
      new Engine();
      console.log(JSON.stringify([shared, instances, String(jid)]));`);
    expect(result).toEqual([2, 3, 'a@b']);
  });

  test('go on with the instance that they have when a fuller build comes later', () => {
    const result = run(`
      const { Jid } = await import('tercet/jid');
      const early = Jid.parse('A@b');
      const { Jid: late, parse } = await import('tercet');
      const other = late.parse(parse('<a>a@B</a>').text);
      console.log(JSON.stringify([instances, early.equals(other)]));`);
    expect(result).toEqual([2, true]);
  });

  test('mind growth of a memory that they share', () => {
    const result = run(`
      const { Jid, StreamParser } = await import('tercet');
      const before = String(Jid.parse('A@\\u00fc.example'));
      const parsers = [];
      for (let count = 0; count < 3000; count++) {
        const parser = new StreamParser();
        parser.feed('<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams"><a b="' + 'x'.repeat(3000));
        parsers.push(parser);
      }
      const after = String(Jid.parse('A@\\u00fc.example'));
      const checked = Jid.check('a b@c');
      console.log(JSON.stringify([before === after, checked.error.index]));`);
    expect(result).toEqual([true, 1]);
  });

  test('need no Buffer', () => {
    const result = run(`
      delete globalThis.Buffer;
      const { Jid } = await import('tercet/jid');
      const jid = Jid.parse('\u039f\u0394@xn--bcher-kva.example/e\u0301');
      console.log(JSON.stringify([String(jid), jid.toAscii(), Jid.check('a b@c').error.codePoint]));`);
    expect(result).toEqual([
      '\u03bf\u03b4@b\u00fccher.example/\u00e9',
      'xn--bcher-kva.example',
      32,
    ]);
  });

  test('say so when the core was left out', () => {
    // As a bundler would that was told that no file has side effects.
    const result = run(`
      const { Jid } = await import('../../dist/bindings/jid.js');
      let message = '';
      try {
        Jid.parse('a@b');
      } catch (error) {
        message = error.message;
      }
      console.log(JSON.stringify(message));`);
    expect(result).toMatch(/no build of the core is loaded/);
  });
});
