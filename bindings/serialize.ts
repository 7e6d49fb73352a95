/*
 * Elements as XML: RFC 6120, section 11; Namespaces in XML 1.0.
 *
 * A view that was not changed is written as it came: its source, with the declarations that it
 * inherited added to its start tag. Where only attributes were changed the start tag is written
 * anew and the rest is source. Built elements are written with the five characters escaped, `xmlns`
 * only where it changes, and tab, LF and CR as references where a parser would change them.
 *
 * Invariants: parsing the result gives an equal element; nothing recurses; a character that XML
 * cannot hold is a UsageError, never a silent change.
 */
import { Flag, Kind, Tape } from '../assembly/abi.js';
import { decoded, localPart, nameEnd, prefixPart, type Document } from './document.js';
import { echo, UsageError } from './errors.js';
import { escapeText, escapeValue } from './escape.js';
import type { Scope } from './scopes.js';
import { latin1Bytes, utf8Bytes, utf8FromLatin1 } from './text.js';

/** What is asked of an element to write it. */
export interface Writable {
  readonly name: string;
  readonly ns: string;
  readonly attrs: Readonly<Record<string, string | undefined>>;
  /** The document that it views at `position`, null for one that was built. */
  readonly document: Document | null;
  readonly position: number;
  /** null for a view that was not changed. */
  readonly built: {
    readonly prefix: string;
    readonly defaultNamespace: string | undefined;
    readonly children: readonly (Writable | string)[];
    readonly outer?: Scope | undefined;
  } | null;
}

/** A start of a tag in characters, and the rest of an element in characters of one byte each. */
interface Source {
  readonly head: string;
  readonly tail: string;
}

/** Prefixes declared around a place, the nearest first. */
interface Prefixes {
  readonly prefix: string;
  readonly uri: string;
  readonly outer: Prefixes | null;
}

/** An element whose start tag is written and whose children are being written. */
interface Frame {
  readonly children: readonly (Writable | string)[];
  index: number;
  readonly endTag: string;
  readonly scope: string;
  readonly prefixes: Prefixes | null;
}

export function serialize(root: Writable, scope: string): string {
  if (root.document !== null) return textOf(sourceOf(root, root.document, scope));
  let output = '';
  const frames: Frame[] = [];
  let element: Writable | undefined = root;
  let outer: Prefixes | null = null;
  for (;;) {
    if (element !== undefined) {
      if (element.document !== null) {
        output += textOf(sourceOf(element, element.document, scope));
      } else {
        const tag: Tag = startTag(element, scope, outer);
        const children = element.built?.children ?? [];
        if (children.length === 0) {
          output += `${tag.text}/>`;
        } else {
          output += `${tag.text}>`;
          frames.push({
            children,
            index: 0,
            endTag: `</${tag.name}>`,
            scope: tag.scope,
            prefixes: tag.prefixes,
          });
        }
      }
    }
    const frame = frames.at(-1);
    if (frame === undefined) return output;
    element = undefined;
    if (frame.index === frame.children.length) {
      output += frame.endTag;
      frames.pop();
      continue;
    }
    const child = frame.children[frame.index++];
    if (typeof child === 'string') {
      output += escapeText(child);
    } else {
      element = child;
      scope = frame.scope;
      outer = frame.prefixes;
    }
  }
}

export function serializeBytes(root: Writable, scope: string): Uint8Array {
  if (root.document === null) return utf8Bytes(serialize(root, scope));
  const { head, tail } = sourceOf(root, root.document, scope);
  return latin1Bytes(tail, head);
}

function textOf({ head, tail }: Source): string {
  return head + (tail.length > 64 ? utf8FromLatin1(tail) : decoded(tail));
}

/** A view as source. */
function sourceOf(element: Writable, document: Document, scope: string): Source {
  document.touch();
  const { words, source, base } = document;
  const start = document.first + element.position;
  const from = words[start + Tape.Offset] - base;
  const to = words[document.after(start) - Tape.Size + Tape.Extent] - base;
  const declarations = inheritedDeclarations(element, document, start, scope);
  if (element.built === null) {
    if (declarations === '') return { head: '', tail: source.substring(from, to) };
    const after = nameEnd(source, from + 1);
    return {
      head: decoded(source.substring(from, after)) + declarations,
      tail: source.substring(after, to),
    };
  }
  const { attrs } = element;
  const inScope = document.scopeAround(element.position);
  let head = `<${document.qualifiedName(start)}${declarations}`;
  const seen = new Set<string>();
  for (const name in attrs) {
    const prefix = prefixPart(name);
    if (prefix !== '' && prefix !== 'xml' && prefix !== 'xmlns') {
      checkAttribute(name, attrs[`xmlns:${prefix}`] ?? inScope.get(prefix), seen);
    }
    head += attributeText(name, attrs[name] ?? '');
  }
  return { head, tail: source.substring(tagEnd(document, start), to) };
}

/** The index in `source` just after the last attribute of the tag, or after its name. */
function tagEnd(document: Document, start: number): number {
  const { words, base } = document;
  const last = document.content(start) - Tape.Size;
  if (last === start) return nameEnd(document.source, words[start + Tape.Offset] - base + 1);
  return words[last + Tape.Offset] + words[last + Tape.Extent] + 1 - base;
}

/** Declarations that the source of an element relies on but does not hold. */
function inheritedDeclarations(
  element: Writable,
  document: Document,
  start: number,
  scope: string,
): string {
  const { words } = document;
  // Frames and single elements stand alone and inherit nothing.
  if (element.position === 0 && document.context.source === '' && scope === '') return '';
  const around = document.scopeAround(element.position);
  const own = new Map<string, string>();
  document.addDeclarations(start, own);
  let declarations = '';
  const inherited = around.get('') ?? '';
  if (!own.has('') && inherited !== scope) declarations = attributeText('xmlns', inherited);
  if (!around.hasPrefixes) return declarations;
  const declared = new Set<string>(own.keys());
  const { attrs } = element;
  const use = (name: string) => {
    const prefix = prefixPart(name);
    if (prefix === '' || prefix === 'xml' || prefix === 'xmlns' || declared.has(prefix)) return;
    declared.add(prefix);
    // A prefix that is not declared around the element is declared inside it.
    const uri = around.get(prefix);
    if (uri !== undefined) declarations += attributeText(`xmlns:${prefix}`, uri);
  };
  if (element.built !== null) for (const name in attrs) use(name);
  const after = document.after(start);
  for (let index = start; index < after; index += Tape.Size) {
    if ((words[index] & (Flag.Prefixed << 8)) === 0) continue;
    const kind = words[index] & 0xff;
    if (kind === Kind.Start) use(document.qualifiedName(index));
    else if (kind === Kind.Attribute) use(document.attributeName(index));
  }
  return declarations;
}

interface Tag {
  /** The tag without its `>`. */
  readonly text: string;
  readonly name: string;
  /** The default namespace inside. */
  readonly scope: string;
  readonly prefixes: Prefixes | null;
}

/** The start tag of a built element. */
function startTag(element: Writable, scope: string, outer: Prefixes | null): Tag {
  const { attrs, built } = element;
  const prefix = built?.prefix ?? '';
  const name = prefix === '' ? element.name : `${prefix}:${element.name}`;
  const inside = built?.defaultNamespace ?? scope;
  let prefixes = outer;
  let text = `<${name}`;
  if (inside !== scope) text += attributeText('xmlns', inside);
  const declare = (declared: string, uri: string) => {
    if (lookUp(prefixes, declared) === uri) return;
    prefixes = { prefix: declared, uri, outer: prefixes };
    text += attributeText(`xmlns:${declared}`, uri);
  };
  for (const written in attrs) {
    if (written.startsWith('xmlns:')) declare(written.substring(6), attrs[written] ?? '');
  }
  if (prefix !== '' && prefix !== 'xml') declare(prefix, element.ns);
  const seen = new Set<string>();
  for (const written in attrs) {
    const attributePrefix = prefixPart(written);
    if (written === 'xmlns' || attributePrefix === 'xmlns') continue;
    if (attributePrefix !== '' && attributePrefix !== 'xml') {
      const uri = lookUp(prefixes, attributePrefix) ?? built?.outer?.get(attributePrefix);
      if (uri !== undefined) declare(attributePrefix, uri);
      checkAttribute(written, uri, seen);
    }
    text += attributeText(written, attrs[written] ?? '');
  }
  return { text, name, scope: inside, prefixes };
}

/** Throws UsageError for a prefixed attribute without a namespace, or with the expanded name of one seen before. */
function checkAttribute(name: string, uri: string | undefined, seen: Set<string>): void {
  if (uri === undefined) {
    throw new UsageError(`the prefix of the attribute ${echo(name)} is not declared`);
  }
  const expanded = `{${uri}}${localPart(name)}`;
  if (seen.has(expanded)) {
    throw new UsageError(`the attribute ${echo(name)} stands twice under two prefixes`);
  }
  seen.add(expanded);
}

function lookUp(prefixes: Prefixes | null, prefix: string): string | undefined {
  // Bounded by the declarations around the place.
  for (let entry = prefixes; entry !== null; entry = entry.outer) {
    if (entry.prefix === prefix) return entry.uri;
  }
  return undefined;
}

function attributeText(name: string, value: string): string {
  return ` ${name}="${escapeValue(value)}"`;
}
