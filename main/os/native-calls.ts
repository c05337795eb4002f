import { z } from 'zod';

/** The system functions that lock a screen or tell about it, behind a port so that the adapters can be tested anywhere. */
export interface NativeCalls {
  /** user32 `BOOL LockWorkStation(void)`. @returns whether Windows accepted the request. @throws when it cannot be called. */
  lockWorkStation(): Promise<boolean>;
  /** login.framework `int SACLockScreenImmediate(void)`. @returns its status, 0 for success. @throws when the symbol is missing. */
  sacLockScreenImmediate(): Promise<number>;
  /** wtsapi32 `BOOL WTSRegisterSessionNotification(HWND, NOTIFY_FOR_THIS_SESSION)`. @returns whether Windows accepted. */
  registerSessionNotification(windowHandle: bigint): Promise<boolean>;
}

/** Private, undocumented, and what current tools call since `CGSession -suspend` is gone (OS-NOTES, macOS). */
const LOGIN_FRAMEWORK = '/System/Library/PrivateFrameworks/login.framework/Versions/Current/login';

/** wtsapi32.h: only changes of the session the window belongs to. */
const NOTIFY_FOR_THIS_SESSION = 0;

const statusSchema = z.number().int();

/** Loads koffi on the first call only: Linux never pays for it, and a machine where it does not load still has its other rungs. */
export const koffiNativeCalls: NativeCalls = {
  async lockWorkStation() {
    const koffi = await import('koffi');
    const lock = koffi.load('user32.dll').func('__stdcall', 'LockWorkStation', 'int', []);
    return statusSchema.parse(lock()) !== 0;
  },
  async sacLockScreenImmediate() {
    const koffi = await import('koffi');
    const lock = koffi.load(LOGIN_FRAMEWORK).func('SACLockScreenImmediate', 'int', []);
    return statusSchema.parse(lock());
  },
  async registerSessionNotification(windowHandle) {
    const koffi = await import('koffi');
    const register = koffi
      .load('wtsapi32.dll')
      .func('__stdcall', 'WTSRegisterSessionNotification', 'int', ['uintptr_t', 'uint32_t']);
    return statusSchema.parse(register(windowHandle, NOTIFY_FOR_THIS_SESSION)) !== 0;
  },
};
