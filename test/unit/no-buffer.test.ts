/*
 * Where there is no Buffer, as in browsers: strings come from TextDecoder, whose "latin1" is
 * windows-1252. A process without Buffer compares all that can go wrong with what is expected.
 */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const program = `
delete globalThis.Buffer;
const { parse, StreamParser, SaxParser } = await import('tercet');
const encode = (text) => new TextEncoder().encode(text);
const header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
let all = '';
for (let code = 0x80; code < 0x800; code++) all += String.fromCharCode(code);
const source = "<message to='€ü\u{1F600}' größe='1'><body>" + all + "</body>&lt;日</message>";
const parser = new StreamParser();
parser.feed(header);
const [early] = parser.feed(encode(source));
const live = [early.stanza.attr('to'), early.stanza.child('body').text === all, early.stanza.text];
const [late] = parser.feed(source);
parser.feed('<x/>');
const settled = [late.stanza.attr('to'), late.stanza.child('body').text === all, late.stanza.attr('größe')];
const texts = [];
const sax = new SaxParser({ text: (value) => { texts.push(value === all); parse('<a/>'); } });
sax.feed('<a>' + all + '<b>' + all + '</b></a>');
console.log(JSON.stringify({
  live,
  settled,
  same: early.stanza.equals(late.stanza),
  text: late.stanza.toString('jabber:client') === source,
  bytes: new TextDecoder().decode(late.stanza.toBytes('jabber:client')) === source,
  patched: parse(late.stanza.withAttrs({ from: 'ж' }).toBytes()).attr('from'),
  texts,
}));
`;

test('all strings are right without Buffer', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
  });
  expect(JSON.parse(output)).toEqual({
    live: ['€ü\u{1F600}', true, '<日'],
    settled: ['€ü\u{1F600}', true, '1'],
    same: true,
    text: true,
    bytes: true,
    patched: 'ж',
    texts: [true, true],
  });
});
