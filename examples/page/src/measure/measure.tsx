/*
 * Throughput on this machine, in this browser: tercet, two parsers of npm and the browser's own.
 */
import { useRef, useState } from 'preact/hooks';
import { Bars } from './bars.tsx';
import { chatStanzas } from './corpus.ts';
import { measure, type Progress } from './run.ts';
import { subjects } from './subjects.ts';

const rounds = 9;
const stanzaCount = 2000;
/** The table has its place before it has its numbers. */
const unmeasured = subjects.map(({ name, note }) => ({ name, note, rate: 0 }));

export function Measure() {
  const [progress, setProgress] = useState<Progress>();
  const [isRunning, setRunning] = useState(false);
  const [fault, setFault] = useState('');
  const attempt = useRef<AbortController | null>(null);

  const start = async (): Promise<void> => {
    attempt.current = new AbortController();
    setRunning(true);
    setProgress(undefined);
    // The button shows its new face before the first pass takes the thread.
    await new Promise((resolve) => setTimeout(resolve, 30));
    const { signal } = attempt.current;
    setFault('');
    try {
      for await (const step of measure(subjects, chatStanzas(stanzaCount), rounds, signal)) {
        setProgress(step);
      }
    } catch (error) {
      setFault(String(error));
    }
    setRunning(false);
  };

  return (
    <div class="card">
      <p class="lead">
        {stanzaCount.toLocaleString('en')} chat stanzas, one a string, each parsed and six of its
        fields read: name, to, from, type, id and body. A first round warms each parser up and is
        not counted; then rounds in turn, there and back, of which the median counts.
      </p>
      <div class="row">
        {isRunning ? (
          <button type="button" onClick={() => attempt.current?.abort()}>
            Stop
          </button>
        ) : (
          <button type="button" onClick={() => void start()}>
            {progress ? 'Measure again' : 'Measure'}
          </button>
        )}
        <progress aria-label="Progress" max={rounds} value={progress?.round ?? 0} />
        <span role="status">
          {isRunning
            ? `round ${progress?.round ?? 0} of ${rounds}`
            : progress && `${progress.round} rounds done`}
        </span>
      </div>
      {progress && progress.differing.length > 0 && (
        <p class="fault" role="alert">
          Not the same work: {progress.differing.join(', ')} read something else.
        </p>
      )}
      {fault !== '' && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <Bars
        figures={progress?.figures ?? unmeasured}
        caption="MB of UTF-8 a second, and how many times as much tercet does"
      />
      <p class="hint">
        A browser's clock and what else runs here move these figures; ratios of one run say more.
      </p>
    </div>
  );
}
