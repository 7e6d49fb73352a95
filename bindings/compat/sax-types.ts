/*
 * The types of sax, under its names where it has any.
 */
import type { DocumentOptions } from './sax-options.js';

/** The options of sax that its strict mode knows, and `document`, `limits`, `engine` of this package. */
export interface SAXOptions extends DocumentOptions {
  /** Texts and comments without white space around them. */
  trim?: boolean | undefined;
  /** One space for white space inside texts and comments. */
  normalize?: boolean | undefined;
  xmlns?: boolean | undefined;
  /** Whether positions are counted. Unset means true. */
  position?: boolean | undefined;
  /** Entities are those of XML in any case. */
  strictEntities?: boolean | undefined;
  /** For names without strict mode, which is refused. */
  lowercase?: boolean | undefined;
  lowercasetags?: boolean | undefined;
  noscript?: boolean | undefined;
  /** True is refused. */
  unquotedAttributeValues?: boolean | undefined;
}

export interface QualifiedName {
  name: string;
  prefix: string;
  local: string;
  uri: string;
}

export interface QualifiedAttribute extends QualifiedName {
  value: string;
}

export interface BaseTag {
  name: string;
  /** Set before `opentag`. */
  isSelfClosing: boolean;
}

export interface Tag extends BaseTag {
  attributes: Record<string, string>;
}

/** A tag with `xmlns`. */
export interface QualifiedTag extends QualifiedName, BaseTag {
  /** What is in scope; the bindings around are in the prototype. */
  ns: Record<string, string>;
  attributes: Record<string, QualifiedAttribute>;
}

export interface Namespace {
  prefix: string;
  uri: string;
}

/** What the listener of each event takes. Those of `script`, `doctype`, `sgmldeclaration` are never called. */
export interface EventValues {
  text: [text: string];
  processinginstruction: [instruction: { name: string; body: string }];
  sgmldeclaration: [declaration: string];
  doctype: [doctype: string];
  comment: [comment: string];
  opentagstart: [tag: Tag | QualifiedTag];
  attribute: [attribute: { name: string; value: string } | QualifiedAttribute];
  opentag: [tag: Tag | QualifiedTag];
  closetag: [name: string];
  opencdata: [];
  cdata: [text: string];
  closecdata: [];
  error: [error: Error];
  end: [];
  ready: [];
  script: [script: string];
  opennamespace: [namespace: Namespace];
  closenamespace: [namespace: Namespace];
}

export type EventName = keyof EventValues;

/** As a method: one that takes only tags with namespaces, say, is a listener of tags too. */
interface Listening<Values extends readonly unknown[]> {
  listen(...values: Values): void;
}

export type ListenerOf<Name extends EventName> = Listening<EventValues[Name]>['listen'];

/** The properties that hold the listeners: `onopentag` and so on. */
export type Listeners = {
  [Name in EventName as `on${Name}`]?: ListenerOf<Name> | null | undefined;
};
