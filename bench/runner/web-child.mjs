/**
 * One subject's page or worker, with the face of child.mjs. `send(message)` brings a message there and its answer back;
 * `opening` is a promise of it. `clock` says whose time counts: that of the answer, or that of the message's whole way
 * where the inside has no clock that runs.
 */
export class WebChild {
  #opening;
  #messages;
  #insideClock;
  #close;

  constructor({ opening, messages, insideClock, close }) {
    this.#opening = opening;
    opening.catch(() => {});
    this.#messages = messages;
    this.#insideClock = insideClock;
    this.#close = close;
  }

  /** The answer to the next message of those it was made with. */
  async answer() {
    return this.#send(this.#messages.shift());
  }

  async order(text) {
    await this.#send({ load: text });
    const before = performance.now();
    const work = await this.#send({ run: text });
    const wall = this.#insideClock ? work.wall : (performance.now() - before) * 1000;
    return { ...work, cpu: wall, wall };
  }

  stop() {
    this.#opening.then(this.#close, () => {});
  }

  async #send(message) {
    const { send } = await this.#opening;
    return send(message);
  }
}
