/** A computer: while it sleeps nothing on it runs, and its timers stand still as Node's do on Linux. */
export class Computer {
  readonly name: string;
  sleptSince: number | null = null;
  /** What its wall clock is off by. */
  wallOffsetMs = 0;

  constructor(name: string) {
    this.name = name;
  }
}

/** Something that runs on a computer and can die: its timers die with it. `computer` null: the world itself. */
export class Process {
  readonly computer: Computer | null;
  alive = true;

  constructor(computer: Computer | null) {
    this.computer = computer;
  }
}

interface Timer {
  at: number;
  readonly order: number;
  readonly process: Process;
  /** null: cancelled. */
  task: (() => void) | null;
}

const EPOCH_MS = 1_700_000_000_000;

/** The one time of the simulated world. It does not pass: it jumps to whatever is due next. */
export class VirtualTime {
  now = 0;
  /** Things that happened, cancelled ones not counted. */
  events = 0;
  #orders = 0;
  readonly #heap: Timer[] = [];

  wallOf(computer: Computer | null): number {
    return EPOCH_MS + this.now + (computer?.wallOffsetMs ?? 0);
  }

  /** As Node's setTimeout: whole milliseconds, and never less than one. */
  timeout(delayMs: number, process: Process, task: () => void): () => void {
    return this.after(Math.max(1, Math.trunc(delayMs)), process, task);
  }

  /** @returns a function that cancels it. */
  after(delayMs: number, process: Process, task: () => void): () => void {
    this.#orders += 1;
    const timer: Timer = { at: this.now + Math.max(0, delayMs), order: this.#orders, process, task };
    this.#push(timer);
    return () => {
      timer.task = null;
    };
  }

  /** When the next thing happens, or null when nothing is left. */
  nextAt(): number | null {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (top.task !== null && top.process.alive) {
        if (top.process.computer === null || top.process.computer.sleptSince === null) return top.at;
        // Due while its computer sleeps: `wake` puts it back.
        this.#frozen.push(top);
      }
      this.#pop();
    }
    return null;
  }

  /** Runs what is due next; only after `nextAt` said when. */
  runNext(): void {
    const timer = this.#pop();
    const task = timer?.task;
    if (timer === undefined || task === null || task === undefined) return;
    timer.task = null;
    this.now = timer.at;
    this.events += 1;
    task();
  }

  sleep(computer: Computer): void {
    computer.sleptSince ??= this.now;
  }

  /** Every timer of the computer is due later by the time slept. */
  wake(computer: Computer): void {
    if (computer.sleptSince === null) return;
    const sleptMs = this.now - computer.sleptSince;
    computer.sleptSince = null;
    const timers = [...this.#heap.splice(0), ...this.#frozen.splice(0)];
    for (const timer of timers) {
      if (timer.task === null || !timer.process.alive) continue;
      if (timer.process.computer === computer) timer.at += sleptMs;
      this.#push(timer);
    }
  }

  readonly #frozen: Timer[] = [];

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(timer, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = timer;
  }

  #pop(): Timer | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const rightIsFirst = right !== undefined && isBefore(right, left);
      const child = rightIsFirst ? right : left;
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = 2 * index + (rightIsFirst ? 2 : 1);
    }
    heap[index] = last;
    return top;
  }
}

const isBefore = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
