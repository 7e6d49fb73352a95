/**
 * tercet: the router's batches. Sessions are available, with priority 0; every account knows the sender. The sink has taken
 * the bytes when `write` returns, as a socket has that writes at once, and so their memory is given back.
 */

import { entryUrl } from '../package.mjs';

const { Router } = await import(entryUrl());

export function open(sessions) {
  const accounts = { exists: () => true, knows: () => true };
  const router = new Router({ domains: ['example.com'], accounts, keepsKnown: true });
  for (const [full, session] of sessions) router.bind(full, session).available();
  return {
    connect(sender) {
      const seat = router.bind(sender, undefined);
      seat.open();
      let delivered = 0;
      const take = (batch) => {
        for (let index = 0; index < batch.count; index++) {
          batch.target(index).write(batch.bytes, batch.start(index), batch.end(index));
          delivered += batch.stanzaCount(index);
        }
        for (const { type, targets, bytes } of batch.verdicts) {
          for (const target of targets) target.write(bytes, 0, bytes.length);
          delivered += type === 'deliver' ? 1 : 0;
        }
        batch.release();
      };
      return {
        write(chunk) {
          let batch = seat.take(chunk);
          take(batch);
          while (batch.isMore) {
            batch = seat.more();
            take(batch);
          }
        },
        close() {
          seat.unbind();
          return delivered;
        },
      };
    },
  };
}
