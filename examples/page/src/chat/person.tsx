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
  const field = useRef<HTMLInputElement>(null);
  /** The button that was pressed gives way to another form: the keyboard goes on there. */
  const isMoving = useRef(false);
  const isOffline = session.state === 'offline';
  const isOnline = session.state === 'online';

  useEffect(() => {
    session.onChange = () => redraw(undefined);
    void session.signIn(secret);
    return () => {
      session.onChange = () => undefined;
      void session.signOut();
    };
  }, []);

  useEffect(() => {
    if (isMoving.current) field.current?.focus();
    isMoving.current = false;
  }, [isOffline]);

  const write = (text: string): void => {
    setDraft(text);
    void session.write(text !== '');
  };

  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!isOnline || draft.trim() === '') return;
    void session.say(draft);
    setDraft('');
  };

  const signIn = (event: SubmitEvent): void => {
    event.preventDefault();
    isMoving.current = true;
    void session.signIn(secret);
  };

  const signOut = (): void => {
    isMoving.current = true;
    void session.signOut();
  };

  return (
    <article class="card person" aria-labelledby={`${id}-title`}>
      <header>
        <div>
          <h2 id={`${id}-title`}>{address}</h2>
          <p role="status" class={`state ${session.state}`}>
            {session.describe()}
          </p>
        </div>
        {!isOffline && (
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        )}
      </header>
      <Conversation
        entries={session.entries}
        label={`Conversation of ${address}`}
        contact={contact}
      />
      <p class="contact" role="status">
        {isOnline ? `${contact} is ${contactState(session)}` : '\u00a0'}
      </p>
      {isOffline ? (
        <form class="row" onSubmit={signIn}>
          <label class="hidden" for={`${id}-password`}>
            Password of {address}
          </label>
          <input
            ref={field}
            id={`${id}-password`}
            type="password"
            placeholder="Password"
            autocomplete="off"
            value={secret}
            onInput={(event) => setSecret(event.currentTarget.value)}
          />
          <button type="submit">Sign in</button>
        </form>
      ) : (
        <form class="row" onSubmit={send}>
          <label class="hidden" for={`${id}-draft`}>
            Message to {contact}
          </label>
          <input
            ref={field}
            id={`${id}-draft`}
            value={draft}
            placeholder={`Message to ${contact}`}
            autocomplete="off"
            onInput={(event) => write(event.currentTarget.value)}
          />
          <button type="submit" disabled={!isOnline || draft.trim() === ''}>
            Send
          </button>
        </form>
      )}
      <details>
        <summary>Bytes on the wire, passwords masked</summary>
        <pre class="wire" tabIndex={0} aria-label={`Stream of ${address}`}>
          {session.trace.join('\n')}
        </pre>
      </details>
    </article>
  );
}

function contactState({ contactIsOnline, contactIsWriting }: Session): string {
  if (contactIsWriting) return 'writing\u2026';
  return contactIsOnline ? 'available' : 'offline';
}

interface ConversationProps {
  readonly entries: readonly Entry[];
  readonly label: string;
  readonly contact: string;
}

function Conversation({ entries, label, contact }: ConversationProps) {
  const view = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (view.current) view.current.scrollTop = view.current.scrollHeight;
  }, [entries.length]);
  return (
    <div class="conversation" role="log" aria-label={label} tabIndex={0} ref={view}>
      <ol>
        {entries.map(({ kind, text, note }, index) => (
          <li key={index} class={kind}>
            <span class="hidden">{kind === 'theirs' ? contact : 'you'}: </span>
            <bdi>{text}</bdi>
            {note !== '' && <small>{note}</small>}
          </li>
        ))}
      </ol>
    </div>
  );
}
