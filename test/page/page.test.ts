/*
 * The page that `npm start` gives out, in the system's Chromium: the chat over the real server, the inspector,
 * the measurement, the keyboard, and what people with a screen reader are told. Pictures of it are written to
 * build/page/ for people to look at.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type Serving } from '../clients/serve.js';

/** Of playwright-core, what is used; it is not installed where types are checked. */
interface Locator {
  click(): Promise<void>;
  fill(text: string): Promise<void>;
  press(key: string): Promise<void>;
  focus(): Promise<void>;
  selectOption(value: string): Promise<unknown>;
  waitFor(): Promise<void>;
  innerText(): Promise<string>;
  count(): Promise<number>;
  getAttribute(name: string): Promise<string | null>;
  isVisible(): Promise<boolean>;
  filter(options: { hasText: string }): Locator;
  locator(selector: string): Locator;
  getByRole(role: string, options?: { name?: string | RegExp; exact?: boolean }): Locator;
  getByText(text: string): Locator;
  getByPlaceholder(text: string): Locator;
}

interface Page extends Pick<Locator, 'getByRole' | 'getByText' | 'getByPlaceholder'> {
  goto(url: string): Promise<unknown>;
  getByLabel(text: string): Locator;
  locator(selector: string): Locator;
  evaluate<Result>(program: string): Promise<Result>;
  screenshot(options: { path: string; fullPage: boolean }): Promise<unknown>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  emulateMedia(options: { colorScheme: 'light' | 'dark' }): Promise<void>;
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  close(): Promise<void>;
  keyboard: { press(key: string): Promise<void> };
}

interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser>;
  };
}

const root = join(import.meta.dirname, '../..');
const chromium = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find((path) => existsSync(path));
const driver = join(root, 'test/runtimes/node_modules/playwright-core');
const missing = [
  ...(chromium === undefined ? ['chromium'] : []),
  ...(existsSync(driver) ? [] : ['playwright-core (npm ci --prefix test/runtimes)']),
];
const title = missing.length === 0 ? 'the page' : `the page, without ${missing.join(' and ')}`;

// The measurement takes as long as the machine is slow.
describe.skipIf(missing.length > 0)(title, { timeout: 90_000 }, () => {
  let serving: Serving;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  let data: string;

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'tercet-page-'));
    serving = await serve('--data', data);
    const { chromium: program } = createRequire(import.meta.url)(driver) as Playwright;
    // The sandbox of Chromium refuses root, and containers lack what it needs.
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
    browser = await program.launch({ executablePath: chromium ?? '', args });
    page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      // One test takes the server away, of which Chromium complains by itself.
      const isFault =
        message.type() === 'error' && !message.text().startsWith('WebSocket connection');
      if (isFault) faults.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${serving.httpPort}/`);
  });

  afterAll(async () => {
    await browser.close();
    await serving.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const person = (address: string): Locator =>
    page.getByRole('article', { name: address, exact: true });
  const log = (address: string): Locator =>
    page.getByRole('log', { name: `Conversation of ${address}` });
  const online = (address: string): Locator => person(address).getByText(`signed in as ${address}`);
  const open = async (name: string): Promise<void> => page.getByRole('tab', { name }).click();

  it('chats between two accounts, through the server', async () => {
    await online('juliet@localhost').waitFor();
    await online('romeo@localhost').waitFor();
    const draft = page.getByPlaceholder('Message to romeo@localhost');
    await draft.fill('Wherefore art thou & <thou>?');
    await draft.press('Enter');
    await log('romeo@localhost').getByText('Wherefore art thou & <thou>?').waitFor();
    await person('juliet@localhost').getByText('romeo@localhost is available').waitFor();
  });

  it('tells who is writing, until it is sent', async () => {
    const draft = page.getByPlaceholder('Message to juliet@localhost');
    await draft.fill('I take thee at thy');
    await person('juliet@localhost').getByText('romeo@localhost is writing').waitFor();
    await draft.fill('I take thee at thy word');
    await draft.press('Enter');
    await log('juliet@localhost').getByText('I take thee at thy word').waitFor();
    await person('juliet@localhost').getByText('romeo@localhost is available').waitFor();
  });

  it('keeps a message for who is signed out, and says when it was sent', async () => {
    await person('romeo@localhost').getByRole('button', { name: 'Sign out' }).click();
    await person('juliet@localhost').getByText('romeo@localhost is offline').waitFor();
    const draft = page.getByPlaceholder('Message to romeo@localhost');
    await draft.fill('A thousand times good night');
    await draft.press('Enter');
    await log('juliet@localhost').getByText('A thousand times good night').waitFor();
    await person('romeo@localhost').getByRole('button', { name: 'Sign in' }).click();
    await log('romeo@localhost').getByText('A thousand times good night').waitFor();
    expect(await log('romeo@localhost').innerText()).toContain('sent at');
  });

  it('says why a wrong password does not sign in', async () => {
    const romeo = person('romeo@localhost');
    await romeo.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('article:nth-of-type(2) input[type=password]').fill('wrong');
    await romeo.getByRole('button', { name: 'Sign in' }).click();
    await romeo.getByText('signed out: authentication failed: not-authorized').waitFor();
    // The keyboard goes on where the password is.
    expect(await page.evaluate<string>('document.activeElement.placeholder')).toBe('Password');
  });

  it('says that the server is gone, and goes on when it is back', async () => {
    const romeo = person('romeo@localhost');
    await page.locator('article:nth-of-type(2) input[type=password]').fill('orchard');
    await romeo.getByRole('button', { name: 'Sign in' }).click();
    await online('romeo@localhost').waitFor();
    const { httpPort } = serving;
    await serving.stop();
    await romeo.getByText('the server is gone').waitFor();
    serving = await serve('--data', data, '--http-port', String(httpPort));
    await online('romeo@localhost').waitFor();
    await person('juliet@localhost').getByText('romeo@localhost is available').waitFor();
    const draft = page.getByPlaceholder('Message to romeo@localhost');
    await draft.fill('I am here again');
    await draft.press('Enter');
    await log('romeo@localhost').getByText('I am here again').waitFor();
  });

  it('is signed in twice: each tab sees both, until both are gone', async () => {
    const other = await browser.newPage();
    await other.goto(`http://127.0.0.1:${serving.httpPort}/`);
    const draft = other.getByPlaceholder('Message to romeo@localhost');
    await other
      .getByRole('article', { name: 'juliet@localhost' })
      .getByText('is available')
      .waitFor();
    await draft.fill('Good morrow, from another tab');
    await draft.press('Enter');
    await log('romeo@localhost').getByText('from another tab').waitFor();
    await other
      .getByRole('article', { name: 'romeo@localhost' })
      .getByRole('button', { name: 'Sign out' })
      .click();
    await other.getByRole('article', { name: 'romeo@localhost' }).getByText('signed out').waitFor();
    // The first one is still there.
    await other
      .getByRole('article', { name: 'juliet@localhost' })
      .getByText('romeo@localhost is available')
      .waitFor();
    await person('juliet@localhost').getByText('romeo@localhost is available').waitFor();
    await other.close();
  });

  it('shows the bytes without a password', async () => {
    const wire = await page.evaluate<string>(
      `[...document.querySelectorAll('.wire')].map((view) => view.textContent).join('\\n')`,
    );
    expect(wire).toContain('<open ');
    expect(wire).toContain('***');
    expect(wire).not.toContain('balcony"');
    expect(wire).not.toContain('cj1'); // "r=", the start of a SCRAM challenge in base64
  });

  it('inspects a stream: events, the condition and a caret below the fault', async () => {
    await open('Inspect');
    const source = page.getByLabel('XML');
    await source.fill(
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>\n" +
        '<presence/>\n<message><body>\u00e9\u2603 </bodi></message>',
    );
    const panel = page.locator('#panel-stream');
    await panel.getByText('2 events').waitFor();
    const alert = panel.getByRole('alert');
    expect(await alert.innerText()).toContain('not-well-formed');
    const caret = await page.locator('#panel-stream .caret').getAttribute('aria-label');
    // The character that is not the start tag's, behind two that are more than a byte.
    expect(caret).toBe('line 3, column 24');
    const whole = await panel.getByRole('list').innerText();
    await page.getByLabel('in pieces of').fill('1');
    expect(await panel.getByRole('list').innerText()).toBe(whole);
  });

  it('streams: pieces go in one by one, and events come when they are whole', async () => {
    const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>";
    const frames = [open, "<presence xmlns='jabber:client'/>", "<iq xmlns='jabber:client'/>"];
    await page.getByLabel('Read as').selectOption('websocket');
    await page.getByLabel('XML').fill(frames.join('\n'));
    const panel = page.locator('#panel-stream');
    const feed = panel.getByRole('button', { name: 'Feed one' });
    await panel.getByText('3 events').waitFor();
    await feed.click();
    await panel.getByText('1 event').waitFor();
    await feed.click();
    await panel.getByText('2 of 3 frames fed').waitFor();
    expect(await panel.getByRole('list').innerText()).not.toContain('iq');
    await panel.getByRole('button', { name: 'Stream it' }).click();
    await panel.getByText('3 of 3 frames fed').waitFor();
    await page.getByLabel('Read as').selectOption('stream');
    await page.getByLabel('in pieces of').fill('4');
    await page.getByLabel('XML').fill(`<stream:stream xmlns='jabber:client'>`);
    await feed.click();
    // Not at its end yet: what is missing is not an error.
    await panel.getByText('0 events').waitFor();
    expect(await panel.getByRole('alert').count()).toBe(0);
  });

  it('puts the caret below the character that is meant, however wide others are', async () => {
    const panel = page.locator('#panel-stream');
    await page
      .getByLabel('XML')
      .fill(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>\r\n" +
          '<message><body>\u{1f339}\u6f22\u5b57 & </body></message>',
      );
    await panel.getByText('xml-reference-invalid').waitFor();
    expect(await panel.locator('.caret mark').innerText()).toBe('&');
    await open('Addresses');
    await page.getByLabel('Addresses, one a line').fill('\u{1f339}\u6f22 b@x.example');
    const addresses = page.locator('#panel-addresses');
    await addresses.getByText('disallowed').waitFor();
    expect(await addresses.locator('.caret mark').innerText()).toBe('\u{1f339}');
    await page.getByRole('tab', { name: 'Stream' }).click();
  });

  it('counts a caret through blank lines between frames, and in the order of the text', async () => {
    const panel = page.locator('#panel-stream');
    await page.getByLabel('Read as').selectOption('websocket');
    const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>";
    await page
      .getByLabel('XML')
      .fill(`${open}\n\n \n<presence xmlns='jabber:client'>\u05d0\u05d1 & \u05d2</presence>`);
    await panel.getByText('xml-reference-invalid').waitFor();
    expect(await panel.locator('.caret').getAttribute('aria-label')).toBe('line 4, column 36');
    expect(await panel.locator('.caret mark').innerText()).toBe('&');
    await page.getByLabel('Read as').selectOption('stream');
  });

  it('shows what cannot be seen, and stays usable with much', async () => {
    const panel = page.locator('#panel-stream');
    const header =
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
    await page.getByLabel('XML').fill(`\ufeff${header}`);
    await panel.getByText('xml-text-outside-root').waitFor();
    expect(await panel.locator('.caret').getAttribute('aria-label')).toBe('line 1, column 1');
    await page.getByLabel('XML').fill(`${header}<message><body>a\u202eb</body></message>`);
    await panel.getByText('a\\u{202e}b').waitFor();
    await page.getByLabel('in pieces of').fill('1');
    await page.evaluate(`(() => {
      const field = document.querySelector('#panel-stream textarea');
      field.value = "${header}" + '<presence/>'.repeat(90000) + '&';
      field.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
    await panel.getByText('90,001 events, then an error').waitFor();
    await panel.getByText('and 89,801 more').waitFor();
    expect(await panel.locator('.events > li').count()).toBe(200);
    expect(await panel.locator('.caret').getAttribute('aria-label')).toBe('line 1, column 990086');
    await panel.getByText('of 99,009 pieces fed').waitFor();
    await page.getByLabel('in pieces of').fill('4');
    await page.getByLabel('XML').fill(header);
  });

  it('inspects addresses: canonical form, or the rule and the place', async () => {
    await open('Addresses');
    await page
      .getByLabel('Addresses, one a line')
      .fill('JULIET@M\u00dcnchen.example\nfoo bar@x.example');
    const panel = page.locator('#panel-addresses');
    await panel.locator('.canonical').filter({ hasText: 'juliet@m\u00fcnchen.example' }).waitFor();
    const text = await panel.innerText();
    expect(text).toContain('xn--mnchen-3ya.example');
    expect(text).toContain('disallowed');
    expect(text).toContain('U+0020 at index 3');
  });

  it('inspects a route: the verdict, its targets and the row of the RFC', async () => {
    await open('Route');
    const panel = page.locator('#panel-route');
    await panel.getByText('8.5.2.1.1').waitFor();
    expect(await panel.innerText()).toContain('juliet@capulet.example/balcony');
    await page
      .getByLabel('Stanza')
      .fill('<iq type="get" id="1" to="nobody@capulet.example/x"><q xmlns="urn:q"/></iq>');
    await panel.getByText('service-unavailable').filter({ hasText: 'bounce' }).waitFor();
    expect(await panel.getByRole('link', { name: /RFC/ }).getAttribute('href')).toMatch(
      /^https:\/\/www\.rfc-editor\.org\/rfc\/rfc6121#section-8\.5\./,
    );
    await page.getByLabel('Stanza').fill('<iq to=>');
    expect(await panel.getByRole('alert').innerText()).toContain('byte 7');
    expect(await panel.locator('.caret mark').innerText()).toBe('>');
  });

  it('measures, and every parser reads the same', async () => {
    await open('Measure');
    const panel = page.locator('#panel-measure');
    await panel.getByRole('button', { name: 'Measure' }).click();
    await panel.getByText('9 rounds done').waitFor();
    const table = await panel.getByRole('table').innerText();
    for (const name of ['tercet', 'ltx', 'saxes', 'DOMParser']) expect(table).toContain(name);
    // Bars are as long as the figures beside them say, which are rounded.
    const bars = await page.evaluate<[number, number][]>(
      `[...document.querySelectorAll('#panel-measure tbody tr')].map((row) => [
        Number(row.querySelector('td').textContent),
        parseFloat(row.querySelector('rect').getAttribute('width')),
      ])`,
    );
    const most = Math.max(...bars.map(([rate]) => rate));
    for (const [rate, width] of bars) {
      expect(Math.abs(width - (100 * rate) / most), String(bars)).toBeLessThan(3);
    }
    expect(await panel.getByRole('alert').count()).toBe(0);
  });

  it('is used by keyboard: arrows move along the tabs', async () => {
    await page.getByRole('tab', { name: 'Measure' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('tab', { name: 'Chat' }).getAttribute('aria-selected')).toBe(
      'true',
    );
    await page.keyboard.press('End');
    expect(await page.evaluate<string>('location.hash')).toBe('#measure');
  });

  it('names every field and button, and has no two elements of one id', async () => {
    const unnamed = await page.evaluate<string[]>(
      `[...document.querySelectorAll('input, textarea, select, button')]
        .filter((field) => !(field.labels?.length || field.textContent.trim()))
        .map((field) => field.outerHTML)`,
    );
    expect(unnamed).toEqual([]);
    const repeated = await page.evaluate<string[]>(
      `[...document.querySelectorAll('[id]')].map(({ id }) => id)
        .filter((id, index, all) => all.indexOf(id) !== index)`,
    );
    expect(repeated).toEqual([]);
  });

  it('fits a small screen in light and dark', async () => {
    mkdirSync(join(root, 'build/page'), { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1200, 360]) {
        await page.setViewportSize({ width, height: 800 });
        for (const name of ['Chat', 'Stream', 'Addresses', 'Route', 'Measure']) {
          if (!(await page.getByRole('tab', { name }).isVisible())) await open('Inspect');
          await open(name);
          expect(
            await page.evaluate<number>('document.documentElement.scrollWidth'),
          ).toBeLessThanOrEqual(width);
          const path = join(root, `build/page/${name.toLowerCase()}-${width}-${colorScheme}.png`);
          await page.screenshot({ path, fullPage: true });
        }
      }
    }
  });

  it('ran under its content security policy without a complaint', () => {
    expect(faults).toEqual([]);
  });
});
