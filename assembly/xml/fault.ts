/*
 * The first fault of a stream, and the last: `fail` notes it and stops the automaton.
 * docs/design/001 says for each code where it is detected and where it is reported.
 */
import { ErrorCode } from '../errors';
import { sequenceLength } from '../text/characters';
import { Scan, State } from './scan';

/**
 * Notes the fault `code`, reported at `at` and detected at the character at `seen`. A unit that was
 * too long before that character was complete is too long first: otherwise the answer would depend on
 * how the input was cut.
 */
export function fail(code: ErrorCode, at: usize, seen: usize): usize {
  const unit = Scan.unit;
  const last = seen + sequenceLength(load<u8>(seen)) - 1;
  if (unit != 0 && last >= unit && last - unit >= <usize>Scan.maxUnit) {
    Scan.fault = ErrorCode.LimitStanzaBytes;
    Scan.faultAt = unit + Scan.maxUnit;
  } else {
    Scan.fault = code;
    Scan.faultAt = at;
  }
  Scan.state = State.Dead;
  return seen;
}
