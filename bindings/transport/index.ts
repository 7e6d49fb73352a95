/*
 * Framings of the transports, for hosts that drive the machines of `tercet/protocol` themselves. Still
 * without sockets.
 */
import '../wasm/full.js';

export { tcpFraming } from './tcp.js';
export { webSocketFraming, webSocketProtocol } from './websocket.js';
