/** What a subject's process is told to do: `10 20 20 30` is [[10, 20], [20, 30]]; anything else stays a string. */
export function parseOrder(line) {
  if (!/^[\d ]+$/.test(line)) return line;
  const numbers = line.split(' ').map(Number);
  return Array.from({ length: numbers.length / 2 }, (_, index) => [
    numbers[index * 2],
    numbers[index * 2 + 1],
  ]);
}
