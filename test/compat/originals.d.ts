// What the tests use of the originals, most of which come without types.

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

declare module '@xmpp/connection-tcp' {
  export default class ConnectionTCP {
    Parser: unknown;
    parser: { write(data: unknown): void } | null;
    _onData: (data: unknown) => void;
  }
}

declare module 'strophe.js' {
  interface Builder {
    c(name: string): Builder;
    t(text: string): Builder;
  }

  interface Connection {
    addHandler(
      handle: (stanza: Element) => boolean,
      ns: string,
      name: string,
      type: string,
      id: string,
      from: string,
    ): void;
    connect(
      jid: string,
      password: string,
      onStatus: (status: number, condition?: string) => boolean,
    ): void;
    send(stanza: Builder): void;
    disconnect(reason: string): void;
  }

  export function $msg(attrs: Readonly<Record<string, string>>): Builder;

  export const Strophe: {
    readonly Connection: new (url: string, options: { readonly protocol: string }) => Connection;
    readonly Status: Readonly<
      Record<'CONNECTED' | 'AUTHFAIL' | 'CONNFAIL' | 'DISCONNECTED', number>
    >;
    readonly LogLevel: { readonly FATAL: number };
    setLogLevel(level: number): void;
  };
}

declare module '@xmpp/jid' {
  export * from 'tercet/compat/xmpp-jid';
  export { default } from 'tercet/compat/xmpp-jid';
}
