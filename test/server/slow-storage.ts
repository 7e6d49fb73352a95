/*
 * Storage in memory that says it lasts, with commits that are made when a test says so.
 */
import { MemoryStorage } from 'tercet/server';

export class SlowStorage extends MemoryStorage {
  override readonly isLasting = true;
  override writeCount = 0;
  finish: (error?: Error) => void = () => undefined;

  override set(collection: string, owner: string, key: string, value: string): void {
    this.writeCount += 1;
    super.set(collection, owner, key, value);
  }

  override commit(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.finish = (error) => (error ? reject(error) : resolve());
    });
  }
}
