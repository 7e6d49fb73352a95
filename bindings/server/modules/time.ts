/*
 * Entity time (XEP-0202): the server's clock, in UTC.
 */
import { xml } from '../../builder.js';
import type { ServerModule } from '../module.js';

const ns = 'urn:xmpp:time';

export function time(): ServerModule {
  return {
    name: 'time',
    features: [ns],
    requests: [
      {
        name: 'time',
        ns,
        at: ['server'],
        get: (_payload, { server }) => {
          const utc = new Date(server.date()).toISOString();
          return xml('time', { xmlns: ns }, xml('tzo', {}, '+00:00'), xml('utc', {}, utc));
        },
      },
    ],
  };
}
