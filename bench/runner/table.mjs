/** A result for people: one block a case, the best first; the last figure is tercet's lead over the subject. */

export function printTable({ suite, commit, environment, rows, skipped }) {
  console.log(
    `${suite}, commit ${commit}, ${environment.runtime ?? `Node ${environment.node}`}, ${environment.processor} (${environment.cores} cores)`,
  );
  for (const key of new Set(rows.map((row) => row.case))) {
    const block = rows.filter((row) => row.case === key);
    block.sort(
      (left, right) =>
        (left.value === null) - (right.value === null) ||
        (left.better === 'higher' ? right.value - left.value : left.value - right.value),
    );
    console.log(`\n${key}  (${block[0].metric}, ${block[0].unit}, ${block[0].better} is better)`);
    for (const { subject, value, min, max, wall, ratio, note, reason } of block) {
      const cells = [
        subject.padEnd(14),
        (value === null ? '-' : format(value)).padStart(10),
        (min === undefined ? '' : `${format(min)}..${format(max)}`).padEnd(16),
        (wall === undefined ? '' : `wall ${format(wall)}`).padEnd(11),
        (ratio === null || subject === 'tercet'
          ? ''
          : `${ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)}x`
        ).padStart(7),
        reason ?? note ?? '',
      ];
      console.log(`  ${cells.join('  ')}`.trimEnd());
    }
  }
  if (skipped.length > 0) console.log('\nskipped');
  for (const { case: where, subject, reason } of skipped)
    console.log(`  ${subject ?? where}: ${reason}`);
}

const format = (value) =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
