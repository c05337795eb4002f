import { join } from 'node:path';
import { type PolicyOverride, PolicyOverrideSchema } from '../../protocol/policy.ts';
import {
  type EffectivePolicy,
  effectivePolicy,
  MACHINE_POLICY_WHEN_UNREADABLE,
  type PolicyLayers,
} from '../core/policy.ts';
import { watchFiles } from './file-watch.ts';
import { type FileReading, readJsonFile, removeFile, type TrustedOwner, writeJsonFile } from './json-file.ts';

export interface PolicyFilesOptions {
  readonly userDataDirectory: string;
  readonly machinePolicyFile: string;
  /** Owner of the user's files; `null` on Windows. */
  readonly user: TrustedOwner;
  /** Owner a machine-wide policy must have to be believed: root, or `null` on Windows. */
  readonly administrator: TrustedOwner;
  readonly pollIntervalMs?: number;
}

/** Root, where the OS has one. */
export const administratorOf = (platform: NodeJS.Platform): TrustedOwner => (platform === 'win32' ? null : { uid: 0 });

/** The policy that holds, and what is wrong with the files it comes from. */
export interface PolicyReading extends EffectivePolicy {
  readonly layers: PolicyLayers;
  /** A sentence, or null. */
  readonly problem: string | null;
}

export interface PolicyFiles {
  /** Reads all files anew. Never throws: a file that cannot be used is replaced by what guards more, and reported. */
  read(): Promise<PolicyReading>;
  /** @throws when the file cannot be written. */
  writeUser(override: PolicyOverride): Promise<void>;
  /**
   * Keeps what the gateway asked for, so that it holds after a restart without the gateway too. `null` forgets it: another
   * gateway, or none. @throws when the file cannot be written.
   */
  writeGateway(override: PolicyOverride | null): Promise<void>;
  /** Calls back with the new reading after any of the files changed. @returns a function that stops watching. */
  watch(onChanged: (reading: PolicyReading) => void): Promise<() => void>;
}

export function createPolicyFiles(options: PolicyFilesOptions): PolicyFiles {
  const userFile = join(options.userDataDirectory, 'policy.json');
  const gatewayFile = join(options.userDataDirectory, 'gateway-policy.json');
  const { machinePolicyFile } = options;

  async function read(): Promise<PolicyReading> {
    const [user, machine, gateway] = await Promise.all([
      readJsonFile(userFile, PolicyOverrideSchema, options.user),
      readJsonFile(machinePolicyFile, PolicyOverrideSchema, options.administrator),
      readJsonFile(gatewayFile, PolicyOverrideSchema, options.user),
    ]);
    const layers: PolicyLayers = {
      user: statedIn(user, {}),
      machine: statedIn(machine, MACHINE_POLICY_WHEN_UNREADABLE),
      gateway: statedIn(gateway, {}),
    };
    const problems = [machine, user, gateway].flatMap((reading) =>
      reading.kind === 'invalid' ? [reading.problem] : [],
    );
    return { ...effectivePolicy(layers), layers, problem: problems.length === 0 ? null : problems.join(' ') };
  }

  return {
    read,
    writeUser: (override) => writeJsonFile(userFile, override),
    async writeGateway(override) {
      if (override === null) await removeFile(gatewayFile);
      else await writeJsonFile(gatewayFile, override);
    },
    watch: (onChanged) =>
      watchFiles([userFile, machinePolicyFile, gatewayFile], () => void read().then(onChanged), options.pollIntervalMs),
  };
}

function statedIn(reading: FileReading<PolicyOverride>, whenUnusable: PolicyOverride): PolicyOverride {
  switch (reading.kind) {
    case 'absent':
      return {};
    case 'invalid':
      return whenUnusable;
    case 'valid':
      return reading.value;
  }
}
