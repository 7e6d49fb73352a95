/*
 * What a stream is opened with: framing, options, limits. The defaults are those of a bare parser
 * (RFC 6120, section 13.12 asks for limits and leaves the numbers to the implementation).
 */

export type Framing = 'stream' | 'websocket' | 'element' | 'document';

export interface Limits {
  readonly stanzaBytes: number;
  readonly depth: number;
  readonly attributes: number;
  readonly children: number;
  readonly nameBytes: number;
  readonly namespaces: number;
}

export interface Settings {
  readonly framing: Framing;
  readonly skipMisc: boolean;
  readonly lenientBom: boolean;
  readonly limits: Limits;
}

export const defaultLimits: Limits = {
  stanzaBytes: 262_144,
  depth: 256,
  attributes: 256,
  children: 65_536,
  nameBytes: 1024,
  namespaces: 256,
};

export const defaultSettings: Settings = {
  framing: 'stream',
  skipMisc: false,
  lenientBom: false,
  limits: defaultLimits,
};
