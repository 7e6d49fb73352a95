/*
 * The edge gate on the real workerd: links of two servers, and frames between them.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../repository/files.js';
import { hasWorkerd, isQuick, promisedOutput, startExample } from './edge.js';
import type { EdgeWorker } from './edge.js';
import { Socket } from './socket.js';

const token = 'not a secret';
const message = (from: string, to: string, body: string): string =>
  `<message xmlns='jabber:client' from='${from}' to='${to}' id='1'><body>${body}</body></message>`;

describe.skipIf(!hasWorkerd)('the edge gate (workerd is installed)', () => {
  let gate: EdgeWorker;
  let capulet: Socket;
  let montague: Socket;

  function link(serves: string, secret = token): Promise<Socket> {
    const headers = { authorization: `Bearer ${secret}` };
    return Socket.open(gate.service.replace('DOMAIN,...', serves), ['xmpp'], headers);
  }

  beforeAll(async () => {
    gate = await startExample('edge-gate', '--token', token);
    capulet = await link('capulet.example');
    montague = await link('montague.example,juliet@capulet.example');
  });

  afterAll(async () => {
    capulet.close();
    montague.close();
    await gate.stop();
  });

  test('the command prints what the README says', () => {
    const { port } = new URL(gate.service.replace('DOMAIN,...', ''));
    expect(gate.output()).toBe(promisedOutput('edge-gate', port).replace('SECRET', token));
  });

  test('who does not have the secret gets no link, nor does a second server of an address', async () => {
    await expect(link('verona.example', 'guess')).rejects.toThrow('refused');
    await expect(link('capulet.example')).rejects.toThrow('refused');
    await expect(link('@')).rejects.toThrow('refused');
  });

  test('frames go to the link of the domain, or of the bare JID, as they came and in order', async () => {
    const frames = Array.from({ length: 50 }, (_, index) =>
      message(
        'romeo@montague.example/x',
        'nurse@capulet.example',
        `${index} <b a="1"/>\t&#x1f339;`,
      ),
    );
    for (const frame of frames) montague.send(frame);
    await capulet.heard('49 <b');
    expect(capulet.frames).toEqual(frames);
    capulet.send(message('nurse@capulet.example', 'juliet@capulet.example/balcony', 'Madam!'));
    await montague.heard('Madam!');
  });

  test('what nobody serves is answered, and an error is not', async () => {
    montague.send(message('romeo@montague.example', 'prince@verona.example', 'Sire'));
    const reply = await montague.heard('remote-server-not-found');
    expect(reply).toContain('prince@verona.example');
    const error = "<message xmlns='jabber:client' type='error'";
    montague.send(`${error} from='romeo@montague.example' to='prince@verona.example' id='e'/>`);
    montague.send(message('romeo@montague.example', 'romeo@montague.example', 'to myself'));
    await montague.heard('to myself');
    expect(montague.frames.filter((frame) => frame.includes('verona'))).toHaveLength(1);
  });

  test('a link that speaks for others, or sends what is no frame, is ended with the right error', async () => {
    const tybalt = await link('tybalt.example');
    tybalt.send(message('romeo@montague.example', 'nurse@capulet.example', 'I am Romeo'));
    expect(await tybalt.heard('stream:error')).toContain('<invalid-from');
    await tybalt.heard('<close');
    expect(await tybalt.closed()).toBe(1000);
    expect(capulet.frames.some((frame) => frame.includes('I am Romeo'))).toBe(false);
    const again = await link('tybalt.example');
    again.send("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>");
    await again.heard('<open');
    again.send('<message><!-- -->');
    expect(await again.heard('stream:error')).toContain('<restricted-xml');
  });

  test.skipIf(isQuick)('a link is there after the gate has slept', async () => {
    capulet.frames.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 13_000));
    montague.send(message('romeo@montague.example', 'nurse@capulet.example', 'awake?'));
    await capulet.heard('awake?');
  });

  // Four of workerd, which a busy machine is slow to start.
  test('its throughput is printed', { timeout: 60_000 }, async () => {
    const script = join(root, 'examples/edge-gate/measure.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--seconds', '0.3']);
    const rates = [...stdout.matchAll(/([\d,]+) frames\/s by the clock/g)].map(([, rate = '']) =>
      Number(rate.replaceAll(',', '')),
    );
    // The gate and a bare one, asleep and awake, and the table.
    expect(rates).toHaveLength(5);
    expect(Math.min(...rates)).toBeGreaterThan(0);
  });
});
