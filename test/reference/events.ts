/*
 * The events of docs/design/001-events-and-errors.md and the lines that show them.
 *
 * One line an event; offsets are bytes of the stream, names stand as in the source, values are decoded
 * and normalised and written as JSON strings. A namespace stands between braces, as the inside of its
 * JSON string, so that a line stays one line.
 */

export type Event =
  | {
      readonly kind: 'start';
      readonly at: number;
      readonly name: string;
      readonly namespace: string;
    }
  | {
      readonly kind: 'attribute' | 'xmlns';
      readonly at: number;
      readonly name: string;
      readonly value: string;
    }
  | {
      readonly kind: 'text' | 'cdata';
      readonly at: number;
      readonly to: number;
      readonly value: string;
    }
  | { readonly kind: 'end'; readonly at: number; readonly to: number; readonly name: string }
  | { readonly kind: 'close'; readonly at: number }
  | {
      readonly kind: 'error';
      readonly at: number;
      readonly code: string;
      readonly condition: string;
    };

export function formatEvent(event: Event): string {
  switch (event.kind) {
    case 'start':
      return `${event.at} start ${event.name} {${JSON.stringify(event.namespace).slice(1, -1)}}`;
    case 'attribute':
    case 'xmlns':
      return `${event.at} ${event.kind} ${event.name} ${JSON.stringify(event.value)}`;
    case 'text':
    case 'cdata':
      return `${event.at}..${event.to} ${event.kind} ${JSON.stringify(event.value)}`;
    case 'end':
      return `${event.at}..${event.to} end ${event.name}`;
    case 'close':
      return `${event.at} close`;
    case 'error':
      return `${event.at} error ${event.code} ${event.condition}`;
  }
}

export const formatLog = (events: readonly Event[]): string => events.map(formatEvent).join('\n');
