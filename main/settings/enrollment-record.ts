import { join } from 'node:path';
import { z } from 'zod';
import { assertNever } from '../../protocol/result.ts';
import { type FileReading, readJsonFile, removeFile, type TrustedOwner, writeJsonFile } from './json-file.ts';

const shortText = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u);

const commonOf = <V extends number>(version: V) => ({
  version: z.literal(version),
  /** The random token made at enrollment; says nothing about the person. */
  userId: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  displayName: shortText,
  /** Unix ms; null until the enrollment was finished. */
  enrolledAtWall: z.int().nullable(),
  /** A phone is registered and its approval was tried: only then the workstation is guarded. */
  registered: z.boolean(),
});
const appId = z.string().min(1).max(200);
const address = z.url({ protocol: /^https?$/ }).max(500);

const trialOf = <V extends number>(version: V) =>
  z.strictObject({
    ...commonOf(version),
    mode: z.literal('trial'),
    trial: z.literal(true),
    appId,
    /** Where the simulated service listened last, so that its phone page keeps its address. */
    simulatorPort: z.int().min(1).max(65_535),
  });
const sharedOf = <V extends number>(version: V) =>
  z.strictObject({
    ...commonOf(version),
    mode: z.literal('shared'),
    trial: z.literal(false),
    gatewayUrl: z.url({ protocol: /^wss?$/ }).max(500),
  });
const ownOf = <V extends number>(version: V) => ({
  ...commonOf(version),
  mode: z.literal('embedded'),
  trial: z.literal(false),
});
const activeconnectFields = {
  profile: z.enum(['activeconnect', 'iampass']),
  /** Null: the profile's own address. */
  baseUrl: address.nullable(),
  appId,
};

/**
 * Who is enrolled and with what service. No secret is in here: those are in the keychain, under names made from `userId`.
 */
export const EnrollmentRecordSchema = z.discriminatedUnion('mode', [
  trialOf(2),
  z.discriminatedUnion('kind', [
    z.strictObject({ ...ownOf(2), kind: z.literal('activeconnect'), ...activeconnectFields }),
    z.strictObject({
      ...ownOf(2),
      kind: z.literal('authsignal'),
      /** Null: the vendor's default region. */
      apiUrl: address.nullable(),
    }),
    z.strictObject({
      ...ownOf(2),
      kind: z.literal('wcd-2factor'),
      baseUrl: address,
      /** Null, here and below: the usual one. */
      prefix: z.string().min(1).max(200).nullable(),
      headerName: z.string().min(1).max(80).nullable(),
      headerTemplate: z.string().min(1).max(500).nullable(),
      outOfBandMethods: z.array(z.string().min(1).max(128)).max(16).readonly(),
    }),
  ]),
  sharedOf(2),
]);
export type EnrollmentRecord = z.infer<typeof EnrollmentRecordSchema>;

/** As written before there was more than one kind of service. Read for ever: an update must not make strangers of enrolled people. */
const FirstVersionSchema = z
  .discriminatedUnion('mode', [trialOf(1), z.strictObject({ ...ownOf(1), ...activeconnectFields }), sharedOf(1)])
  .transform((record): EnrollmentRecord => {
    switch (record.mode) {
      case 'embedded':
        return { ...record, version: 2, kind: 'activeconnect' };
      case 'trial':
        return { ...record, version: 2 };
      case 'shared':
        return { ...record, version: 2 };
      default:
        return assertNever(record, 'enrollment record');
    }
  });
const AnyVersionSchema = z.union([EnrollmentRecordSchema, FirstVersionSchema]);

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
    read: () => readJsonFile(path, AnyVersionSchema, owner),
    write: (record) => writeJsonFile(path, record),
    async remove() {
      await removeFile(path);
    },
  };
}
