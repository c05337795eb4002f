import { notImplemented } from '../stand-in.ts';

/** What a utility process may import from `electron`. None of it is here. */
export const net = notImplemented('electron.net (in a utility process)');
export const systemPreferences = notImplemented('electron.systemPreferences (in a utility process)');
