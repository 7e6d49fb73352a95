/** What the small tasks work on: a message as a chat client sends it, and a document with one long text. */

export const message =
  `<message from='juliet@example.com/balcony' to='romeo@example.net' type='chat' id='b4c1-77'>` +
  `<body>Wherefore art thou &amp; thy name?</body>` +
  `<active xmlns='http://jabber.org/protocol/chatstates'/>` +
  `<request xmlns='urn:xmpp:receipts'/>` +
  `</message>`;

const paragraph = `Two households, both alike in dignity, in fair Verona, where we lay our scene, from ancient grudge break to new mutiny, where civil blood makes civil hands unclean.`;

/** About 700 bytes in two elements, indented: the shape that ltx's own benchmarks parse. */
export const document = `<entry ref='urn:uuid:7c1f2a60-3b9e-11f0-9a43-0800200c9a66'>
    <summary>${Array.from({ length: 4 }, () => paragraph).join(' ')}</summary>
</entry>
`;
