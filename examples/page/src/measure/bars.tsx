import type { Figure } from './run.ts';

/** A table whose last column is drawn: the numbers are there to be read, the bars to be compared. */
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
            tercet is
          </th>
          <th scope="col" class="drawn">
            <span class="hidden">Bar</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {figures.map(({ name, note, rate }, index) => (
          <tr key={name} class={index === 0 ? 'own' : ''}>
            <th scope="row">
              {name}
              <small>{note}</small>
            </th>
            <td class="number">{rate.toFixed(rate < 10 ? 1 : 0)}</td>
            <td class="number">
              {index === 0 ? '' : `${(first / rate).toFixed(1)} times as fast`}
            </td>
            <td class="drawn" aria-hidden="true">
              <svg width="100%" height="20" role="presentation">
                <rect width={`${(100 * rate) / most}%`} height="20" rx="3" />
              </svg>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
