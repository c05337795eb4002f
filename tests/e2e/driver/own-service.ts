import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type ManagedProcess, startManaged, waitFor } from '../../system/desktop/managed-process.ts';
import { SOON_MS } from './patience.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const AnnouncementSchema = z.looseObject({ event: z.literal('listening'), url: z.url() });

/** A simulated service as somebody starts it from a console: a process of its own, which the app knows nothing of. */
export class OwnService {
  /** What it says on standard output. */
  readonly announced: z.infer<typeof AnnouncementSchema>;
  readonly #process: ManagedProcess;

  private constructor(process: ManagedProcess, announced: z.infer<typeof AnnouncementSchema>) {
    this.#process = process;
    this.announced = announced;
  }

  static async start(args: readonly [string, ...string[]], env: Readonly<Record<string, string>>): Promise<OwnService> {
    const started = await startManaged([process.execPath, `${ROOT}simulators/index.ts`, ...args], env);
    await waitFor(
      `the ${args[0]} simulator to listen`,
      () => {
        if (!started.alive) throw new Error(`it ended: ${started.output}`);
        return started.stdout.includes('\n');
      },
      SOON_MS,
    );
    const [line = ''] = started.stdout.split('\n');
    return new OwnService(started, AnnouncementSchema.parse(JSON.parse(line)));
  }

  get origin(): string {
    return new URL(this.announced.url).origin;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
