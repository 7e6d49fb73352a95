/*
 * Where a domain has XMPP over WebSocket (XEP-0156, section 3): links in host-meta.json or host-meta, fetched
 * over HTTPS from the domain itself. Only `wss:` is taken from there (section 5).
 *
 * A domain without such a file, or with one that is too long or broken, has no links.
 */
import { SaxParser } from '../sax-parser.js';

const relation = 'urn:xmpp:alt-connections:websocket';
const maxBytes = 65_536;
const maxLinks = 8;

/** The endpoints of a domain, as it names them; [] where it names none. */
export async function discoverWebSocket(
  domain: string,
  signal: AbortSignal,
  fetcher: typeof fetch,
): Promise<readonly string[]> {
  const base = `https://${domain}/.well-known/host-meta`;
  const files = [
    read(`${base}.json`, signal, fetcher).then(jsonLinks),
    read(base, signal, fetcher).then(xmlLinks),
  ].map(async (links) => {
    const secure = (await links).filter((uri) => URL.canParse(uri) && uri.startsWith('wss://'));
    if (secure.length === 0) throw new Error('no links');
    return [...new Set(secure)].slice(0, maxLinks);
  });
  // Both say the same; the slower one is not waited for.
  const found = await Promise.any(files).catch(() => []);
  signal.throwIfAborted();
  return found;
}

async function read(url: string, signal: AbortSignal, fetcher: typeof fetch): Promise<string> {
  try {
    const response = await fetcher(url, { signal });
    // Whoever is on the way could have written what came in clear.
    const isSecure = response.url === '' || response.url.startsWith('https:');
    if (!response.ok || !response.body || !isSecure) return '';
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      length += value.length;
      if (length > maxBytes) {
        void reader.cancel();
        return '';
      }
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    return '';
  }
}

/** Links of RFC 6415, appendix A. */
export function jsonLinks(text: string): string[] {
  try {
    const { links } = JSON.parse(text) as { links?: unknown };
    if (!Array.isArray(links)) return [];
    return links.flatMap((link: unknown) => {
      const { rel, href } = (link ?? {}) as { rel?: unknown; href?: unknown };
      return rel === relation && typeof href === 'string' ? [href] : [];
    });
  } catch {
    return [];
  }
}

/** Links of an XRD. */
export function xmlLinks(text: string): string[] {
  const links: string[] = [];
  const parser = new SaxParser(
    {
      startElement(name, { rel, href }) {
        const isLink = name === 'Link' || name.endsWith(':Link');
        if (isLink && rel === relation && href !== undefined) links.push(href);
      },
    },
    { document: true },
  );
  parser.feed(text);
  parser.close();
  return links;
}
