/*
 * The edge worker on the real workerd, with @xmpp/client over WebSocket: two accounts, each an object of its own.
 */
import { xml } from '@xmpp/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../clients/xmpp-js.js';
import { hasWorkerd, promisedOutput, startExample } from './edge.js';
import type { EdgeWorker } from './edge.js';

describe.skipIf(!hasWorkerd)('the edge worker (workerd is installed)', () => {
  let worker: EdgeWorker;
  const people: Person[] = [];

  async function arrive(name: string, password: string, resource?: string): Promise<Person> {
    const person = new Person(worker.service, name, password, resource);
    people.push(person);
    await person.start();
    return person;
  }

  const juliet = () => arrive('juliet', 'balcony', 'balcony');
  const romeo = () => arrive('romeo', 'orchard', 'garden');
  const say = (to: string, body: string) =>
    xml('message', { to, type: 'chat' }, xml('body', {}, body));

  beforeAll(async () => {
    worker = await startExample('edge');
  });

  afterEach(async () => {
    await Promise.all(people.splice(0).map((person) => person.client.stop()));
  });

  afterAll(async () => {
    await worker.stop();
  });

  test('the command prints what the README says', () => {
    expect(worker.output()).toBe(promisedOutput('edge', new URL(worker.service).port));
  });

  test('two users on different objects talk', async () => {
    const [one, other] = [await juliet(), await romeo()];
    expect(one.client.jid?.toString()).toBe('juliet@localhost/balcony');
    await one.client.send(xml('presence'));
    await other.client.send(xml('presence'));
    await expect.poll(() => other.presences).toContain('romeo@localhost/garden available');
    for (let index = 0; index < 20; index++) {
      await one.client.send(say('romeo@localhost', `Art thou not Romeo? ${index} <&> \u{1f339}`));
    }
    await expect.poll(() => other.bodies.length).toBe(20);
    expect(other.bodies[19]).toBe('Art thou not Romeo? 19 <&> \u{1f339}');
    expect(other.bodies.map((body) => /\d+/.exec(body ?? '')?.[0])).toEqual(
      Array.from({ length: 20 }, (_, index) => String(index)),
    );
    expect(other.heard.at(-1)?.attrs.from).toBe('juliet@localhost/balcony');
    await other.client.send(say('juliet@localhost/balcony', 'Neither, fair maid'));
    await expect.poll(() => one.bodies).toEqual(['Neither, fair maid']);
  });

  test('who may see presence sees it come and go, after a request and an answer', async () => {
    const one = await juliet();
    const other = await romeo();
    await one.client.iqCaller.get(xml('query', 'jabber:iq:roster'));
    await other.client.iqCaller.get(xml('query', 'jabber:iq:roster'));
    await one.client.send(xml('presence'));
    await other.client.send(xml('presence', {}, xml('show', {}, 'away')));
    await one.client.send(xml('presence', { to: 'romeo@localhost', type: 'subscribe' }));
    await expect.poll(() => other.presences).toContain('juliet@localhost subscribe');
    await other.client.send(xml('presence', { to: 'juliet@localhost', type: 'subscribed' }));
    await expect.poll(() => one.presences).toContain('romeo@localhost/garden available');
    const away = one.heard.find(({ attrs }) => attrs.from === 'romeo@localhost/garden');
    expect(away?.getChildText('show')).toBe('away');
    // Not the other way round: Romeo has not asked.
    expect(other.presences).not.toContain('juliet@localhost/balcony available');
    const roster = await one.client.iqCaller.get(xml('query', 'jabber:iq:roster'));
    expect(roster?.getChild('item')?.attrs).toMatchObject({
      jid: 'romeo@localhost',
      subscription: 'to',
    });
    await other.client.stop();
    await expect.poll(() => one.presences).toContain('romeo@localhost/garden unavailable');
    const back = await romeo();
    await back.client.send(xml('presence'));
    const seen = () => one.presences.filter((each) => each === 'romeo@localhost/garden available');
    await expect.poll(seen).toHaveLength(2);
  });

  test('who goes offline gets the messages later, with the time at which they came', async () => {
    const one = await juliet();
    const other = await romeo();
    await other.client.send(xml('presence'));
    await expect.poll(() => other.presences).toContain('romeo@localhost/garden available');
    await other.client.stop();
    for (const body of ['one', 'two', 'three']) await one.client.send(say('romeo@localhost', body));
    // An answer to a later request of the same stream: all of it has been decided on.
    await one.client.iqCaller.get(xml('ping', 'urn:xmpp:ping'));
    const back = await romeo();
    expect(back.bodies).toEqual([]);
    await back.client.send(xml('presence'));
    await expect.poll(() => back.bodies).toEqual(['one', 'two', 'three']);
    const message = back.heard.find(({ name }) => name === 'message');
    expect(message?.attrs.from).toBe('juliet@localhost/balcony');
    expect(message?.getChild('delay', 'urn:xmpp:delay')?.attrs.from).toBe('localhost');
    await back.client.stop();
    const again = await romeo();
    await again.client.send(xml('presence'));
    await expect.poll(() => again.presences).toContain('romeo@localhost/garden available');
    expect(again.bodies).toEqual([]);
  });

  test('a wrong password is refused, and so is a user who does not exist, in the same words', async () => {
    for (const name of ['juliet', 'tybalt']) {
      await expect(arrive(name, 'rapier')).rejects.toMatchObject({ condition: 'not-authorized' });
    }
  });

  test('requests to the domain, to the own account and to a resource are answered', async () => {
    const one = await juliet();
    const other = await romeo();
    const info = xml('query', 'http://jabber.org/protocol/disco#info');
    const answer = await one.client.iqCaller.get(info, 'localhost');
    expect(answer?.getChild('identity')?.attrs).toMatchObject({ category: 'server', type: 'im' });
    const own = await one.client.iqCaller.get(info, 'juliet@localhost');
    expect(own?.getChild('identity')?.attrs.category).toBe('account');
    other.client.iqCallee.get('urn:example:hello', 'hello', () =>
      xml('hello', 'urn:example:hello'),
    );
    const refused = { condition: 'service-unavailable' };
    const hello = () =>
      one.client.iqCaller.get(xml('hello', 'urn:example:hello'), 'romeo@localhost/garden');
    // A resource that does not know who asks is not there for them (RFC 6121, section 8.5.3.1).
    await other.client.send(xml('presence', { to: 'juliet@localhost/balcony' }));
    await expect.poll(() => one.presences).toContain('romeo@localhost/garden available');
    expect((await hello())?.name).toBe('hello');
    await expect(
      one.client.iqCaller.get(xml('hello', 'urn:example:hello'), 'romeo@localhost'),
    ).rejects.toMatchObject(refused);
    await expect(
      one.client.iqCaller.get(xml('hello', 'urn:example:hello'), 'nobody@localhost/x'),
    ).rejects.toMatchObject(refused);
    await expect(
      one.client.iqCaller.get(xml('hello', 'urn:example:hello'), 'verona.example'),
    ).rejects.toMatchObject({ condition: 'remote-server-not-found' });
  });

  test('of several resources the one with the highest priority gets a chat, a taken name is changed', async () => {
    const [one, other] = [await juliet(), await romeo()];
    const second = await romeo();
    expect(second.client.jid?.toString()).not.toBe('romeo@localhost/garden');
    expect(second.client.jid?.toString()).toMatch(/^romeo@localhost\/./);
    await other.client.send(xml('presence', {}, xml('priority', {}, '1')));
    await second.client.send(xml('presence', {}, xml('priority', {}, '5')));
    await expect.poll(() => other.presences).toContain(`${String(second.client.jid)} available`);
    await expect.poll(() => second.presences).toContain('romeo@localhost/garden available');
    await one.client.send(say('romeo@localhost', 'the best'));
    await expect.poll(() => second.bodies).toEqual(['the best']);
    // To all that are not negative (RFC 6121, section 8.5.2.1.1).
    await one.client.send(xml('message', { to: 'romeo@localhost' }, xml('body', {}, 'to all')));
    await expect.poll(() => second.bodies).toEqual(['the best', 'to all']);
    await expect.poll(() => other.bodies).toEqual(['to all']);
    await second.client.stop();
    await expect.poll(() => other.presences).toContain(`${String(second.client.jid)} unavailable`);
  });

  test('a request for a subscription waits for its answer, and an item is removed on both sides', async () => {
    const one = await juliet();
    await one.client.send(xml('presence'));
    const roster = () => one.client.iqCaller.get(xml('query', 'jabber:iq:roster'));
    const change = (subscription: string) =>
      one.client.iqCaller.set(
        xml('query', 'jabber:iq:roster', xml('item', { jid: 'romeo@localhost', subscription })),
      );
    await roster();
    await change('remove').catch(() => undefined);
    await one.client.send(xml('presence', { to: 'romeo@localhost', type: 'subscribe' }));
    // A set is answered when what was sent before has been accepted.
    await one.client.iqCaller.set(
      xml('query', 'jabber:iq:roster', xml('item', { jid: 'x@localhost' })),
    );
    const other = await romeo();
    await other.client.iqCaller.get(xml('query', 'jabber:iq:roster'));
    await other.client.send(xml('presence'));
    await expect.poll(() => other.presences).toContain('juliet@localhost subscribe');
    await other.client.send(xml('presence', { to: 'juliet@localhost', type: 'subscribed' }));
    await expect.poll(() => one.presences).toContain('romeo@localhost/garden available');
    await change('remove');
    await expect.poll(() => other.presences).toContain('juliet@localhost unsubscribe');
    const items = (await roster())?.toString() ?? '';
    expect(items).not.toContain('romeo@localhost');
    expect(items).toContain('x@localhost');
  });
});
