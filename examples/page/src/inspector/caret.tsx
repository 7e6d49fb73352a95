import type { Place } from './place.ts';

/** An excerpt with a caret below the place. */
export function Caret({ place }: { place: Place }) {
  return (
    <pre class="caret" tabIndex={0} aria-label={`line ${place.line}, column ${place.column + 1}`}>
      {place.excerpt}
      {'\n'}
      {' '.repeat(place.caret)}
      <b>^</b>
    </pre>
  );
}
