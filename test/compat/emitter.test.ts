/*
 * The emitter of runtimes that have none, beside Node's: the same story ends in the same words.
 */
import { EventEmitter as NodeEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { EventEmitter, PlainEmitter } from '../../dist/bindings/compat/emitter.js';
import type { Emitter } from '../../dist/bindings/compat/emitter.js';

test('here it is that of Node', () => {
  expect(EventEmitter).toBe(NodeEmitter);
});

const stories: Record<string, (emitter: Emitter, say: (word: string) => void) => void> = {
  'listeners are called in order, with the values': (emitter, say) => {
    emitter.on('a', (x: number, y: number) => say(`first ${x} ${y}`));
    emitter.addListener('a', () => say('second'));
    emitter.prependListener('a', () => say('before'));
    emitter.prependOnceListener('a', () => say('once before'));
    say(`${emitter.emit('a', 1, 2)} ${emitter.emit('a', 3, 4)} ${emitter.emit('b')}`);
  },
  'once is once': (emitter, say) => {
    emitter.once('a', () => say('a'));
    emitter.emit('a');
    say(`${emitter.emit('a')} ${emitter.listenerCount('a')}`);
  },
  'listeners are removed': (emitter, say) => {
    const listener = (): void => say('heard');
    emitter.on('a', listener).on('a', listener).once('a', listener);
    emitter.off('a', listener).removeListener('a', listener);
    emitter.emit('a');
    say(`${emitter.listenerCount('a')} ${emitter.listeners('a').length}`);
    emitter.off('a', listener).off('a', listener).off('b', listener);
    say(`${emitter.emit('a')} ${emitter.eventNames().join()}`);
  },
  'all listeners are removed': (emitter, say) => {
    emitter.on('a', () => say('a')).on('b', () => say('b'));
    emitter.removeAllListeners('a');
    say(`${emitter.emit('a')} ${emitter.emit('b')}`);
    emitter.removeAllListeners();
    say(`${emitter.emit('b')}`);
  },
  'changes while it runs wait': (emitter, say) => {
    const second = (): void => say('second');
    emitter.on('a', () => {
      emitter.off('a', second);
      emitter.on('a', () => say('third'));
      say('first');
    });
    emitter.on('a', second);
    emitter.emit('a');
    say('again');
    emitter.emit('a');
  },
  'an error that nobody hears is thrown': (emitter, say) => {
    const error = new Error('of the peer');
    try {
      emitter.emit('error', error);
    } catch (reason) {
      say(`${reason === error}`);
    }
    emitter.on('error', ({ message }: Error) => say(message));
    say(`${emitter.emit('error', error)}`);
  },
  'this is the emitter': (emitter, say) => {
    emitter.on('a', function (this: unknown) {
      say(`${this === emitter}`);
    });
    emitter.emit('a');
  },
  'a listener is a function': (emitter, say) => {
    try {
      emitter.on('a', 1 as never);
    } catch (reason) {
      say(`${reason instanceof TypeError}`);
    }
  },
  'new listeners are told of': (emitter, say) => {
    emitter.on('newListener', (event: string) => say(`new ${event}`));
    emitter.on('a', () => undefined);
    say(`${emitter.setMaxListeners(3).getMaxListeners()}`);
  },
};

test.each(Object.entries(stories))('%s', (_name, story) => {
  const told = (emitter: Emitter): string[] => {
    const words: string[] = [];
    story(emitter, (word) => words.push(word));
    return words;
  };
  const plain = told(new PlainEmitter());
  expect(plain).toEqual(told(new NodeEmitter() as unknown as Emitter));
  expect(plain).not.toEqual([]);
});
