/** A value that tells its watchers when it changes. Svelte reads cells as stores. */
export interface Readable<T> {
  get(): T;
  subscribe(run: (value: T) => void): () => void;
}

export class Cell<T> implements Readable<T> {
  #value: T;
  readonly #watchers = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const watcher of [...this.#watchers]) watcher(value);
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  subscribe(run: (value: T) => void): () => void {
    this.#watchers.add(run);
    run(this.#value);
    return () => void this.#watchers.delete(run);
  }
}

/** Everything that undoes something: subscriptions, listeners, timers. */
export class Cleanup {
  #tasks: (() => void)[] = [];

  add(task: () => void): void {
    this.#tasks.push(task);
  }

  run(): void {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks.reverse()) task();
  }
}
