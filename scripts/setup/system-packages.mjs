import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { quietly, ROOT, STATE } from './steps.mjs';

function onDebian() {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

function isRoot() {
  return process.getuid?.() === 0;
}

function commandExists(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}

/** Names of the wanted packages that this machine lacks. Where dpkg is not spoken, a package is judged by its command. */
export function missingPackages(wanted) {
  if (!onDebian())
    return wanted.filter((entry) => entry.command && !commandExists(entry.command)).map((entry) => entry.name);
  const asked = spawnSync(
    'dpkg-query',
    ['-W', '-f', `\${Package} \${db:Status-Status}\n`, ...wanted.map((entry) => entry.name)],
    {
      encoding: 'utf8',
    },
  );
  const installed = new Set(
    asked.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return wanted.filter((entry) => !installed.has(entry.name)).map((entry) => entry.name);
}

function aptGet(args, options) {
  quietly('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    ...options,
  });
}

export function systemPackages(wanted, doing) {
  const missing = missingPackages(wanted);
  if (missing.length === 0) return 'ok';
  if (!onDebian() || !isRoot()) {
    return `missing: ${missing.join(' ')} — ${
      onDebian()
        ? `install them with: sudo apt-get install ${missing.join(' ')}`
        : "install your system's packages for these"
    }; what needs them will say so`;
  }
  doing(`${missing.join(' ')} installing`);
  aptGet(['update']);
  aptGet(['install', '-y', '--no-install-recommends', ...missing]);
  return 'ok';
}

/** Unpacks without installing: for software that would push aside a part of the machine. */
export function unpackedPackages({ packages, into, provides }, doing) {
  const folder = join(ROOT, into);
  if (existsSync(join(folder, provides))) return 'ok';
  if (!onDebian())
    return `skipped: ${packages.join(' ')} can only be had on Debian; the tests that need it will say so`;
  doing('fetching');
  const downloads = join(STATE, 'downloads');
  mkdirSync(downloads, { recursive: true });
  const download = () => aptGet(['download', ...packages], { cwd: downloads });
  try {
    download();
  } catch (error) {
    if (!isRoot()) throw error;
    // A bare machine has no package lists yet.
    aptGet(['update']);
    download();
  }
  // Aside first and then moved as a whole: an interrupted set-up must not look like a finished one.
  const aside = `${folder}.unpacking`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  for (const file of readdirSync(downloads).filter((name) => name.endsWith('.deb'))) {
    quietly('dpkg', ['-x', join(downloads, file), aside]);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(aside, folder);
  rmSync(downloads, { recursive: true });
  return 'ok';
}
