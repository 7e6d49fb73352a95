/** Medians, because a machine that does other work makes outliers in one direction only. */

export function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Four digits say all that such a measurement knows. */
export function rounded(value) {
  return value === null ? null : Number(value.toPrecision(4));
}
