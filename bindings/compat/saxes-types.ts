/*
 * The types of saxes, under its names.
 */
import type { DocumentOptions } from './sax-options.js';

/** The version of XML is 1.0, whatever is asked for; 1.1 is a UsageError. */
export interface XMLVersionOptions {
  defaultXMLVersion?: '1.0' | '1.1';
  forceXMLVersion?: boolean;
}

export interface NoForcedXMLVersion extends XMLVersionOptions {
  forceXMLVersion?: false;
}

export interface ForcedXMLVersion extends XMLVersionOptions {
  forceXMLVersion: true;
  defaultXMLVersion: '1.0' | '1.1';
}

export interface CommonOptions {
  /** Whether the input has texts and elements side by side and no root. */
  fragment?: boolean;
  /** Whether positions are counted. Unset means true. */
  position?: boolean;
  /** For messages. */
  fileName?: string;
}

export interface NSOptions {
  xmlns?: boolean;
  /** Prefixes that are known without a declaration; '' is the default namespace. */
  additionalNamespaces?: Record<string, string>;
  /** Asked for prefixes that nobody declares. */
  resolvePrefix?: ResolvePrefix;
}

export interface NSOptionsWithoutNamespaces extends NSOptions {
  xmlns?: false;
  additionalNamespaces?: undefined;
  resolvePrefix?: undefined;
}

export interface NSOptionsWithNamespaces extends NSOptions {
  xmlns: true;
}

export type ResolvePrefix = (prefix: string) => string | undefined;

/** The options of saxes, and `document`, `limits` and `engine` of this package. */
export type SaxesOptions = CommonOptions & NSOptions & XMLVersionOptions & DocumentOptions;

export interface SaxesAttributePlain {
  name: string;
  value: string;
}

export interface SaxesAttributeNS extends SaxesAttributePlain {
  prefix: string;
  local: string;
  /** Set when the tag is complete. */
  uri: string;
}

export type SaxesAttributeNSIncomplete = Omit<SaxesAttributeNS, 'uri'>;

export type SaxesAttribute = SaxesAttributeNS | SaxesAttributePlain;

export interface SaxesTag {
  name: string;
  attributes: Record<string, SaxesAttributeNS> | Record<string, string>;
  /** What the tag itself declares. */
  ns?: Record<string, string>;
  prefix?: string;
  local?: string;
  uri?: string;
  isSelfClosing: boolean;
}

export type SaxesStartTag = Pick<SaxesTag, 'name' | 'attributes' | 'ns'>;
export type SaxesStartTagPlain = Pick<SaxesStartTag, 'name' | 'attributes'>;
export type SaxesStartTagNS = Required<SaxesStartTag>;

export type SaxesTagNS = Required<SaxesTag> & { attributes: Record<string, SaxesAttributeNS> };
export type SaxesTagPlain = Pick<SaxesTag, 'name' | 'attributes' | 'isSelfClosing'> & {
  attributes: Record<string, string>;
};

/** The type of a thing with namespaces, without, or either where the options do not say. */
type ByOptions<Options, WithNs, Plain, Either> = Options extends { xmlns: true }
  ? WithNs
  : Options extends { xmlns?: false | undefined }
    ? Plain
    : Either;

export type TagForOptions<O extends SaxesOptions> = ByOptions<
  O,
  SaxesTagNS,
  SaxesTagPlain,
  SaxesTag
>;
export type StartTagForOptions<O extends SaxesOptions> = ByOptions<
  O,
  SaxesStartTagNS,
  SaxesStartTagPlain,
  SaxesStartTag
>;
export type AttributeEventForOptions<O extends SaxesOptions> = ByOptions<
  O,
  SaxesAttributeNSIncomplete,
  SaxesAttributePlain,
  SaxesAttribute
>;

export interface XMLDecl {
  version?: string | undefined;
  encoding?: string | undefined;
  standalone?: string | undefined;
}

/** What each event's handler takes. */
interface Values<O extends SaxesOptions> {
  xmldecl: [decl: XMLDecl];
  text: [text: string];
  processinginstruction: [data: { target: string; body: string }];
  /** Never: a DOCTYPE is a fault. */
  doctype: [doctype: string];
  comment: [comment: string];
  opentagstart: [tag: StartTagForOptions<O>];
  attribute: [attribute: AttributeEventForOptions<O>];
  opentag: [tag: TagForOptions<O>];
  closetag: [tag: TagForOptions<O>];
  cdata: [cdata: string];
  error: [error: Error];
  end: [];
  ready: [];
}

export type EventName = keyof Values<SaxesOptions>;

export type EventNameToHandler<O extends SaxesOptions, Name extends EventName> = (
  ...values: Values<O>[Name]
) => void;

type HandlerOf<O extends SaxesOptions, Name extends EventName> = EventNameToHandler<O, Name>;

export type XMLDeclHandler = HandlerOf<SaxesOptions, 'xmldecl'>;
export type TextHandler = HandlerOf<SaxesOptions, 'text'>;
export type PIHandler = HandlerOf<SaxesOptions, 'processinginstruction'>;
export type DoctypeHandler = HandlerOf<SaxesOptions, 'doctype'>;
export type CommentHandler = HandlerOf<SaxesOptions, 'comment'>;
export type OpenTagStartHandler<O extends SaxesOptions> = HandlerOf<O, 'opentagstart'>;
export type AttributeHandler<O extends SaxesOptions> = HandlerOf<O, 'attribute'>;
export type OpenTagHandler<O extends SaxesOptions> = HandlerOf<O, 'opentag'>;
export type CloseTagHandler<O extends SaxesOptions> = HandlerOf<O, 'closetag'>;
export type CDataHandler = HandlerOf<SaxesOptions, 'cdata'>;
export type ErrorHandler = HandlerOf<SaxesOptions, 'error'>;
export type EndHandler = HandlerOf<SaxesOptions, 'end'>;
export type ReadyHandler = HandlerOf<SaxesOptions, 'ready'>;
