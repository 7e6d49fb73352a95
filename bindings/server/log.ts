/*
 * What the server says about itself: an event with a level and a few fields. Fields are addresses,
 * conditions, counts; a password, a body or a stanza is never one of them.
 */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** From the gravest to the most talkative. */
export const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** `event` is a short fixed phrase, such as `stream ended`. */
export type Log = (level: LogLevel, event: string, fields: LogFields) => void;

/** One line an event, `2026-01-31T12:00:00.000Z info stream ended id=3 reason=closed`. */
export function lineLog(write: (line: string) => void, least: LogLevel = 'info'): Log {
  const rank = logLevels.indexOf(least);
  return (level, event, fields) => {
    if (logLevels.indexOf(level) > rank) return;
    const shown = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}=${quoted(String(value))}`);
    write([new Date().toISOString(), level, event, ...shown].join(' '));
  };
}

/** What a peer wrote cannot start a line of its own or look like another field. */
const quoted = (value: string): string =>
  /^[\x21-\x7e]+$/.test(value) && !/["=\\]/.test(value) ? value : JSON.stringify(value);
