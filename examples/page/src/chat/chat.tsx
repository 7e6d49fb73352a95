/*
 * Two accounts of the demonstration, each with a client of its own in this page: what one says goes over
 * WebSocket to the server and comes back to the other.
 */
import { useEffect, useState } from 'preact/hooks';
import { Person } from './person.tsx';

/** What `tercet serve --demo` makes on loopback. */
const people = [
  { local: 'juliet', password: 'balcony' },
  { local: 'romeo', password: 'orchard' },
] as const;

export function Chat() {
  const [domain, setDomain] = useState('localhost');

  useEffect(() => {
    void servedDomain().then((served) => served !== '' && setDomain(served));
  }, []);

  return (
    <>
      <p class="lead">
        Both sides are signed in from this page with <code>tercet/browser</code>. Sign one of them
        out, write to them, and sign in again: the message was kept.
      </p>
      <div class="columns">
        {people.map(({ local, password }, index) => (
          <Person
            key={`${local}@${domain}`}
            address={`${local}@${domain}`}
            password={password}
            contact={`${people[1 - index]?.local ?? ''}@${domain}`}
          />
        ))}
      </div>
    </>
  );
}

/** The server says which domain it serves on its status page; '' where there is none. */
async function servedDomain(): Promise<string> {
  try {
    const response = await fetch('/status');
    return /^tercet serves (\S+)/.exec(await response.text())?.[1] ?? '';
  } catch {
    return '';
  }
}
