import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestTaken } from '../../os/lock-adapter-contract.ts';
import { findProgram } from './tools.ts';

/** A program of a given name that does what the test says: by default the real thing, with the real arguments. */
export interface ObedientProgram {
  /** To stand first on PATH. */
  readonly folder: string;
  obey(how: RequestTaken): Promise<void>;
  /** Ends what was started and only pretends to run. */
  endPretenders(): Promise<void>;
}

/** @param parent where its folder is made. @param name a program that is installed. @throws when it is not. */
export async function obedientProgram(parent: string, name: string): Promise<ObedientProgram> {
  const real = findProgram(name);
  if (real === null) throw new Error(`${name} is not installed`);
  const folder = join(parent, `obedient-${name}`);
  const mode = join(folder, 'mode');
  const pretenders = join(folder, 'pretenders');
  await mkdir(folder, { recursive: true });
  await writeFile(pretenders, '');
  await writeFile(
    join(folder, name),
    `#!/bin/sh
case "$(cat '${mode}')" in
  late) sleep 0.8; exec '${real}' "$@" ;;
  never|'without locking') echo $$ >> '${pretenders}'; [ "${name}" = i3lock ] || [ "$(cat '${mode}')" = never ] || exit 0; exec sleep 30 ;;
  refused) echo 'refused' >&2; exit 1 ;;
  'by dying') kill -9 $$ ;;
  *) exec '${real}' "$@" ;;
esac
`,
  );
  await chmod(join(folder, name), 0o755);
  const obey = async (how: RequestTaken): Promise<void> => await writeFile(mode, how);
  await obey('normally');
  return {
    folder,
    obey,
    endPretenders: async () => {
      for (const line of (await readFile(pretenders, 'utf8')).split('\n').filter((it) => it !== ''))
        endIfSleeping(Number(line));
      await writeFile(pretenders, '');
    },
  };
}

function endIfSleeping(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
