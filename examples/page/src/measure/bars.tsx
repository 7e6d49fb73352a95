import type { Figure } from './run.ts';

/** A table with drawn rows: the numbers are there to be read, the bars to be compared. */
export function Bars({ figures, caption }: { figures: readonly Figure[]; caption: string }) {
  const most = Math.max(...figures.map(({ rate }) => rate), 1);
  const first = figures[0]?.rate ?? 0;
  return (
    <table class="bars">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Parser</th>
          <th scope="col" class="number">
            MB/s
          </th>
          <th scope="col" class="number">
            Ratio
          </th>
        </tr>
      </thead>
      <tbody>
        {figures.map(({ name, note, rate }, index) => (
          <tr key={name} class={index === 0 ? 'own' : ''}>
            <th scope="row">
              {name}
              <small>{note}</small>
              <svg width="100%" height="16" aria-hidden="true">
                <rect width={`${(100 * rate) / most}%`} height="16" rx="3" />
              </svg>
            </th>
            <td class="number">{rate === 0 ? unknown : rate.toFixed(rate < 10 ? 1 : 0)}</td>
            <td class="number">{index === 0 ? '' : ratioOf(first, rate)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const unknown = '\u2013';

const ratioOf = (first: number, rate: number): string =>
  rate === 0 ? unknown : `${(first / rate).toFixed(1)}\u00d7`;
