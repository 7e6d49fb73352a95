/*
 * The Web Streams of the runtime: stanzas out of a stream of bytes, a fault, and a reader that is slow.
 */
import { StanzaStream } from 'tercet';
import { expectSame, type Check } from '../check.js';

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

function sourceOf(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= bytes.length) {
        controller.close();
        return;
      }
      controller.enqueue(bytes.slice(offset, offset + size));
      offset += size;
    },
  });
}

async function read(text: string, size: number): Promise<string[]> {
  const seen: string[] = [];
  const stream = new StanzaStream({ onOpen: ({ name }) => seen.push(`open ${name}`) });
  const readable = sourceOf(text, size).pipeThrough(stream);
  const reader = readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      seen.push(value.toString());
    }
    seen.push('end');
  } catch (error) {
    seen.push((error as Error).message);
  }
  return seen;
}

export const webStreams: readonly Check[] = [
  {
    name: 'web streams',
    async run() {
      const text = `${header}<message><body>\u65e5\u672c</body></message> <iq id='1'/></stream:stream>`;
      const seen = await read(text, 1000);
      for (const size of [1, 5, 64]) expectSame(await read(text, size), seen, `pieces of ${size}`);
      const faulty = await read(`${header}<message/><a b=c/>`, 9);
      return JSON.stringify([seen, faulty]);
    },
  },
];
