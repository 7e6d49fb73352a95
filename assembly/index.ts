/*
 * The exports of the whole core: those of the parser and of addresses, which are builds of their own too, and
 * those of the router. docs/ABI.md explains them and abi.ts has their numbers.
 */
export * from './index-parser';
export {
  jid_ascii,
  jid_control_ptr,
  jid_input_ptr,
  jid_nfc,
  jid_parse,
  jid_parse_utf8,
  jid_part,
  jid_unicode,
} from './index-jid';
export * from './router/calls';
export { stanza_jid } from './stanza-jid';
