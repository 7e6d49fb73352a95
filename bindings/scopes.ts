/*
 * Namespace declarations in scope inside a unit: which prefix stands for what around an element.
 *
 * One pass over the tape, at the first question, says what the parent of each element is; after that an
 * ancestor is read once, whoever asks. So the whole costs time and room in proportion to the unit, however
 * many of its elements are asked, and in which order.
 */
import { Kind, Tape } from '../assembly/abi.js';

/** Declarations of one element, and those around it. */
export class Scope {
  /** Whether a prefix is declared, and not the default namespace alone. */
  readonly hasPrefixes: boolean;
  readonly #own: ReadonlyMap<string, string>;
  readonly #outer: Scope | undefined;

  constructor(own: ReadonlyMap<string, string>, outer?: Scope) {
    this.#own = own;
    this.#outer = outer;
    this.hasPrefixes = own.size > (own.has('') ? 1 : 0) || outer?.hasPrefixes === true;
  }

  /** The namespace of a prefix, '' being that of the default one. Bounded by the depth. */
  get(prefix: string): string | undefined {
    const own = this.#own.get(prefix);
    if (own !== undefined) return own;
    for (let scope = this.#outer; scope !== undefined; scope = scope.#outer) {
      const uri = scope.#own.get(prefix);
      if (uri !== undefined) return uri;
    }
    return undefined;
  }
}

/** What is asked of the tape that holds a unit. */
export interface DeclaringTape {
  readonly words: Int32Array;
  /** Index of the START of the first unit. */
  readonly first: number;
  /** Declarations around the units. */
  readonly context: { readonly scope: ReadonlyMap<string, string> };
  /** The index just after the END of the element whose START is at index `start`. */
  after(start: number): number;
  /** Adds what the element whose START is at `start` declares. */
  addDeclarations(start: number, scope: Map<string, string>): void;
}

/** The scopes of one unit. */
export class Scopes {
  /** The position of the unit. */
  readonly unit: number;
  /** By number of a record in the unit: that of the START around it, -1 for none. */
  readonly #parents: Int32Array;
  /** By number of a START: what is in scope inside. */
  readonly #inside = new Map<number, Scope>();

  constructor(tape: DeclaringTape, unit: number) {
    this.unit = unit;
    const { words, first } = tape;
    const start = first + unit;
    const count = (tape.after(start) - start) / Tape.Size;
    this.#parents = new Int32Array(count);
    let parent = -1;
    for (let record = 0; record < count; record++) {
      this.#parents[record] = parent;
      const kind = words[start + record * Tape.Size] & 0xff;
      if (kind === Kind.Start) parent = record;
      else if (kind === Kind.End) parent = this.#parents[parent] ?? -1;
    }
    this.#inside.set(-1, new Scope(tape.context.scope));
  }

  /** What is in scope around the element at `position`. */
  around(tape: DeclaringTape, position: number): Scope {
    const ancestors: number[] = [];
    let record = this.#parents[(position - this.unit) / Tape.Size] ?? -1;
    let scope = this.#inside.get(record);
    while (scope === undefined) {
      ancestors.push(record);
      record = this.#parents[record] ?? -1;
      scope = this.#inside.get(record);
    }
    for (const ancestor of ancestors.reverse()) {
      const own = new Map<string, string>();
      tape.addDeclarations(tape.first + this.unit + ancestor * Tape.Size, own);
      if (own.size > 0) scope = new Scope(own, scope);
      this.#inside.set(ancestor, scope);
    }
    return scope;
  }
}
