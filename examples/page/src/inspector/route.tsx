/*
 * Where a stanza goes: a sender, those who are signed in, and the verdict with the row of the RFC behind it.
 */
import { useId, useMemo, useState } from 'preact/hooks';
import { Caret } from './caret.tsx';
import { verdictOn } from './verdict.ts';
import { shown } from './visible.ts';

/** Of many the first are shown. */
const maxTargets = 100;

const exampleStanza = `<message to='juliet@capulet.example' type='chat' id='1'>
  <body>Wherefore art thou?</body>
</message>`;

const exampleSessions = `juliet@capulet.example/balcony 5
juliet@capulet.example/chamber 1
juliet@capulet.example/clock -1
nurse@capulet.example/kitchen unavailable`;

export function RouteInspector() {
  const id = useId();
  const [stanza, setStanza] = useState(exampleStanza);
  const [sender, setSender] = useState('romeo@capulet.example/orchard');
  const [sessions, setSessions] = useState(exampleSessions);
  const [exists, setExists] = useState(true);
  const [knows, setKnows] = useState(true);
  const result = useMemo(
    () => verdictOn({ stanza, sender, sessions, exists, knows }),
    [stanza, sender, sessions, exists, knows],
  );

  return (
    <div class="columns">
      <div class="card">
        <label for={`${id}-sender`}>From</label>
        <input
          id={`${id}-sender`}
          value={sender}
          spellcheck={false}
          onInput={(event) => setSender(event.currentTarget.value)}
        />
        <label for={`${id}-stanza`}>Stanza</label>
        <textarea
          id={`${id}-stanza`}
          rows={6}
          spellcheck={false}
          value={stanza}
          onInput={(event) => setStanza(event.currentTarget.value)}
        />
        <label for={`${id}-sessions`}>Signed in: a full JID and its priority, or unavailable</label>
        <textarea
          id={`${id}-sessions`}
          rows={5}
          spellcheck={false}
          value={sessions}
          onInput={(event) => setSessions(event.currentTarget.value)}
        />
        <div class="row">
          <label>
            <input
              type="checkbox"
              checked={exists}
              onChange={(event) => setExists(event.currentTarget.checked)}
            />{' '}
            the account exists
          </label>
          <label>
            <input
              type="checkbox"
              checked={knows}
              onChange={(event) => setKnows(event.currentTarget.checked)}
            />{' '}
            it knows the sender
          </label>
        </div>
      </div>
      <div class="card" aria-live="polite">
        {'fault' in result ? (
          <div class="fault" role="alert">
            <p>{shown(result.fault)}</p>
            {result.place && <Caret place={result.place} />}
          </div>
        ) : (
          <dl class="verdict">
            <dt>Verdict</dt>
            <dd>
              <strong>{result.type}</strong>
              {result.detail !== '' && ` (${result.detail})`}
            </dd>
            <dt>By</dt>
            <dd>
              <Rule name={result.rule} />
            </dd>
            <dt>To</dt>
            <dd>
              {result.targets.length === 0 ? (
                'nobody here'
              ) : (
                <ul>
                  {result.targets.slice(0, maxTargets).map((target) => (
                    <li key={target}>{shown(target)}</li>
                  ))}
                  {result.targets.length > maxTargets && <li>and others</li>}
                </ul>
              )}
            </dd>
            <dt>Bytes</dt>
            <dd>
              <code>{result.bytes === '' ? 'none' : shown(result.bytes)}</code>
            </dd>
          </dl>
        )}
      </div>
    </div>
  );
}

/** A section of an RFC, to be looked up there. */
function Rule({ name }: { name: string }) {
  const found = /^RFC (\d+), ([\d.]+)$/.exec(name);
  if (!found) return <>{name}</>;
  const [, number = '', section = ''] = found;
  const address = `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`;
  return (
    <a href={address} target="_blank" rel="noreferrer">
      {name}
    </a>
  );
}
