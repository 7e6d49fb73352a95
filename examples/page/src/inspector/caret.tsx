import type { Place } from './place.ts';

/** An excerpt with a caret below its character, however wide that is. */
export function Caret({ place }: { place: Place }) {
  const { line, column, before, character, after } = place;
  return (
    <pre class="caret" tabIndex={0} aria-label={`line ${line}, column ${column + 1}`}>
      {before}
      <mark>{character}</mark>
      {after}
    </pre>
  );
}
