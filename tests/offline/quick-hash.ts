import { createHash } from 'node:crypto';
import type { HashRecoveryCode } from '../../main/offline/recovery-code.ts';

/** In place of scrypt, whose slowness is its purpose. */
export const quickHash: HashRecoveryCode = async (canonical, salt) =>
  createHash('sha256').update(salt).update(canonical).digest();
