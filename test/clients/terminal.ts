/*
 * A program with a full screen, in a terminal of tmux: keys go in, what the screen shows comes out. Each has a tmux
 * server of its own, so that nobody's sessions are touched.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

let count = 0;
const opened = new Set<Terminal>();

export class Terminal {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  static async open(command: readonly string[]): Promise<Terminal> {
    count += 1;
    const terminal = new Terminal(`tercet-${process.pid}-${count}`);
    opened.add(terminal);
    // The last line stays when the program ends, and says so.
    const line = command.map((word) => `'${word}'`).join(' ');
    await terminal.#tmux('new-session', '-d', '-x', '120', '-y', '50', `${line}; echo ENDED; cat`);
    return terminal;
  }

  /** Types a line and sends it off. */
  async type(line: string): Promise<void> {
    await this.#tmux('send-keys', '-l', line);
    await this.#tmux('send-keys', 'Enter');
  }

  /** What can be read now, lines that were too long joined again. */
  async screen(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-J');
  }

  /** Ends those that a failed test has left open. */
  static async closeAll(): Promise<void> {
    for (const terminal of opened) await terminal.close();
  }

  async close(): Promise<void> {
    opened.delete(this);
    await this.#tmux('kill-server');
  }

  async #tmux(...words: string[]): Promise<string> {
    const { stdout } = await execute('tmux', ['-L', this.#socket, '-f', '/dev/null', ...words], {
      env: { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm' },
    });
    return stdout;
  }
}
