/** Where the numbers of requests come from: `getLastMessageId`, `removeOutgoingMessage` and callbacks know them by these. */

export interface IMessageIdProvider {
  /** Null where none is free. */
  allocate(): number | null;
  getLastAllocated(): number | null;
  /** False where it is taken. */
  register(num: number): boolean;
  deallocate(num: number): void;
  clear(): void;
}

const MOST = 0xffff;

/** One after the other. */
export class DefaultMessageIdProvider implements IMessageIdProvider {
  #next = 1 + Math.floor(Math.random() * MOST);

  allocate(): number | null {
    const id = this.#next;
    this.#next = id === MOST ? 1 : id + 1;
    return id;
  }

  getLastAllocated(): number | null {
    return this.#next === 1 ? MOST : this.#next - 1;
  }

  register(_num: number): boolean {
    return true;
  }

  deallocate(_num: number): void {}

  clear(): void {}
}

/** The least that is free. */
export class UniqueMessageIdProvider implements IMessageIdProvider {
  readonly #taken = new Set<number>();
  #last: number | null = null;

  allocate(): number | null {
    let id = 1;
    while (this.#taken.has(id)) {
      id++;
    }
    if (id > MOST) {
      return null;
    }
    this.#taken.add(id);
    this.#last = id;
    return id;
  }

  getLastAllocated(): number | null {
    return this.#last;
  }

  register(num: number): boolean {
    const free = !this.#taken.has(num);
    this.#taken.add(num);
    return free;
  }

  deallocate(num: number): void {
    this.#taken.delete(num);
  }

  clear(): void {
    this.#taken.clear();
  }
}
