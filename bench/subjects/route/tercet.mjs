/** tercet: the router's batches. Sessions are available, with priority 0; every account knows the sender. */

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
      return {
        write(chunk) {
          for (const batch of seat.feed(chunk)) {
            for (let index = 0; index < batch.count; index++) {
              batch.target(index).write(batch.bytes, batch.start(index), batch.end(index));
              delivered += batch.stanzaCount(index);
            }
            for (const verdict of batch.verdicts) {
              for (const target of verdict.targets) {
                target.write(verdict.bytes, 0, verdict.bytes.length);
              }
              delivered += verdict.type === 'deliver' ? 1 : 0;
            }
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
