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
    if (environment.runtimes !== undefined) {
      printColumns(block, environment.runtimes);
      continue;
    }
    for (const { subject, value, min, max, wall, ratio, note, reason } of block) {
      const cells = [
        subject.padEnd(14),
        (value === null ? '-' : format(value)).padStart(10),
        (min === undefined ? '' : `${format(min)}..${format(max)}`).padEnd(16),
        (wall === undefined ? '' : `wall ${format(wall)}`).padEnd(11),
        (subject === 'tercet' ? '' : times(ratio)).padStart(7),
        reason ?? note ?? '',
      ];
      console.log(`  ${cells.join('  ')}`.trimEnd());
    }
  }
  if (skipped.length > 0) console.log('\nskipped');
  for (const { case: where, subject, runtime, reason } of skipped)
    console.log(`  ${[where, subject, runtime].filter(Boolean).join(', ')}: ${reason}`);
}

/** A column a runtime: the figure there, and tercet's lead over the subject there. */
function printColumns(block, runtimes) {
  const width = 20;
  const line = (first, cells) =>
    `  ${first.padEnd(16)}${cells.map((cell) => cell.padStart(width)).join('')}`.trimEnd();
  console.log(
    line(
      '',
      runtimes.map(({ name }) => name),
    ),
  );
  for (const row of block) {
    const cells = runtimes.map(({ name }, index) => {
      const figures = index === 0 ? row : row.runtimes?.[name];
      if (figures === undefined || figures.value === null) return '-';
      const lead = row.subject === 'tercet' ? '' : times(figures.ratio);
      return `${format(figures.value)}${lead.padStart(8)}`;
    });
    console.log(line(row.subject, cells));
  }
}

const times = (ratio) =>
  ratio === null ? '' : `${ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)}x`;

const format = (value) =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
