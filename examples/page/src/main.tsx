/*
 * tercet in a browser: a chat over WebSocket, an inspector of streams, addresses and routes, and a measurement.
 */
import { render } from 'preact';
import { Chat } from './chat/chat.tsx';
import { Inspector } from './inspector/inspector.tsx';
import { Measure } from './measure/measure.tsx';
import { Tabs } from './tabs.tsx';

const sections = [
  { id: 'chat', title: 'Chat', content: <Chat /> },
  { id: 'inspect', title: 'Inspect', content: <Inspector /> },
  { id: 'measure', title: 'Measure', content: <Measure /> },
];

function App() {
  return (
    <>
      <header class="top">
        <h1>tercet</h1>
        <p>An XMPP engine, here as WebAssembly in this page and behind its server.</p>
      </header>
      <main>
        <Tabs label="Sections" sections={sections} isLinked />
      </main>
    </>
  );
}

const app = document.getElementById('app');
if (app) render(<App />, app);
