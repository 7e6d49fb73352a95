/*
 * Feeding pieces one by one: a step, or all of them at a pace that can be followed.
 */
import { useEffect, useState } from 'preact/hooks';

const stepMs = 150;
/** Of many pieces several go at once, so that it ends in half a minute. */
const maxSteps = 200;

interface PlaybackProps {
  readonly total: number;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** Pieces that were fed. */
  readonly fed: number;
  readonly onFeed: (count: number) => void;
}

export function Playback({ total, unit, fed, onFeed }: PlaybackProps) {
  const [isPlaying, setPlaying] = useState(false);
  const isWhole = fed >= total;

  useEffect(() => {
    if (!isPlaying) return;
    if (isWhole) return setPlaying(false);
    const count = Math.ceil(total / maxSteps);
    const timer = setTimeout(() => onFeed(Math.min(total, fed + count)), stepMs);
    return () => clearTimeout(timer);
  }, [isPlaying, isWhole, fed]);

  /** From the beginning, where there is nothing left to feed. */
  const next = isWhole ? 1 : fed + 1;

  const play = (): void => {
    if (!isPlaying) onFeed(next);
    setPlaying(!isPlaying);
  };

  const step = (): void => {
    setPlaying(false);
    onFeed(next);
  };

  const finish = (): void => {
    setPlaying(false);
    onFeed(total);
  };

  return (
    <div class="row" role="group" aria-label="Feeding">
      <button type="button" onClick={play}>
        {isPlaying ? 'Pause' : 'Stream it'}
      </button>
      <button type="button" onClick={step}>
        Feed one
      </button>
      <button type="button" disabled={isWhole} onClick={finish}>
        Feed all
      </button>
      <span class="hint">
        {Math.min(fed, total).toLocaleString('en')} of {total.toLocaleString('en')} {unit} fed
      </span>
      <progress aria-label="Fed" max={total} value={Math.min(fed, total)} />
    </div>
  );
}
