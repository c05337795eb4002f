import { join } from 'node:path';
import { app, dialog } from 'electron';
import type { HardenedWindows } from './hardened-windows.electron.ts';

export interface SaveDialog {
  /**
   * Asks the person where to save, beginning in their download folder.
   * @returns the path, or null when they chose nowhere. Asked again while it is open: null.
   */
  ask(suggestedName: string): Promise<string | null>;
}

/** The system's own dialog, in front of the status window, so that the page never learns or names a path. */
export function createSaveDialog(windows: Pick<HardenedWindows, 'showing'>): SaveDialog {
  let open = false;
  return {
    async ask(suggestedName) {
      const parent = windows.showing(['status'])[0];
      if (parent === undefined || open) return null;
      open = true;
      try {
        const { canceled, filePath } = await dialog.showSaveDialog(parent, {
          defaultPath: join(app.getPath('downloads'), suggestedName),
          properties: ['createDirectory', 'showOverwriteConfirmation'],
        });
        return canceled || filePath === '' ? null : filePath;
      } finally {
        open = false;
      }
    },
  };
}
