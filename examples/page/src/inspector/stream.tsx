/*
 * XML in, events out: as a stream (RFC 6120), as frames (RFC 7395) or as one document, fed whole or in
 * pieces. The events are the same however it is cut.
 */
import { useId, useMemo, useState } from 'preact/hooks';
import { Caret } from './caret.tsx';
import { placeOfByte } from './place.ts';
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

export function StreamInspector() {
  const id = useId();
  const [source, setSource] = useState(example);
  const [reading, setReading] = useState<Reading>('stream');
  const [size, setSize] = useState(0);
  const { rows, error } = useMemo(
    () => readings[reading].read(source, size),
    [source, reading, size],
  );

  return (
    <div class="columns">
      <div class="card">
        <label for={`${id}-source`}>XML</label>
        <textarea
          id={`${id}-source`}
          rows={16}
          spellcheck={false}
          value={source}
          onInput={(event) => setSource(event.currentTarget.value)}
        />
        <div class="row">
          <label for={`${id}-reading`}>Read as</label>
          <select
            id={`${id}-reading`}
            value={reading}
            onChange={(event) => setReading(event.currentTarget.value as Reading)}
          >
            {Object.entries(readings).map(([name, { title }]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
          <label for={`${id}-size`}>Bytes a piece, 0 for all</label>
          <input
            id={`${id}-size`}
            type="number"
            min={0}
            max={100000}
            value={size}
            onInput={(event) => setSize(Math.max(0, Number(event.currentTarget.value) || 0))}
          />
        </div>
      </div>
      <div class="card" aria-live="polite">
        <h3>
          {rows.length} {rows.length === 1 ? 'event' : 'events'}
        </h3>
        {error && (
          <div class="fault" role="alert">
            <p>
              <strong>{error.code}</strong>, stream error <code>{error.condition}</code>:{' '}
              {error.message}
            </p>
            <Caret place={placeOfByte(source, error.offset)} />
          </div>
        )}
        <ol class="events">
          {rows.map(({ type, text }, index) => (
            <li key={index}>
              <span class={`kind ${type}`}>{type}</span>
              <code>{text}</code>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}
