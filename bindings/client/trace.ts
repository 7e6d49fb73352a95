/*
 * What a program is shown of the bytes of its streams, without secrets (mask.ts).
 */
export interface TraceEntry {
  readonly direction: 'in' | 'out';
  /** As much as is known of it; not always a whole element. */
  readonly text: string;
}

export type Trace = (entry: TraceEntry) => void;
