import type { PowerMonitorSource } from '../../main/core/ports.ts';

/** Electron's power monitor under the test's control. */
export class FakePowerMonitor implements PowerMonitorSource {
  idleState: ReturnType<PowerMonitorSource['getSystemIdleState']> = 'active';
  idleSeconds = 0;
  readonly #listeners = new Map<string, Set<(code: number) => void>>();

  #add(event: string, listener: (code: number) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit(event: Parameters<PowerMonitorSource['on']>[0] | 'session-change', code = 0): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(code);
  }

  /** How many listeners are attached, over all events. */
  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, listeners) => sum + listeners.size, 0);
  }

  on: PowerMonitorSource['on'] = (event, listener) => this.#add(event, listener);
  onWindowsSessionChange = (listener: (code: number) => void): (() => void) => this.#add('session-change', listener);
  getSystemIdleState = (): ReturnType<PowerMonitorSource['getSystemIdleState']> => this.idleState;
  getSystemIdleTime = (): number => this.idleSeconds;
}
