/*
 * Reads test/router/table.md: RFC 6121, section 8.5, one cell a line of columns. A cell is a letter, or two where it
 * matters whether the account knows the sender.
 */

export type State = 'no account' | 'no resource' | 'connected' | 'negative' | 'one' | 'several';
export type Place = 'bare' | 'match' | 'miss';

export interface Cell {
  readonly stranger: string;
  readonly known: string;
}

export type Table = ReadonlyMap<string, Cell>;

const keyOf = (kind: string, type: string, place: Place, state: State): string =>
  [kind, type, place, state].join('|');

const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

export function readTable(source: string): Table {
  const table = new Map<string, Cell>();
  for (const section of source.split('\n## ').slice(1)) {
    const [title = '', ...lines] = section.split('\n');
    const [kind = ''] = title.split(' ');
    const place = title.includes('bare') ? 'bare' : title.includes('not bound') ? 'miss' : 'match';
    const rows = lines.filter((line) => line.startsWith('|')).map(cellsOf);
    const states = rows[0]?.slice(1) ?? [];
    for (const [type = '', ...actions] of rows.slice(2)) {
      for (const [index, action] of actions.entries()) {
        const [stranger = '', known = stranger] = action.split(' / ');
        table.set(keyOf(kind, type, place, states[index] as State), { stranger, known });
      }
    }
  }
  return table;
}

export function cellOf(table: Table, kind: string, type: string, place: Place, state: State): Cell {
  const cell = table.get(keyOf(kind, type, place, state));
  if (cell === undefined) throw new Error(`no cell: ${keyOf(kind, type, place, state)}`);
  return cell;
}
