import { join } from 'node:path';
import { z } from 'zod';
import { type FileReading, readJsonFile, removeFile, type TrustedOwner, writeJsonFile } from './json-file.ts';

const shortText = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u);

const common = {
  version: z.literal(1),
  /** The random token made at enrollment; says nothing about the person. */
  userId: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  displayName: shortText,
  /** Unix ms; null until the enrollment was finished. */
  enrolledAtWall: z.int().nullable(),
  /** A phone is registered and its approval was tried: only then the workstation is guarded. */
  registered: z.boolean(),
};
const appId = z.string().min(1).max(200);

/**
 * Who is enrolled and with what service. No secret is in here: those are in the keychain, under names made from `userId`.
 */
export const EnrollmentRecordSchema = z.discriminatedUnion('mode', [
  z.strictObject({
    ...common,
    mode: z.literal('trial'),
    trial: z.literal(true),
    appId,
    /** Where the simulated service listened last, so that its phone page keeps its address. */
    simulatorPort: z.int().min(1).max(65_535),
  }),
  z.strictObject({
    ...common,
    mode: z.literal('embedded'),
    trial: z.literal(false),
    profile: z.enum(['activeconnect', 'iampass']),
    /** Null: the profile's own address. */
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .nullable(),
    appId,
  }),
  z.strictObject({
    ...common,
    mode: z.literal('shared'),
    trial: z.literal(false),
    gatewayUrl: z.url({ protocol: /^wss?$/ }).max(500),
  }),
]);
export type EnrollmentRecord = z.infer<typeof EnrollmentRecordSchema>;

export interface EnrollmentRecordFile {
  /** Never throws. `invalid`: somebody is enrolled, but it cannot be read who; that is not the same as nobody. */
  read(): Promise<FileReading<EnrollmentRecord>>;
  /** @throws when it cannot be written. */
  write(record: EnrollmentRecord): Promise<void>;
  /** Removing what is not there succeeds. @throws when it cannot be removed. */
  remove(): Promise<void>;
}

export function createEnrollmentRecordFile(userDataDirectory: string, owner: TrustedOwner): EnrollmentRecordFile {
  const path = join(userDataDirectory, 'enrollment.json');
  return {
    read: () => readJsonFile(path, EnrollmentRecordSchema, owner),
    write: (record) => writeJsonFile(path, record),
    async remove() {
      await removeFile(path);
    },
  };
}
