/** The suites, in the order of the report. */
export const suiteNames = [
  'tokenizer',
  'trees',
  'frames',
  'streams',
  'startup',
  'jid',
  'route',
  'server',
  'ltx',
  'micro',
];
