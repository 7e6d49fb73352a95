/*
 * Plays a scene: a dialogue between clients and a server in memory, one line a turn.
 *
 *     Juliet enters as juliet/balcony          logs in and binds; `over WebSocket` may follow
 *     Juliet says <presence/>                  sends it
 *     Juliet hears <presence .../>             the next stanza that reached her is this one
 *     Juliet hears nothing                     none did
 *     Juliet leaves                            closes her stream
 *     Juliet vanishes                          loses her connection
 *     Juliet resumes, having heard 3           logs in and goes on with that session (XEP-0198)
 *     Time passes: 60 s
 *
 * Stanzas are compared as trees, in jabber:client; an attribute with the value * may have any. Accounts are
 * juliet, romeo and nurse, contacts of each other; `Nobody is a contact` as the first line makes them
 * strangers. When the curtain falls nobody may have heard more than the scene says.
 */
import { expect } from 'vitest';
import { parse } from 'tercet';
import type { Element } from 'tercet';
import type { ServerOptions } from 'tercet/server';
import { Client, Stage } from './play.js';

/** The lines of the first scene in a piece of Markdown. */
export function linesOf(markdown: string): string[] {
  const script = /^```scene\n([\s\S]*?)^```$/m.exec(markdown)?.[1];
  if (script === undefined) throw new Error(`no scene in: ${markdown.slice(0, 60)}`);
  return script.split('\n').filter((line) => line.trim() !== '');
}

class Actor {
  #unheard: Element[] = [];
  /** What its session is resumed by. */
  sessionId = '';

  constructor(
    readonly local: string,
    public client: Client,
  ) {}

  next(): Element | undefined {
    this.#unheard.push(...this.client.hear());
    const heard = this.#unheard.shift();
    if (heard?.name === 'enabled') this.sessionId = heard.attr('id') ?? '';
    return heard;
  }
}

const stanza = (source: string): Element =>
  parse(source.replace(/^<(message|presence|iq)/, "<$1 xmlns='jabber:client'"));

/** Whether both are the same, but for attributes of which the scene says `*`. */
function matches(heard: Element, expected: Element): boolean {
  const wanted = attributes(expected);
  const given = attributes(heard);
  return (
    heard.name === expected.name &&
    heard.ns === expected.ns &&
    given.size === wanted.size &&
    [...wanted].every(
      ([name, value]) => given.has(name) && [given.get(name), '*'].includes(value),
    ) &&
    heard.children.length === expected.children.length &&
    heard.children.every((child, index) => {
      const other = expected.children[index];
      if (typeof child === 'string' || typeof other === 'string') return child === other;
      return matches(child, other);
    })
  );
}

const attributes = (element: Element): Map<string, string> => {
  const found = new Map<string, string>();
  for (const [name, value = ''] of Object.entries(element.attrs)) {
    if (!name.startsWith('xmlns')) found.set(name, value);
  }
  return found;
};

function befriendAll({ server }: Stage): void {
  for (const [one, other] of [
    ['juliet', 'romeo'],
    ['juliet', 'nurse'],
    ['romeo', 'nurse'],
  ]) {
    server.rosters.befriend(`${one}@localhost`, `${other}@localhost`);
  }
}

/** `options` are those of the server; its accounts among them. */
export async function playScene(
  lines: readonly string[],
  options: Omit<ServerOptions, 'domain'>,
): Promise<void> {
  const areStrangers = lines[0] === 'Nobody is a contact';
  const stage = new Stage({ date: () => Date.UTC(1597, 0, 30), ...options });
  if (!areStrangers) befriendAll(stage);
  const actors = new Map<string, Actor>();
  for (const line of areStrangers ? lines.slice(1) : lines) {
    const passing = /^Time passes: (\d+) s$/.exec(line);
    if (passing) {
      stage.wait(Number(passing[1]) * 1000);
      continue;
    }
    const match = /^(\S+) (enters as|says|hears|leaves|vanishes|resumes, having heard) ?(.*)$/.exec(
      line,
    );
    if (!match) throw new Error(`nobody understands: ${line}`);
    const [, name, verb, rest] = match;
    if (verb === 'enters as') {
      const [address, framing] = rest.split(' over ');
      const [local, resource] = address.split('/');
      const client = await stage.enter(
        local,
        resource,
        framing === 'WebSocket' ? 'websocket' : 'stream',
      );
      actors.set(name, new Actor(local, client));
      continue;
    }
    const actor = actors.get(name);
    if (!actor) throw new Error(`${name} is not on the stage`);
    if (verb === 'resumes, having heard') {
      const client = new Client(stage.server);
      await client.logIn(actor.local, null);
      client.say(`<resume xmlns='urn:xmpp:sm:3' previd='${actor.sessionId}' h='${rest}'/>`);
      actor.client = client;
    } else if (verb === 'says') actor.client.say(rest);
    else if (verb === 'leaves') actor.client.say('</stream:stream>');
    else if (verb === 'vanishes') actor.client.connection.disconnected();
    else if (rest === 'nothing') expect(actor.next()?.toString(), line).toBeUndefined();
    else {
      const heard = actor.next();
      const isSame = heard !== undefined && matches(heard, stanza(rest));
      if (!isSame) expect(`${name} hears ${heard?.toString() ?? 'nothing'}`).toBe(line);
    }
  }
  for (const [name, actor] of actors) {
    expect(actor.next()?.toString(), `${name} hears more`).toBeUndefined();
  }
  for (const { client } of actors.values()) client.connection.disconnected();
  expect(stage.log.filter(({ level }) => level === 'error')).toEqual([]);
}
