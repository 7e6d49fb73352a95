/*
 * One account: signing in and out, the presence of the contact, the conversation and the bytes behind it.
 */
import { useEffect, useId, useReducer, useRef, useState } from 'preact/hooks';
import { Session, type Entry } from './session.ts';

interface PersonProps {
  readonly address: string;
  readonly password: string;
  readonly contact: string;
}

export function Person({ address, password, contact }: PersonProps) {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  const [session] = useState(() => new Session(address, contact));
  const [secret, setSecret] = useState(password);
  const [draft, setDraft] = useState('');
  const id = useId();
  const isOnline = session.state === 'online';

  useEffect(() => {
    session.onChange = () => redraw(undefined);
    void session.signIn(secret);
    return () => {
      session.onChange = () => undefined;
      void session.signOut();
    };
  }, []);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (draft.trim() === '' || !isOnline) return;
    void session.say(draft);
    setDraft('');
  };

  return (
    <article class="card person" aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>{address}</h2>
        <p role="status" class={`state ${session.state}`}>
          {session.describe()}
        </p>
      </header>
      {!isOnline && (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            void session.signIn(secret);
          }}
        >
          <label for={`${id}-password`}>Password</label>
          <input
            id={`${id}-password`}
            type="password"
            autocomplete="off"
            value={secret}
            onInput={(event) => setSecret(event.currentTarget.value)}
          />
          <button type="submit" disabled={session.state === 'connecting'}>
            Sign in
          </button>
        </form>
      )}
      <p class="contact">
        {contact} is <strong>{session.contactIsOnline ? 'available' : 'away'}</strong>
      </p>
      <Conversation entries={session.entries} label={`Conversation of ${address}`} />
      <form class="row" onSubmit={submit}>
        <label class="hidden" for={`${id}-draft`}>
          Message to {contact}
        </label>
        <input
          id={`${id}-draft`}
          value={draft}
          placeholder={`Message to ${contact}`}
          autocomplete="off"
          disabled={!isOnline}
          onInput={(event) => setDraft(event.currentTarget.value)}
        />
        <button type="submit" disabled={!isOnline || draft.trim() === ''}>
          Send
        </button>
        <button type="button" disabled={!isOnline} onClick={() => void session.signOut()}>
          Sign out
        </button>
      </form>
      <details>
        <summary>Bytes on the wire, passwords masked</summary>
        <pre class="wire" tabIndex={0} aria-label={`Stream of ${address}`}>
          {session.trace.join('\n')}
        </pre>
      </details>
    </article>
  );
}

function Conversation({ entries, label }: { entries: readonly Entry[]; label: string }) {
  const view = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (view.current) view.current.scrollTop = view.current.scrollHeight;
  }, [entries.length]);
  return (
    <div class="conversation" role="log" aria-label={label} tabIndex={0} ref={view}>
      <ol>
        {entries.map(({ kind, text, note }, index) => (
          <li key={index} class={kind}>
            <span>{text}</span>
            {note !== '' && <small>{note}</small>}
          </li>
        ))}
      </ol>
    </div>
  );
}
