/**
 * A chart of one result: a panel a case, a bar a subject, the figure beside the bar.
 *
 * Colours hold on light and dark pages: no background, grey text, tercet in blue. Bars are linear from zero; in a
 * panel where lower is better the shortest bar is the best one, and the panel says so.
 */

import { number } from './numbers.mjs';

const width = 720;
const panelWidth = 350;
const nameWidth = 86;
const barWidth = 176;
const rowHeight = 18;
const titleHeight = 34;
const gap = 20;

export function chart({ suite, rows }) {
  const cases = [...new Set(rows.map((row) => row.case))];
  const panels = cases
    .map((key) => rows.filter((row) => row.case === key))
    // A single bar shows nothing that its number does not.
    .filter((panel) => panel.length > 1);
  if (panels.length === 0) return '';

  const parts = [];
  let top = 0;
  for (let index = 0; index < panels.length; index += 2) {
    const pair = panels.slice(index, index + 2);
    for (const [column, panel] of pair.entries()) {
      parts.push(drawPanel(panel, column * (panelWidth + gap), top));
    }
    top += titleHeight + Math.max(...pair.map((panel) => panel.length)) * rowHeight + gap;
  }
  const height = top - gap;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Results of the suite ${suite}" font-family="system-ui, sans-serif" font-size="11" fill="#7d8590">`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel(panel, left, top) {
  const { case: key, metric, unit, better } = panel[0];
  const sorted = [...panel].sort(
    (one, other) =>
      (better === 'higher' ? other.value - one.value : one.value - other.value) ||
      (one.subject < other.subject ? -1 : 1),
  );
  const most = Math.max(...sorted.map(({ value }) => value));
  const lines = [
    `<text x="${left}" y="${top + 12}" font-size="13" font-weight="600">${escape(key)}</text>`,
    `<text x="${left}" y="${top + 26}">${escape(`${metric}, ${unit}, ${better} is better`)}</text>`,
  ];
  for (const [index, { subject, value }] of sorted.entries()) {
    const y = top + titleHeight + index * rowHeight;
    const own = subject === 'tercet';
    const length = Math.max(1, (value / most) * barWidth).toFixed(1);
    const weight = own ? ' font-weight="600"' : '';
    lines.push(
      `<text x="${left + nameWidth - 6}" y="${y + 12}" text-anchor="end"${weight}>${escape(subject)}</text>`,
      `<rect x="${left + nameWidth}" y="${y + 2}" width="${length}" height="${rowHeight - 5}" rx="2" fill="${own ? '#2f81f7' : '#8b949e'}"${own ? '' : ' fill-opacity="0.55"'}/>`,
      `<text x="${(left + nameWidth + Number(length) + 6).toFixed(1)}" y="${y + 12}"${weight}>${number(value)}</text>`,
    );
  }
  return lines.join('\n');
}

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
