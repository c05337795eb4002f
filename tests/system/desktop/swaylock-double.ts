import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestTaken } from '../../os/lock-adapter-contract.ts';

/**
 * swaylock from 1.8 on, as far as its parent can tell, where only an older one is installed: `--help` lists `--ready-fd`, `-R <fd>` gets a
 * newline when nothing can be seen, SIGUSR1 unlocks and ends it. It shows nothing.
 */
export interface SwaylockDouble {
  /** To stand first on PATH. */
  readonly folder: string;
  obey(how: RequestTaken): Promise<void>;
}

export async function swaylockDouble(parent: string): Promise<SwaylockDouble> {
  const folder = join(parent, 'swaylock-double');
  const mode = join(folder, 'mode');
  await mkdir(folder, { recursive: true });
  const program = join(folder, 'swaylock');
  await writeFile(
    program,
    `#!/bin/sh
ready=
while [ $# -gt 0 ]; do
  case "$1" in
    --help) echo '  -R, --ready-fd <fd>  File descriptor to send readiness notifications to.'; exit 0 ;;
    -R) ready=$2; shift ;;
    -f) echo 'would leave its parent' >&2; exit 3 ;;
  esac
  shift
done
[ "$ready" = 3 ] || { echo 'no descriptor' >&2; exit 2; }
trap 'exit 0' USR1
case "$(cat '${mode}')" in
  normally) echo >&3 ;;
  late) sleep 0.8; echo >&3 ;;
  refused) exit 1 ;;
  'by dying') kill -9 $$ ;;
esac
while :; do sleep 0.02; done
`,
  );
  await chmod(program, 0o755);
  const obey = async (how: RequestTaken): Promise<void> => await writeFile(mode, how);
  await obey('normally');
  return { folder, obey };
}
