/*
 * The embedded server inside one Durable Object, which stays awake as long as somebody is connected.
 */
import { DurableObject } from 'cloudflare:workers';
import { MemoryAccounts, createServer } from 'tercet/server';
import { upgrade } from 'tercet/workers';

interface Env {
  readonly CHAT: DurableObjectNamespace;
}

export default {
  fetch: (request: Request, { CHAT }: Env): Promise<Response> =>
    CHAT.get(CHAT.idFromName('chat')).fetch(request),
};

export class Chat extends DurableObject<Env> {
  readonly #accounts = new MemoryAccounts();
  readonly #server = createServer({ domain: 'localhost', accounts: this.#accounts });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      await this.#accounts.set('juliet', 'localhost', 'balcony');
      await this.#accounts.set('romeo', 'localhost', 'orchard');
    });
  }

  override fetch(request: Request): Response {
    return upgrade(request, this.#server);
  }
}
