/*
 * XML in, events out: as a stream (RFC 6120), as frames (RFC 7395) or as one document, fed at once or piece by piece.
 */
import { useId, useMemo, useState } from 'preact/hooks';
import { Caret } from './caret.tsx';
import { placeOfByte } from './place.ts';
import { Playback } from './playback.tsx';
import { readings, type Reading } from './readings.ts';

const example = `<?xml version='1.0'?>
<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'
    to='capulet.example' version='1.0'>
<message from='romeo@montague.example/orchard' to='juliet@capulet.example' type='chat'>
  <body>What light through yonder window breaks? &#x2600;</body>
</message>
<presence><show>away</show></presence>
<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>
<message to='juliet@capulet.example'><body>an & too much</body></message>
</stream:stream>`;

/** Characters; browsers take seconds to wrap some millions. */
const maxWrapped = 100_000;

export function StreamInspector() {
  const id = useId();
  const [source, setSource] = useState(example);
  const [reading, setReading] = useState<Reading>('stream');
  const [size, setSize] = useState(32);
  /** Pieces that were fed; whatever is typed is fed as a whole. */
  const [fed, setFed] = useState(Infinity);
  const { unit, cut, read } = readings[reading];
  const pieces = useMemo(() => cut(source, size), [source, reading, size]);
  const { rows, count, error, offset } = useMemo(() => read(pieces, fed), [pieces, fed]);

  return (
    <div class="columns">
      <div class="card">
        <label for={`${id}-source`}>XML</label>
        <textarea
          id={`${id}-source`}
          rows={16}
          spellcheck={false}
          wrap={source.length > maxWrapped ? 'off' : 'soft'}
          value={source}
          onInput={(event) => {
            setSource(event.currentTarget.value);
            setFed(Infinity);
          }}
        />
        <div class="row">
          <label for={`${id}-reading`}>Read as</label>
          <select
            id={`${id}-reading`}
            value={reading}
            onChange={(event) => {
              setReading(event.currentTarget.value as Reading);
              setFed(Infinity);
            }}
          >
            {Object.entries(readings).map(([name, { title }]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
          <span class="field">
            <label for={`${id}-size`}>in pieces of</label>{' '}
            <input
              id={`${id}-size`}
              type="number"
              min={1}
              max={100000}
              value={size}
              disabled={reading === 'websocket'}
              onInput={(event) => {
                setSize(Math.max(1, Math.floor(Number(event.currentTarget.value)) || 1));
                setFed(Infinity);
              }}
            />{' '}
            bytes
          </span>
        </div>
        <Playback total={pieces.count} unit={unit} fed={fed} onFeed={setFed} />
      </div>
      <div class="card">
        <h2 aria-live="polite">
          {count.toLocaleString('en')} {count === 1 ? 'event' : 'events'}
          {error && <span class="fault">, then an error</span>}
        </h2>
        <ol class="events">
          {rows.map(({ type, text }, index) => (
            <li key={index}>
              <span class="kind">{type}</span>
              <code>{text}</code>
            </li>
          ))}
        </ol>
        {count > rows.length && (
          <p class="hint">and {(count - rows.length).toLocaleString('en')} more</p>
        )}
        {error && (
          <div class="fault" role="alert">
            <p>
              <strong>{error.code}</strong>, stream error <code>{error.condition}</code>:{' '}
              {error.message}
            </p>
            <Caret place={placeOfByte(source, offset)} />
          </div>
        )}
      </div>
    </div>
  );
}
