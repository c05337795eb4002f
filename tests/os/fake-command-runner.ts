import type { CommandEnd, CommandRunner, RunningCommand } from '../../main/os/run-command.ts';

/** Runs nothing: answers from a table, and records what was asked for. */
export class FakeCommandRunner implements CommandRunner {
  readonly ran: string[] = [];
  readonly children: FakeChild[] = [];
  readonly #answers: Readonly<Record<string, { readonly code: number | null; readonly output: string }>>;

  #otherwise: (line: string) => Promise<{ readonly code: number; readonly output: string } | null> = async () => null;

  constructor(answers: Readonly<Record<string, { readonly code: number | null; readonly output: string }>> = {}) {
    this.#answers = answers;
  }

  /** For commands that are not in the table. */
  answerWith(otherwise: (line: string) => Promise<{ readonly code: number; readonly output: string }>): void {
    this.#otherwise = otherwise;
  }

  async run(argv: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
    const line = argv.join(' ');
    this.ran.push(line);
    const answer = this.#answers[line] ?? (await this.#otherwise(line));
    if (answer === null) throw new Error(`${argv[0]} could not be started: ENOENT`);
    return answer;
  }

  async startDetached(argv: readonly string[]): Promise<FakeChild> {
    this.ran.push(argv.join(' '));
    const child = new FakeChild();
    this.children.push(child);
    return child;
  }

  async startAnnouncing(argv: readonly string[]): Promise<FakeChild> {
    return await this.startDetached(argv);
  }

  async startTethered(argv: readonly string[]): Promise<FakeChild> {
    return await this.startDetached(argv);
  }
}

export class FakeChild implements RunningCommand {
  readonly processId = 4_711;
  readonly ended: Promise<CommandEnd>;
  readonly signals: string[] = [];
  readonly ready: Promise<boolean>;
  released = false;
  #end: (end: CommandEnd) => void = () => undefined;
  #ready: (ready: boolean) => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.ready = new Promise((resolve) => {
      this.#ready = resolve;
    });
  }

  signal(name: NodeJS.Signals): void {
    this.signals.push(name);
  }

  release(): void {
    this.released = true;
    this.end({ code: 0, signal: null });
  }

  sayReady(): void {
    this.#ready(true);
  }

  end(how: CommandEnd): void {
    this.#ready(false);
    this.#end(how);
  }
}
