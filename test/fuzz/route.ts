/*
 * Invariant: whatever is bound and whatever a client or another server sends, the stream cut anywhere, the stanzas taken
 * one by one as bytes or as elements, and the rules as test/reference/route has them agree: who gets which stanza, in
 * which order, as which tree of names, addresses and namespaces; what is left to the host, and what ends the stream.
 * Nothing throws, and no seat of one case is there in the next. Any other result is a bug.
 */
import { type Batch, Router, type Seat, type Verdict, type Element } from 'tercet';
import { Jid } from 'tercet/jid';
import {
  bareOf,
  contentOf,
  rule,
  typeOf,
  type ReferenceSeat,
  type Ruling,
  type Sender,
  type World,
} from '../reference/route/rules.js';
import { readTable, type Table } from '../reference/route/table.js';
import { prefixesOf, readFrame, readStream, sorted, treeOf, type Tree } from '../router/trees.js';
import { domains, generateRoute, peerDomain, type RouteCase } from './generate-route.js';
import { Random, randomCut } from './random.js';

export interface RouteFinding {
  readonly seed: number;
  readonly message: string;
  readonly scene: RouteCase;
  readonly alone: boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const canonicalDomains = domains.map((domain) => Jid.from({ domain }).domain);
const languageName = '{http://www.w3.org/XML/1998/namespace}lang';
const streamHeader = (content: string): string =>
  `<stream:stream xmlns='${content}' xmlns:stream='http://etherx.jabber.org/streams'>`;
const clientHeader = streamHeader('jabber:client');
const echoMax = 4096;
/** Instances are renewed after so many cases. */
const block = 500;

/** What became of a stream, as lists of lines. */
interface Outcome {
  readonly received: Map<string, string[]>;
  readonly replies: string[];
  readonly rest: string[];
}

const emptyOutcome = (): Outcome => ({ received: new Map(), replies: [], rest: [] });

/** A router whose accounts are those of the case at hand. */
class House {
  readonly #routers = new Map<string, Router<string>>();
  scene: RouteCase | undefined;

  routerOf(scene: RouteCase): Router<string> {
    this.scene = scene;
    this.answers = [];
    const key = `${scene.isOutspoken} ${scene.keepsKnown}`;
    let router = this.#routers.get(key);
    if (router === undefined) {
      router = new Router<string>({
        domains,
        strangers: scene.isOutspoken ? 'error' : 'silent',
        keepsKnown: scene.keepsKnown,
        accounts: {
          exists: (bare) => this.#ask(this.exists(bare)),
          knows: (bare, from) => this.#ask(this.knows(bare, from)),
        },
      });
      this.#routers.set(key, router);
    }
    return router;
  }

  /** Answers that are kept back, in the order of their tokens. */
  answers: boolean[] = [];

  #ask(answer: boolean): boolean | 'later' {
    if (this.scene?.isLate !== true) return answer;
    this.answers.push(answer);
    return 'later';
  }

  exists(bare: string): boolean {
    return this.scene?.existing.includes(bare) === true;
  }

  knows(bare: string, from: string): boolean {
    return this.scene?.known.includes(`${bare} ${bareOf(from)}`) === true;
  }
}

export class RouteTarget {
  readonly #table: Table;
  #streamed = new House();
  #single = new House();
  #age = 0;

  constructor(tableSource: string) {
    this.#table = readTable(tableSource);
  }

  run(seed: number): RouteFinding | undefined {
    if (this.#age++ % block === 0) {
      this.#streamed = new House();
      this.#single = new House();
    }
    const scene = generateRoute(seed, new Random(seed));
    const message = this.check(scene);
    if (message === undefined) return undefined;
    this.#streamed = new House();
    this.#single = new House();
    return { seed, message, scene, alone: this.check(scene) !== undefined };
  }

  /** What is wrong, undefined for nothing. */
  check(scene: RouteCase): string | undefined {
    try {
      const stanzas = stanzasOf(scene);
      const expected = comparable(scene, this.#expected(scene, stanzas));
      const streamed = comparable(scene, runStream(this.#streamed, scene));
      if (streamed !== expected) return difference('the stream', streamed, expected);
      const single = comparable(scene, runSingle(this.#single, scene, stanzas));
      if (single !== expected) return difference('one by one', single, expected);
      return undefined;
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  }

  #expected(scene: RouteCase, stanzas: readonly Element[]): Outcome {
    const seats: ReferenceSeat[] = scene.seats.map((seat) => ({
      jid: String(Jid.parse(seat.jid)),
      name: seat.jid,
      isAvailable: seat.isAvailable,
      priority: seat.isAvailable ? seat.priority : 0,
      directed: new Set(seat.directed.map((to) => String(Jid.parse(to)))),
    }));
    const seat = seats.at(scene.sender < 0 ? seats.length : scene.sender);
    const sender: Sender = { seat, domain: peerDomain, isStrict: scene.isStrict };
    const world: World = {
      table: this.#table,
      domains: canonicalDomains,
      isOutspoken: scene.isOutspoken,
      seats,
      exists: (bare) => scene.existing.includes(bare),
      knows: (bare, from) => scene.known.includes(`${bare} ${from}`),
    };
    const outcome = emptyOutcome();
    for (const [index, stanza] of stanzas.entries()) {
      const ruling = rule(world, sender, stanza);
      note(outcome, scene, sender, ruling, stanza, encoder.encode(scene.stanzas[index]).length);
      if (ruling.subject === 'broadcast' && seat !== undefined && !scene.isLate) {
        seat.isAvailable = typeOf(stanza) === 'available';
        seat.priority = seat.isAvailable ? ruling.priority : 0;
      }
      if (ruling.type === 'close') break;
    }
    return outcome;
  }
}

/** The stanzas as elements in the scope of their stream. */
function stanzasOf({ header, stanzas }: RouteCase): readonly Element[] {
  if (header === '') return stanzas.map(readFrame);
  return readStream(header + stanzas.join('')).stanzas;
}

// ---- What is expected -------------------------------------------------------------------------

function note(
  outcome: Outcome,
  scene: RouteCase,
  sender: Sender,
  ruling: Ruling,
  stanza: Element,
  size: number,
): void {
  switch (ruling.type) {
    case 'drop':
      return;
    case 'deliver': {
      const tree = JSON.stringify(forwarded(scene, sender, ruling, stanza, 'jabber:client'));
      for (const target of ruling.targets) add(outcome.received, target, tree);
      return;
    }
    case 'bounce':
      outcome.replies.push(JSON.stringify(replyTo(scene, sender, ruling, stanza, size)));
      return;
    case 'close':
      outcome.rest.push(`close ${ruling.condition ?? ''}`);
      return;
    case 'forward':
    case 'handle':
    case 'store': {
      const target = ruling.type === 'forward' ? 'jabber:server' : 'jabber:client';
      const tree =
        ruling.subject === 'element'
          ? treeOf(stanza, undefined, scopeOf(scene))
          : forwarded(scene, sender, ruling, stanza, target);
      outcome.rest.push(
        [
          ruling.type,
          ruling.subject ?? '',
          ruling.to,
          ruling.holds ? 'holds' : '',
          ruling.subject === 'broadcast' ? ruling.priority : '',
          JSON.stringify(tree),
        ].join(' '),
      );
    }
  }
}

/** The header that was read last: it is asked for with every stanza. */
let lastHeader: { readonly source: string; readonly element: Element } | undefined;

function readHeader(source: string): Element {
  if (lastHeader?.source !== source) lastHeader = { source, element: readStream(source).header };
  return lastHeader.element;
}

const scopeOf = ({ header }: RouteCase): Record<string, string> | undefined =>
  header === '' ? undefined : prefixesOf(readHeader(header));

const languageOf = ({ header }: RouteCase): string | undefined =>
  header === '' ? undefined : readHeader(header).attr('xml:lang');

/** The stanza as it has to arrive elsewhere. */
function forwarded(
  scene: RouteCase,
  sender: Sender,
  { isBare, to }: Ruling,
  stanza: Element,
  target: string,
): Tree {
  const content = contentOf(sender);
  const tree = treeOf(stanza, (ns) => (ns === content ? target : ns), scopeOf(scene));
  const attributes: Record<string, string> = { ...tree.attributes };
  const language = languageOf(scene);
  if (language !== undefined) attributes[languageName] ??= language;
  if (sender.seat !== undefined) {
    attributes.from = isBare ? bareOf(sender.seat.jid) : sender.seat.jid;
  }
  if (isBare && 'to' in attributes) attributes.to = bareOf(to);
  return { ...tree, attributes: sorted(attributes) };
}

const stanzaErrors = 'urn:ietf:params:xml:ns:xmpp-stanzas';

function replyTo(
  scene: RouteCase,
  sender: Sender,
  { condition = '' }: Ruling,
  stanza: Element,
  size: number,
): Tree {
  const content = contentOf(sender);
  const tree = treeOf(stanza, undefined, scopeOf(scene));
  const id = stanza.attr('id');
  const to = stanza.attr('to');
  const own = sender.seat?.jid;
  const sendersFrom = own ?? stanza.attr('from');
  const from = to ?? (own === undefined ? undefined : bareOf(own));
  const error: Tree = {
    name: `{${content}}error`,
    attributes: { type: condition === 'service-unavailable' ? 'cancel' : 'modify' },
    children: [{ name: `{${stanzaErrors}}${condition}`, attributes: {}, children: [] }],
  };
  return {
    name: tree.name,
    attributes: sorted({
      type: 'error',
      ...(id !== undefined && { id }),
      ...(from !== undefined && { from }),
      ...(sendersFrom !== undefined && { to: sendersFrom }),
    }),
    children: [...(size <= echoMax ? tree.children : []), error],
  };
}

// ---- What is found ----------------------------------------------------------------------------

interface Bound {
  readonly router: Router<string>;
  readonly house: House;
  readonly seats: readonly Seat<string>[];
  readonly sender: Seat<string>;
}

function bindAll(house: House, scene: RouteCase): Bound {
  const router = house.routerOf(scene);
  const header = scene.header === '' ? undefined : readHeader(scene.header);
  const seats = scene.seats.map((seat, index) => {
    const bound = router.bind(seat.jid, seat.jid, {
      framing: seat.isFramed ? 'websocket' : 'stream',
      flags: seat.flags,
      ...(index === scene.sender && { header, strictFrom: scene.isStrict }),
    });
    if (seat.isAvailable) bound.available({ priority: seat.priority });
    return bound;
  });
  for (const [index, { directed }] of scene.seats.entries()) {
    const seat = seats[index];
    for (const to of directed) {
      const source = `<presence xmlns='jabber:client' to='${to.replace('<&>', '&lt;&amp;&gt;')}'/>`;
      router.route(encoder.encode(source), seat);
    }
  }
  const sender =
    seats.at(scene.sender < 0 ? seats.length : scene.sender) ??
    router.peer('peer', { domain: peerDomain, ...(header && { header }) });
  return { router, house, seats, sender };
}

function leave({ router, seats, sender }: Bound): void {
  for (const seat of seats) seat.unbind();
  sender.unbind();
  if (router.count !== 0) throw new Error(`${router.count} seats are left`);
}

function runStream(house: House, scene: RouteCase): Outcome {
  const bound = bindAll(house, scene);
  const { sender } = bound;
  const outcome = emptyOutcome();
  const tokens: number[] = [];
  sender.open();
  const frames = scene.header === '' ? scene.stanzas : [scene.header + scene.stanzas.join('')];
  const chunks = frames.flatMap((frame) => {
    const bytes = encoder.encode(frame);
    return scene.header === '' ? [bytes] : randomCut(scene.cutSeed)(bytes);
  });
  for (const chunk of chunks) {
    if (feedChunk(outcome, scene, bound, chunk, tokens)) break;
  }
  answerAll(outcome, scene, bound, tokens);
  leave(bound);
  return outcome;
}

/** Whether the stream is over with this chunk. */
function feedChunk(
  outcome: Outcome,
  scene: RouteCase,
  bound: Bound,
  chunk: Uint8Array,
  tokens: number[],
): boolean {
  for (const batch of bound.sender.feed(chunk)) {
    if (batch.error) throw batch.error;
    takeGroups(outcome, scene, batch);
    batch.release();
    for (const verdict of batch.verdicts) take(outcome, scene, bound, verdict, tokens);
    if (batch.verdicts.some(({ type }) => type === 'close')) return true;
  }
  return false;
}

function runSingle(house: House, scene: RouteCase, stanzas: readonly Element[]): Outcome {
  const bound = bindAll(house, scene);
  const outcome = emptyOutcome();
  const tokens: number[] = [];
  const random = new Random(scene.cutSeed);
  for (const [index, stanza] of stanzas.entries()) {
    const source = encoder.encode(scene.stanzas[index]);
    // An element is written anew, so its echo may be longer than the limit for echoes.
    const isElement = random.oneIn(3) && source.length < 2000;
    const verdict = bound.router.route(isElement ? stanza : source, bound.sender);
    take(outcome, scene, bound, verdict, tokens);
    if (verdict.type === 'close') break;
  }
  answerAll(outcome, scene, bound, tokens);
  leave(bound);
  return outcome;
}

function answerAll(outcome: Outcome, scene: RouteCase, bound: Bound, tokens: number[]): void {
  const { house, router } = bound;
  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    for (const verdict of router.answer(token, house.answers.shift() === true)) {
      take(outcome, scene, bound, verdict, tokens);
    }
  }
}

/** Carries out a verdict, as a host would. */
function take(
  outcome: Outcome,
  scene: RouteCase,
  { sender }: Bound,
  verdict: Verdict<string>,
  tokens: number[],
): void {
  const { type, subject = '', to, holds, targets, bytes } = verdict;
  switch (type) {
    case 'drop':
      return;
    case 'wait':
      if (verdict.question !== undefined && verdict.token !== undefined) tokens.push(verdict.token);
      return;
    case 'deliver': {
      const tree = JSON.stringify(treeOf(readFrame(decoder.decode(bytes))));
      for (const target of [...targets].sort()) add(outcome.received, target, tree);
      return;
    }
    case 'bounce':
      outcome.replies.push(JSON.stringify(treeOf(readFrame(decoder.decode(bytes)))));
      return;
    case 'close':
      outcome.rest.push(`close ${verdict.condition ?? ''}`);
      return;
    case 'forward':
    case 'handle':
    case 'store': {
      const text = decoder.decode(bytes);
      const tree =
        subject === 'element' && scene.header !== ''
          ? elementIn(scene.header, text)
          : treeOf(readFrame(text));
      if (subject === 'broadcast' && !scene.isLate) {
        if (verdict.stanzaType === 'available') sender.available({ priority: verdict.priority });
        else sender.unavailable();
      }
      outcome.rest.push(
        [
          type,
          subject,
          subject === 'element' ? '' : to,
          holds ? 'holds' : '',
          subject === 'broadcast' ? verdict.priority : '',
          JSON.stringify(tree),
        ].join(' '),
      );
    }
  }
}

function elementIn(header: string, text: string): Tree {
  const { header: read, stanzas } = readStream(header + text);
  return treeOf(stanzas[0], undefined, prefixesOf(read));
}

function takeGroups(outcome: Outcome, scene: RouteCase, batch: Batch<string>): void {
  for (let index = 0; index < batch.count; index++) {
    const target = batch.target(index);
    const text = decoder.decode(batch.output(index));
    const isFramed = scene.seats.some(({ jid, isFramed }) => jid === target && isFramed);
    const stanzas = isFramed ? [readFrame(text)] : readStream(clientHeader + text).stanzas;
    if (stanzas.length !== batch.stanzaCount(index)) throw new Error('a wrong count of stanzas');
    for (const stanza of stanzas) {
      const tree = JSON.stringify(treeOf(stanza));
      const isReply = target === scene.seats[scene.sender]?.jid && isErrorReply(stanza);
      if (isReply) outcome.replies.push(tree);
      else add(outcome.received, target, tree);
    }
  }
}

/** A reply of this server: whatever is delivered has been stamped with an own address. */
const isErrorReply = (stanza: Element): boolean =>
  stanza.attr('type') === 'error' && stanza.elements().at(-1)?.name === 'error';

const add = (map: Map<string, string[]>, key: string, line: string): void => {
  const list = map.get(key);
  if (list === undefined) map.set(key, [line]);
  else list.push(line);
};

// ---- Comparing --------------------------------------------------------------------------------

/** Replies have no order among each other, nor has what waited for answers. */
function comparable({ isLate }: RouteCase, { received, replies, rest }: Outcome): string {
  const targets = [...received].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = targets.flatMap(([target, trees]) => trees.map((tree) => `${target}: ${tree}`));
  return [
    ...lines,
    ...replies.sort().map((tree) => `reply: ${tree}`),
    ...(isLate ? [...rest].sort() : rest),
  ].join('\n');
}

function difference(name: string, found: string, expected: string): string {
  const a = found.split('\n');
  const b = expected.split('\n');
  const at = a.findIndex((line, index) => line !== b[index]);
  const index = at < 0 ? a.length : at;
  return `${name}: ${a[index] ?? 'nothing'}\nnot ${b[index] ?? 'nothing'}`;
}

export function toRouteCase({ seed, message, scene }: RouteFinding): string {
  const { header, stanzas, ...rest } = scene;
  return [
    `## The fuzzer's seed ${seed}\n`,
    `${message.split('\n').slice(0, 2).join('\n\n')}\n`,
    `\`\`\`json\n${JSON.stringify(rest, undefined, 2)}\n\`\`\`\n`,
    `\`\`\`xml\n${[header, ...stanzas].join('\n')}\n\`\`\`\n`,
  ].join('\n');
}
