import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { createEnrollmentRecordFile } from '../../../main/settings/enrollment-record.ts';
import { createGuardingSwitch } from '../../../main/settings/guarding-switch.ts';
import { MAX_SETTINGS_FILE_BYTES } from '../../../main/settings/json-file.ts';
import { createPolicyFiles } from '../../../main/settings/policy-files.ts';
import { applySettingEdit } from '../../../main/settings/settings-view.ts';
import { PolicySchema } from '../../../protocol/policy.ts';
import { mutatedText, type Recipe, recipes } from '../mutation.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';
import { WHO, watchedGuard } from '../watched-guard.ts';

interface File {
  readonly which: 'user-policy' | 'machine-policy' | 'gateway-policy' | 'enrollment' | 'guarding';
  readonly content: Recipe;
  readonly kind: 'file' | 'writable-by-others' | 'folder' | 'link' | 'padded';
  /** An edit of the settings page, made on what the files say. */
  readonly edit: { readonly key: string; readonly value: string | number | boolean };
}

const files: fc.Arbitrary<File> = fc.record({
  which: fc.constantFrom('user-policy', 'machine-policy', 'gateway-policy', 'enrollment', 'guarding'),
  content: recipes,
  kind: fc.oneof(
    { weight: 9, arbitrary: fc.constant('file' as const) },
    { weight: 1, arbitrary: fc.constantFrom('writable-by-others', 'folder', 'link', 'padded') },
  ),
  edit: fc.record({
    key: fc.oneof(
      fc.constantFrom(...Object.keys(PolicySchema.shape)),
      fc.constantFrom('__proto__', 'constructor', 'toString', ''),
      fc.string({ unit: 'binary', maxLength: 10 }),
    ),
    value: fc.oneof(fc.double(), fc.boolean(), fc.string({ maxLength: 20 }), fc.nat({ max: 500 })),
  }),
});

const NAMES: Readonly<Record<File['which'], string>> = {
  'user-policy': 'policy.json',
  'machine-policy': 'machine-policy.json',
  'gateway-policy': 'gateway-policy.json',
  enrollment: 'enrollment.json',
  guarding: 'guarding-off.json',
};
const POLICIES = [
  { leaseMs: 20_000, offline: 'code', allowDisable: false },
  { walkawayGraceMs: 0, networkGraceMs: 300_000, unlockOnApproval: 'session' },
  { ...PolicySchema.parse({}) },
];
const COMMON = {
  version: 1,
  userId: 'AAAAAAAAAAAAAAAAAAAAAA',
  displayName: 'Ada',
  enrolledAtWall: 1,
  registered: true,
};
const ENROLLMENTS = [
  { ...COMMON, mode: 'trial', trial: true, appId: 'a', simulatorPort: 4_000 },
  { ...COMMON, mode: 'embedded', trial: false, profile: 'iampass', baseUrl: null, appId: 'a' },
  { ...COMMON, mode: 'shared', trial: false, gatewayUrl: 'wss://gw.example/' },
];
const MARKERS = [
  { sinceWall: 1_700_000_000_000, by: 0 },
  { sinceWall: 1, by: null },
];

/** Files of the app's own folder and the machine's policy, as a crash, a wrong program or somebody with an editor leaves them. */
export function settingsTarget(): FuzzTarget<File> {
  return { name: 'settings', inputs: files, open: async () => new SettingsFolder() };
}

class SettingsFolder {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fuzz-settings-'));
  readonly #me = process.getuid === undefined ? null : { uid: process.getuid() };
  readonly #policies = createPolicyFiles({
    userDataDirectory: this.#folder,
    machinePolicyFile: join(this.#folder, NAMES['machine-policy']),
    user: this.#me,
    administrator: this.#me,
  });
  readonly #enrollment = createEnrollmentRecordFile(this.#folder, this.#me);
  readonly #guarding = createGuardingSwitch(this.#folder, this.#me);

  async feed(file: File): Promise<string> {
    const path = join(this.#folder, NAMES[file.which]);
    const text = textOf(file);
    put(path, file, text);
    try {
      return await this.#read(file, text);
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #read(file: File, text: string): Promise<string> {
    const trusted = file.kind === 'file' || file.kind === 'link';
    switch (file.which) {
      case 'enrollment': {
        const reading = await this.#enrollment.read();
        if (reading.kind === 'valid' && !trusted) throw new FuzzViolation(`believed a ${file.kind}`);
        if (reading.kind === 'absent') throw new FuzzViolation('a file that cannot be read counts as nobody enrolled');
        return reading.kind;
      }
      case 'guarding': {
        const reading = await this.#guarding.read();
        if (!reading.guarding && !(trusted && isMarker(text)))
          throw new FuzzViolation('guarding was switched off by what is no marker');
        return reading.guarding ? 'invalid' : 'valid';
      }
      case 'user-policy':
      case 'machine-policy':
      case 'gateway-policy':
        return this.#readPolicies(file);
    }
  }

  async #readPolicies(file: File): Promise<string> {
    const reading = await this.#policies.read();
    const { policy } = reading;
    if (!PolicySchema.safeParse(policy).success) throw new FuzzViolation('a policy outside its limits');
    const stated = Object.values(reading.layers).some((layer) => Object.keys(layer).length > 0);
    if (file.kind !== 'file' && file.kind !== 'link' && reading.problem === null)
      throw new FuzzViolation(`a ${file.kind} was not reported`);
    const watched = watchedGuard({ policy });
    watched.tell({ type: 'policy.changed' });
    watched.tell({ type: 'enrollment.changed', enrollment: WHO });
    watched.time.pass(policy.approvalTimeoutMs);
    watched.mustBeShut('by a policy');
    const edited = applySettingEdit(reading, file.edit.key, file.edit.value);
    if (edited.ok && !Object.hasOwn(PolicySchema.shape, file.edit.key))
      throw new FuzzViolation(`an edit of what is no setting: ${file.edit.key}`);
    return reading.problem !== null ? 'invalid' : stated ? 'valid' : 'says nothing';
  }
}

function textOf(file: File): string {
  const examples =
    file.which === 'enrollment' ? ENROLLMENTS : file.which === 'guarding' ? MARKERS : (POLICIES as readonly unknown[]);
  const text = mutatedText(file.content, examples);
  return file.kind === 'padded' ? text + ' '.repeat(MAX_SETTINGS_FILE_BYTES) : text;
}

function put(path: string, file: File, text: string): void {
  rmSync(path, { recursive: true, force: true });
  if (file.kind === 'folder') {
    mkdirSync(path);
    return;
  }
  if (file.kind === 'link') {
    writeFileSync(`${path}.target`, text, { mode: 0o600 });
    symlinkSync(`${path}.target`, path);
    return;
  }
  writeFileSync(path, text, { mode: 0o600 });
  if (file.kind === 'writable-by-others') chmodSync(path, 0o666);
}

/** Said a second time, in another way than the schema's. */
function isMarker(text: string): boolean {
  const claimed: unknown = JSON.parse(text);
  if (typeof claimed !== 'object' || claimed === null || Array.isArray(claimed)) return false;
  const { sinceWall, by, ...more } = { sinceWall: undefined, by: undefined, ...claimed };
  const count = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 0;
  return Object.keys(more).length === 0 && count(sinceWall) && (by === null || count(by));
}
