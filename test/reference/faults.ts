/*
 * A fault stops the automaton: a code and the offset that is reported. The stream-error condition of
 * each code comes from scripts/data/errors.json, the list that the core's numbers come from too.
 */

import list from '../../scripts/data/errors.json' with { type: 'json' };

const conditions = new Map(list.errors.map((error) => [error.name, error.condition]));

export class Fault extends Error {
  readonly code: string;
  readonly at: number;

  constructor(code: string, at: number) {
    super(code);
    this.code = code;
    this.at = at;
  }

  get condition(): string {
    const condition = conditions.get(this.code);
    if (condition === undefined) throw new Error(`no such error code: ${this.code}`);
    return condition;
  }
}
