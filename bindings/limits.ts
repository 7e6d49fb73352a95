/*
 * Limits of a parser, checked by the core before memory is taken: RFC 6120, section 13.12. A peer
 * that exceeds one gets `policy-violation`.
 */
import { Limit } from '../assembly/abi.js';
import { UsageError } from './errors.js';

/** What one parser accepts. Each is an integer of at least 1. */
export interface Limits {
  /** Bytes of a stanza, a frame or the stream header. Default 262144. */
  readonly maxStanzaBytes?: number;
  /** Levels of nesting, the root being level 1; at most 16777216 (2^24). Default 256. */
  readonly maxDepth?: number;
  /** Attributes of one element, namespace declarations included. Default 256. */
  readonly maxAttributes?: number;
  /** Child elements and texts of one element. Default 65536. */
  readonly maxChildren?: number;
  /** Bytes of an element's or attribute's name with its prefix. Default 1024. */
  readonly maxNameBytes?: number;
  /** Namespace declarations in scope at one place; at most 4096. Default 256. */
  readonly maxNamespaces?: number;
}

/** The values of a profile, in the order of the core's `limits_set`. */
export type LimitValues = readonly [number, number, number, number, number, number];

const valueMax = 0x7fff_ffff;

/** The limits of a parser whose maker names none. */
export const defaultLimits: LimitValues = [262144, 256, 256, 65536, 1024, 256];

/** The most that a limit may be. Also for bytes that have been checked before. */
export const openLimits: LimitValues = [
  valueMax,
  Limit.DepthMax,
  valueMax,
  valueMax,
  valueMax,
  Limit.NamespacesMax,
];

export const limitNames: readonly (keyof Limits)[] = [
  'maxStanzaBytes',
  'maxDepth',
  'maxAttributes',
  'maxChildren',
  'maxNameBytes',
  'maxNamespaces',
];

/** The values of `limits`, with `defaults` where it names none; throws UsageError. */
export function limitValues(
  limits: Limits | undefined,
  defaults: LimitValues = defaultLimits,
): LimitValues {
  if (limits === undefined) return defaults;
  // Whoever passes limits without types may have null or a number here.
  if (typeof limits !== 'object' || (limits as unknown) === null) {
    throw new UsageError('limits is not an object');
  }
  for (const name of Object.keys(limits)) {
    if (!limitNames.includes(name as keyof Limits)) {
      throw new UsageError(`limits.${name} is not known; the limits are ${limitNames.join(', ')}`);
    }
  }
  const valueOf = (index: number) => {
    const name = limitNames[index];
    const value: unknown = limits[name];
    if (value === undefined) return defaults[index];
    const max = openLimits[index];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) {
      throw new UsageError(
        `limits.${name} is ${JSON.stringify(value)}, it must be an integer from 1 to ${max}`,
      );
    }
    return value;
  };
  return [valueOf(0), valueOf(1), valueOf(2), valueOf(3), valueOf(4), valueOf(5)];
}
