import { readdir, readFile } from 'node:fs/promises';

/** The process of the app's own whose command line names a file, e.g. the embedded gateway. @throws when there is none. */
export async function childOfApp(appProcessId: number, file: string): Promise<number> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const id = Number(name);
    if ((await commandLineOf(id)).includes(file) && (await parentOf(id)) === appProcessId) return id;
  }
  throw new Error(`the app has no process running ${file}`);
}

const commandLineOf = (id: number): Promise<string> => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');

async function parentOf(id: number): Promise<number> {
  const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
  // The command name in parentheses may hold spaces; the parent comes second after it.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}
