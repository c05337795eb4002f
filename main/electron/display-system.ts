/** What decides how a window can cover a display. Wayland gives an application neither position nor "always on top". */
export type DisplaySystem = 'macos' | 'windows' | 'x11' | 'wayland';

/**
 * @param runtime what the process was started with. Electron follows the session type since version 38 unless told otherwise.
 */
export function displaySystemOf(runtime: {
  readonly platform: NodeJS.Platform;
  readonly env: { readonly XDG_SESSION_TYPE?: string | undefined; readonly WAYLAND_DISPLAY?: string | undefined };
  readonly argv: readonly string[];
}): DisplaySystem {
  if (runtime.platform === 'darwin') return 'macos';
  if (runtime.platform === 'win32') return 'windows';
  const chosen = runtime.argv.find((argument) => argument.startsWith('--ozone-platform='));
  if (chosen !== undefined) return chosen === '--ozone-platform=wayland' ? 'wayland' : 'x11';
  return runtime.env.XDG_SESSION_TYPE === 'wayland' && runtime.env.WAYLAND_DISPLAY !== undefined ? 'wayland' : 'x11';
}
