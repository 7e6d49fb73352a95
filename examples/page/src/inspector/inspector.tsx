/*
 * The inspector: what the engine says of a stream, of addresses and of a route.
 */
import { Tabs } from '../tabs.tsx';
import { AddressInspector } from './addresses.tsx';
import { RouteInspector } from './route.tsx';
import { StreamInspector } from './stream.tsx';

const sections = [
  { id: 'stream', title: 'Stream', content: <StreamInspector /> },
  { id: 'addresses', title: 'Addresses', content: <AddressInspector /> },
  { id: 'route', title: 'Route', content: <RouteInspector /> },
];

export function Inspector() {
  return <Tabs label="What to inspect" sections={sections} />;
}
