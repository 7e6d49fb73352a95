/** How the documents write numbers: three digits, thousands separated, the same on each machine. */

export function number(value) {
  if (value === undefined || value === null) return '–';
  const text = value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
  return text.replace(/\B(?=(\d{3})+(?!\d))(?<!\..*)/g, ' ');
}

/** `10.4x`; a dash where nothing was compared. */
export const times = (ratio) =>
  ratio === undefined || ratio === null
    ? '–'
    : `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(1)}x`;
