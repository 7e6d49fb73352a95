/*
 * A chat in a page: log in, read, write. Without an address of the service the domain of the account is looked
 * up (XEP-0156).
 */
import { connect, openPresence, xml } from 'tercet/browser';

const [account, message] = [document.forms.account, document.forms.message];
const status = document.querySelector('#status');
const messages = document.querySelector('#messages');
let client;

function show(who, text) {
  const item = messages.appendChild(document.createElement('li'));
  item.textContent = `${who}: ${text}`;
}

account.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { jid, password, service } = Object.fromEntries(new FormData(account));
  try {
    client = await connect({
      jid,
      password,
      ...(service && { service }),
      onStatus: ({ state, error }) => (status.textContent = error?.message ?? state),
    });
    [account.hidden, message.hidden] = [true, false];
    await openPresence(client).set();
    for await (const stanza of client) {
      const body = stanza.name === 'message' && stanza.child('body')?.text;
      if (body) show(stanza.attr('from'), body);
    }
  } catch (error) {
    status.textContent = error.message;
  }
});

message.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { to, body } = Object.fromEntries(new FormData(message));
  await client.send(xml('message', { to, type: 'chat' }, xml('body', {}, body)));
  show('you', body);
  message.elements.body.value = '';
});
