// What the tests use of @xmpp/client, which comes without types.

declare module '@xmpp/client' {
  export interface XmlElement {
    readonly name: string;
    readonly attrs: Readonly<Record<string, string | undefined>>;
    is(name: string, xmlns?: string): boolean;
    getChild(name: string, xmlns?: string): XmlElement | undefined;
    getChildText(name: string): string | null;
    toString(): string;
  }

  export interface Client {
    readonly jid: { toString(): string } | null;
    /** Milliseconds for a stream to open or to close. */
    timeout: number;
    readonly reconnect: { stop(): void };
    readonly streamManagement: {
      readonly id: string;
      once(event: 'resumed', listener: () => void): void;
    };
    readonly iqCaller: {
      get(payload: XmlElement, to?: string): Promise<XmlElement | undefined>;
      set(payload: XmlElement, to?: string): Promise<XmlElement | undefined>;
    };
    readonly iqCallee: {
      get(ns: string, name: string, answer: () => XmlElement): void;
    };
    connect(service: string): Promise<unknown>;
    open(options: { readonly domain: string }): Promise<unknown>;
    stop(): Promise<unknown>;
    send(element: XmlElement): Promise<void>;
    on(event: 'stanza', listener: (stanza: XmlElement) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    once(event: 'online' | 'open' | 'disconnect', listener: () => void): void;
    once(event: 'error', listener: (error: Error) => void): void;
  }

  export function client(options: {
    readonly service: string;
    readonly domain: string;
    readonly username: string;
    readonly password: string;
    readonly resource?: string;
  }): Client;

  export function xml(
    name: string,
    attrs?: Readonly<Record<string, string>> | string,
    ...children: (XmlElement | string)[]
  ): XmlElement;
}
