import { beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import * as electron from 'electron';
import { createSaveDialog } from '../../main/electron/save-dialog.electron.ts';
import { dialog, forgetEverything } from './fake-electron.ts';

beforeEach(forgetEverything);

const statusWindow = new electron.BrowserWindow({});
const open = { showing: () => [statusWindow] };

describe('the save dialog', () => {
  it('stands in front of the status window and begins in the download folder', async () => {
    dialog.answer = { canceled: false, filePath: '/home/ada/chosen.jsonl' };
    expect(await createSaveDialog(open).ask('copy.jsonl')).toBe('/home/ada/chosen.jsonl');
    expect(dialog.shown).toHaveLength(1);
    expect(dialog.shown[0]?.parent).toBe(statusWindow);
    expect(dialog.shown[0]?.options.defaultPath).toBe('/paths/downloads/copy.jsonl');
  });

  it('answers with nothing when the person chose nowhere', async () => {
    expect(await createSaveDialog(open).ask('copy.jsonl')).toBeNull();
  });

  it('is not opened twice, and not without a status window', async () => {
    const asking = createSaveDialog(open);
    await Promise.all([asking.ask('copy.jsonl'), asking.ask('copy.jsonl')]);
    expect(dialog.shown).toHaveLength(1);
    expect(await createSaveDialog({ showing: () => [] }).ask('copy.jsonl')).toBeNull();
    expect(dialog.shown).toHaveLength(1);
  });
});
