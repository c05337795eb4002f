import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ControlClient } from '../../../chromium-host/control-client.ts';
import type { AppControl, AppHost } from './app-control.ts';
import { childOfApp } from './child-of-app.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const START = [join(ROOT, 'chromium-host/index.ts'), '--app', ROOT];
const SaveDialogSchema = z.looseObject({ filePath: z.string() });

/** The unmodified bundle on Node and a system Chromium, driven through the host's control channel. */
export const CHROMIUM_HOST: AppHost = {
  name: 'chromium-host',
  plainStart: (userData) => ({ file: process.execPath, args: [...START, '--user-data', userData] }),
  async launch({ env, userData, controlSocket, enter = [] }) {
    const app = [process.execPath, ...START, '--user-data', userData, '--control', controlSocket];
    const [program = process.execPath, ...args] = [...enter, ...app];
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    return {
      child,
      begin: async () => undefined, // Its pipe keeps what nobody read yet.
      control: async () => controlOver(await ControlClient.connect(controlSocket), child.pid ?? 0),
      controlAgain: async (processId) => controlOver(await ControlClient.connect(controlSocket), processId),
    };
  },
};

function controlOver(client: ControlClient, processId: number): AppControl {
  let lastHiddenAtWall = 0;
  client.on('event', ({ event }) => {
    if (event === 'window-hidden') lastHiddenAtWall = Date.now();
  });
  return {
    windows: () => client.call('windows', {}),
    async click(windowId, selector, timeoutMs) {
      await client.call('click', { windowId, selector, timeoutMs });
    },
    evaluate: async (windowId, expression) => (await client.call('evaluate', { windowId, expression })).value,
    textOf: async (windowId, selector, timeoutMs) =>
      (await client.call('waitForSelector', { windowId, selector, timeoutMs })).text,
    trayLabels: async () => (await client.call('trayMenu', {})).menu.map(({ label }) => label),
    async trayClick(label) {
      await client.call('trayClick', { label });
    },
    async killRenderer(windowId, timeoutMs) {
      const killed = (await client.call('windows', {})).find(({ id }) => id === windowId);
      await client.call('killRenderer', { windowId });
      await client.event(
        (event) => event.event === 'render-process-gone' && event['webContentsId'] === killed?.webContentsId,
        timeoutMs,
      );
    },
    savedFile: async (timeoutMs) =>
      SaveDialogSchema.parse(await client.event(({ event }) => event === 'save-dialog', timeoutMs)).filePath,
    gatewayProcessId: () => childOfApp(processId, 'gateway.js'),
    serviceProcessId: () => childOfApp(processId, 'simulator.js'),
    lastHiddenAtWall: async () => lastHiddenAtWall,
    close: () => client.close(),
  };
}
