/*
 * Addresses, one a line: the canonical form by RFC 7622, or which part broke which rule at which character.
 */
import { useId, useMemo, useState } from 'preact/hooks';
import { Jid } from 'tercet';
import { Caret } from './caret.tsx';
import { placeOf } from './place.ts';
import { shown } from './visible.ts';

/** Of a long list the first are shown. */
const maxShown = 200;

const example = `Juliet@Capulet.Example/balcony
\u00c5ngstr\u00f6m@m\u00fcnchen.example
juliet@\u4f8b\u3048.example/\u2618
foo bar@capulet.example
call me "ishmael"@capulet.example
henry\u2163@capulet.example
juliet@capulet.example/
@capulet.example
192.0.2.7/console`;

export function AddressInspector() {
  const id = useId();
  const [source, setSource] = useState(example);
  const addresses = useMemo(() => source.split('\n').filter((line) => line !== ''), [source]);

  return (
    <div class="columns">
      <div class="card">
        <label for={`${id}-source`}>Addresses, one a line</label>
        <textarea
          id={`${id}-source`}
          rows={12}
          spellcheck={false}
          value={source}
          onInput={(event) => setSource(event.currentTarget.value)}
        />
        <p class="hint">Rules of Unicode {Jid.unicodeVersion}, from the engine, not the browser.</p>
      </div>
      <div class="card" aria-live="polite">
        <ol class="addresses">
          {addresses.slice(0, maxShown).map((address, index) => (
            <li key={index}>
              <Address source={address} />
            </li>
          ))}
        </ol>
        {addresses.length > maxShown && (
          <p class="hint">and {(addresses.length - maxShown).toLocaleString('en')} more</p>
        )}
      </div>
    </div>
  );
}

function Address({ source }: { source: string }) {
  const checked = Jid.check(source);
  if (checked.ok) {
    const { jid } = checked;
    const ascii = asciiOf(jid);
    return (
      <>
        <code class="canonical">{shown(jid.toString())}</code>
        {String(jid) !== source && (
          <small>
            was <bdi>{shown(source)}</bdi>
          </small>
        )}
        {ascii !== jid.domain && <small>in DNS {ascii}</small>}
      </>
    );
  }
  const { error } = checked;
  return (
    <div class="fault">
      <p>
        <strong>{error.rule}</strong>, {error.message}
      </p>
      {error.index === undefined ? (
        <code>{shown(source)}</code>
      ) : (
        <Caret place={placeOf(source, error.index)} />
      )}
    </div>
  );
}

/** The domainpart in ASCII; as it is where DNS has no room for it. */
function asciiOf(jid: Jid): string {
  try {
    return jid.toAscii();
  } catch {
    return jid.domain;
  }
}
