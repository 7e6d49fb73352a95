/*
 * StanzaStream: stanzas, backpressure, errors and the end, through the standard's own plumbing.
 */
import { expect, test } from 'vitest';
import { StanzaStream, UsageError, XmlError, type Element, type StanzaStreamOptions } from 'tercet';
import { bytesOf, header } from './streams.js';

function from(...chunks: (string | Uint8Array)[]): ReadableStream<string | Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function namesOf(readable: ReadableStream<Element>): Promise<string[]> {
  const names: string[] = [];
  for await (const stanza of readable) names.push(stanza.name);
  return names;
}

test('bytes and text in, stanzas out', async () => {
  const stream = new StanzaStream();
  const names = namesOf(
    from(bytesOf(header), '<a/><b>', bytesOf('</b></stream:stream>')).pipeThrough(stream),
  );
  expect(await names).toEqual(['a', 'b']);
  expect((await stream.header).name).toBe('stream');
});

test('the header is there before the first stanza', async () => {
  const seen: string[] = [];
  const stream = new StanzaStream({ onOpen: (open) => seen.push(open.name) });
  const readable = from(`${header}<a/></stream:stream>`).pipeThrough(stream);
  for await (const stanza of readable) seen.push(stanza.name);
  expect(seen).toEqual(['stream', 'a']);
});

test('an error reaches the reader after the stanzas before it', async () => {
  const names: string[] = [];
  const readable = from(`${header}<a/><b/><c></d>`).pipeThrough(new StanzaStream());
  const read = async () => {
    for await (const stanza of readable) names.push(stanza.name);
  };
  const error: unknown = await read().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(XmlError);
  expect((error as XmlError).code).toBe('xml-end-tag-mismatch');
  expect(names).toEqual(['a', 'b']);
});

test('an error reaches the writer and the header', async () => {
  const stream = new StanzaStream();
  const writer = stream.writable.getWriter();
  await expect(writer.write('x')).rejects.toBeInstanceOf(XmlError);
  await expect(stream.header).rejects.toBeInstanceOf(XmlError);
  await expect(stream.readable.getReader().read()).rejects.toBeInstanceOf(XmlError);
  writer.closed.catch(() => undefined);
});

test('input that ends too early is an error', async () => {
  const readable = from(`${header}<a/><b>`).pipeThrough(new StanzaStream());
  await expect(namesOf(readable)).rejects.toMatchObject({ code: 'xml-unexpected-end' });
});

test('the end of the stream closes the reader and lets the writer go on', async () => {
  const stream = new StanzaStream();
  const names = namesOf(stream.readable);
  const writer = stream.writable.getWriter();
  await writer.write(`${header}<a/></stream:stream>`);
  await writer.write(' ');
  expect(await names).toEqual(['a']);
  await writer.close();
});

test('a slow reader holds the writer back', async () => {
  const stream = new StanzaStream();
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  await writer.write(header);
  let isDone = false;
  const write = writer.write('<a/><b/>').then(() => (isDone = true));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isDone).toBe(false);
  expect((await reader.read()).value?.name).toBe('a');
  expect((await reader.read()).value?.name).toBe('b');
  await write;
  expect(isDone).toBe(true);
});

test('a reader that gives up fails the writer, and a pipe cancels its source', async () => {
  const stream = new StanzaStream();
  const writer = stream.writable.getWriter();
  writer.closed.catch(() => undefined);
  await writer.write(header);
  await stream.readable.cancel();
  await expect(writer.write('<a/>')).rejects.toThrow('the reader gave up');

  let count = 0;
  let isCancelled = false;
  const source = new ReadableStream<string>({
    pull: (controller) => {
      controller.enqueue(count++ === 0 ? header : '<a/>');
      // So that the test ends where it fails.
      if (count === 1000) controller.close();
    },
    cancel: () => void (isCancelled = true),
  });
  for await (const { name } of source.pipeThrough(new StanzaStream())) {
    expect(name).toBe('a');
    break;
  }
  await expect.poll(() => isCancelled).toBe(true);
});

test('a writer that gives up tells the reader', async () => {
  const stream = new StanzaStream();
  const read = stream.readable.getReader().read();
  await stream.writable.abort(new Error('gone'));
  await expect(read).rejects.toThrow('gone');
});

test('frames of RFC 7395', async () => {
  const readable = from(
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
    '<a/>',
    '<b/>',
    "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
  ).pipeThrough(new StanzaStream({ framing: 'websocket' }));
  expect(await namesOf(readable)).toEqual(['a', 'b']);
});

test('options are checked at once', () => {
  expect(() => new StanzaStream({ limits: { maxDepth: 0 } })).toThrow(UsageError);
});

test('input that is none reaches reader, writer and header', async () => {
  const stream = new StanzaStream();
  const read = namesOf(stream.readable);
  const writer = stream.writable.getWriter();
  writer.closed.catch(() => undefined);
  await expect(writer.write(5 as unknown as string)).rejects.toBeInstanceOf(UsageError);
  await expect(read).rejects.toBeInstanceOf(UsageError);
  await expect(stream.header).rejects.toBeInstanceOf(UsageError);
});

test('what onOpen throws reaches the reader', async () => {
  const onOpen = () => {
    throw new Error('not this one');
  };
  const readable = from(`${header}<a/></stream:stream>`).pipeThrough(new StanzaStream({ onOpen }));
  await expect(namesOf(readable)).rejects.toThrow('not this one');
});

test('onOpen may give the stream up', async () => {
  const stream: StanzaStream = new StanzaStream({ onOpen: () => void stream.readable.cancel() });
  const writer = stream.writable.getWriter();
  writer.closed.catch(() => undefined);
  await writer.write(`${header}<a/>`).catch(() => undefined);
  await expect(writer.write('<b/>')).rejects.toThrow('the reader gave up');
  expect(await namesOf(stream.readable)).toEqual([]);
});

test.each([
  ['in the same chunk', [`${header}<a/></stream:stream>junk`]],
  ['in a later one', [`${header}<a/></stream:stream>`, ' ', 'junk']],
])('what follows the end of the stream, %s, fails the write', async (_name, chunks) => {
  const stream = new StanzaStream();
  const names = namesOf(stream.readable);
  await expect(from(...chunks).pipeTo(stream.writable)).rejects.toMatchObject({
    code: 'xml-content-after-root',
  });
  expect(await names).toEqual(['a']);
});

test.each([
  [null, 'options is not an object'],
  [{ onOpen: 5 }, 'onOpen is not a function'],
  [{ maxDepth: 5 }, 'maxDepth is no option but a limit'],
  [{ highWaterMark: 5 }, "the option 'highWaterMark' is not known; the options are onOpen, "],
])('options %j are refused', (options, reason) => {
  const make = () => new StanzaStream(options as unknown as StanzaStreamOptions);
  expect(make).toThrow(UsageError);
  expect(make).toThrow(reason);
});
