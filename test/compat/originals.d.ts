// What the tests use of the originals, which come without types.

declare module 'ltx' {
  export * from 'tercet/compat/ltx';
}

declare module 'ltx/src/parsers/ltx.js' {
  export { SaxLtx as default } from 'tercet/compat/ltx';
}

declare module '@xmpp/xml' {
  export * from 'tercet/compat/xmpp-xml';
  export { default } from 'tercet/compat/xmpp-xml';
}

declare module '@xmpp/xml/lib/parse.js' {
  export { parse as default } from 'tercet/compat/xmpp-xml';
}

declare module '@xmpp/websocket/lib/FramedParser.js' {
  export { FramedParser as default } from 'tercet/compat/xmpp-xml';
}
