import { createHmac, randomBytes } from 'node:crypto';
import nodeMachineId from 'node-machine-id';

/**
 * Label of the keyed hash. machine-id(5): the raw id must not leave the machine; applications derive their own with a keyed hash. The
 * version is part of the label so that a change of the derivation gives other ids instead of wrong ones.
 */
const DEVICE_ID_KEY = 'presence-locker device id v1';
/** Bytes of a random id where the machine has none. */
const RANDOM_ID_BYTES = 16;
/** node-machine-id falls back to the host name when there is no machine id; a name is neither secret nor unique. */
const MACHINE_ID_FORM = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** Keeps the random id of a machine without machine id (a container, a live system), e.g. a file in the application's folder. */
export interface FallbackIdStore {
  /** null when none was stored yet. */
  read(): Promise<string | null>;
  write(id: string): Promise<void>;
}

/** This machine has no usable id and no fallback was given or it failed. */
export class NoDeviceId extends Error {
  override readonly name = 'NoDeviceId';
}

/**
 * @param readMachineId gives the raw id. Default node-machine-id.
 * @returns 64 hex digits, the same for every start on this machine.
 * @throws NoDeviceId
 */
export async function readDeviceId(
  fallback: FallbackIdStore,
  readMachineId: () => Promise<string> = async () => await nodeMachineId.machineId(true),
): Promise<string> {
  const raw = await readMachineId().then(
    (id) => id.trim(),
    () => '', // no such file, no such tool: the same as an empty id
  );
  if (MACHINE_ID_FORM.test(raw) && !/^0+$/.test(raw.replaceAll('-', ''))) return keyedHash(raw.toLowerCase());
  try {
    return keyedHash(await storedRandomId(fallback));
  } catch (error) {
    throw new NoDeviceId('this machine has no machine id, and a random one could not be kept', { cause: error });
  }
}

async function storedRandomId(fallback: FallbackIdStore): Promise<string> {
  const stored = await fallback.read();
  if (stored !== null && MACHINE_ID_FORM.test(stored)) return stored;
  const fresh = randomBytes(RANDOM_ID_BYTES).toString('hex');
  await fallback.write(fresh);
  return fresh;
}

function keyedHash(id: string): string {
  return createHmac('sha256', DEVICE_ID_KEY).update(id).digest('hex');
}
