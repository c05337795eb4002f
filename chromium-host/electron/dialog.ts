import { existsSync, mkdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { theHost } from '../host.ts';
import { implementedOnly } from '../stand-in.ts';
import { app } from './app.ts';

type SaveArguments =
  | [window: Electron.BaseWindow, options: Electron.SaveDialogOptions]
  | [options: Electron.SaveDialogOptions];

/**
 * There is no file chooser here: the answer is the download folder and the name that the app suggested, numbered where that is taken,
 * because nobody can be asked whether to write over it.
 */
export const dialog = implementedOnly('electron.dialog', {
  async showSaveDialog(...args: SaveArguments): Promise<Electron.SaveDialogReturnValue> {
    const options = args.length === 2 ? args[1] : args[0];
    const filePath = freeNameIn(app.getPath('downloads'), basename(options.defaultPath ?? 'untitled'));
    theHost().report('save-dialog', { filePath });
    console.error(`chromium-host: the app saves ${filePath}`);
    return { canceled: false, filePath };
  },
}) satisfies Partial<Electron.Dialog>;

function freeNameIn(folder: string, name: string): string {
  mkdirSync(folder, { recursive: true });
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  let path = join(folder, name);
  for (let number = 2; existsSync(path); number += 1) path = join(folder, `${stem} (${number})${extension}`);
  return path;
}
