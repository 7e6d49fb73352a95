/**
 * Small tasks on one stanza, the same for both harnesses. A task is `{ case, subject, run }`; `run` returns something
 * that depends on the work, and the harness keeps it.
 */

import { createElement, parse as ltxParse } from 'ltx';
import { entryUrl, reason } from '../subjects/package.mjs';
import * as plain from './plain.mjs';
import { message } from './samples.mjs';

const tercet = reason === '' ? await import(entryUrl()) : undefined;

/** How often a task repeats its work inside one call: a clock read costs about as much as a small task. */
export const repetitions = 50;

const body = 'Wherefore art thou & thy name?';
const attributes = {
  from: 'juliet@example.com/balcony',
  to: 'romeo@example.net',
  type: 'chat',
  id: 'b4c1-77',
};
const states = { xmlns: 'http://jabber.org/protocol/chatstates' };
const receipts = { xmlns: 'urn:xmpp:receipts' };
const bytes = new TextEncoder().encode(message);

const subjects = {
  ...(tercet === undefined
    ? {}
    : {
        tercet: {
          parse: () => tercet.parse(message),
          bytes: () => tercet.parse(bytes),
          text: (element) => element.toString(),
          body: (element) => element.child('body').text,
          build: () =>
            tercet.xml(
              'message',
              attributes,
              tercet.xml('body', {}, body),
              tercet.xml('active', states),
              tercet.xml('request', receipts),
            ),
        },
      }),
  ltx: {
    parse: () => ltxParse(message),
    bytes: () => ltxParse(Buffer.from(bytes).toString()),
    text: (element) => element.toString(),
    body: (element) => element.getChildText('body'),
    build: () =>
      createElement(
        'message',
        attributes,
        createElement('body', {}, body),
        createElement('active', states),
        createElement('request', receipts),
      ),
  },
  'plain-js': {
    parse: () => plain.parse(message),
    bytes: () => plain.parse(Buffer.from(bytes).toString()),
    text: plain.serialize,
    body: (element) => element.children.find((child) => child.name === 'body').children[0],
    build: () =>
      plain.element(
        'message',
        attributes,
        plain.element('body', {}, body),
        plain.element('active', states),
        plain.element('request', receipts),
      ),
  },
};

const cases = {
  'parse-string': (subject) => subject.parse,
  'parse-bytes': (subject) => subject.bytes,
  'parse-and-read': (subject) => () => {
    const element = subject.parse();
    return element.attrs.to.length + subject.body(element).length;
  },
  build: (subject) => subject.build,
  serialize: (subject) => {
    const element = subject.build();
    return () => subject.text(element);
  },
  'parse-and-serialize': (subject) => () => subject.text(subject.parse()),
};

export const caseNames = Object.keys(cases);
export const subjectNames = ['tercet', 'ltx', 'plain-js'];

/** The last results, so that no engine can leave the work out. */
export const kept = new Array(repetitions).fill(undefined);

export const tasks = Object.entries(cases).flatMap(([name, make]) =>
  Object.entries(subjects).map(([subject, functions]) => {
    const once = make(functions);
    return {
      case: name,
      subject,
      once,
      run() {
        for (let index = 0; index < repetitions; index++) kept[index] = once();
      },
    };
  }),
);
