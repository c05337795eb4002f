/**
 * DESIGN §3 as a table: who may import whom, judged by where the imported file really lies and not by how the import is
 * written. What concerns packages (`electron`, `ws`, `node:*`) stands in biome.json, where an editor shows it at once.
 */
export interface Layer {
  readonly name: string;
  /** Folders, from the root of the repository. */
  readonly owns: readonly string[];
  /** Names of the layers it may import besides itself, `main/*` for all of main's; `'any'` for what is never part of the product. */
  readonly mayImport: readonly string[] | 'any';
  /** What to use instead, said to who broke the rule. */
  readonly instead: string;
  /** It may import what is only known at run time; everywhere else this check must be able to read the name. */
  readonly computesImports?: true;
}

/** Every folder of main/ besides the core: link, os, electron, secrets, runtime, settings, enrollment and whatever comes. */
function adapterLayer(name: string): Layer {
  return {
    name: `main/${name}`,
    owns: [`main/${name}/`],
    mayImport: ['protocol', 'main/core'],
    instead:
      'the folders beside main/core do not know each other: declare a port in main/core/ports.ts, implement it here, and let main/index.ts connect the two',
  };
}

/** Files directly in main/: index.ts, the only one that knows everybody, the command line and what they are wired from. */
const COMPOSITION_ROOT: Layer = {
  name: 'main/index.ts',
  owns: [],
  mayImport: ['protocol', 'main/*'],
  instead:
    'main reaches the gateway through frames (protocol/frames.ts), its processes through protocol/embedded.ts and pages through protocol/ipc.ts',
};

const LAYERS: readonly Layer[] = [
  {
    name: 'protocol',
    owns: ['protocol/'],
    mayImport: [],
    instead:
      'protocol holds schemas, policy and error codes that everybody reads: move what is needed here into protocol/',
  },
  {
    name: 'main/core',
    owns: ['main/core/'],
    mayImport: ['protocol'],
    instead: 'the core is pure: take what is needed as an event or as a port of main/core/ports.ts',
  },
  {
    name: 'preload',
    owns: ['preload/'],
    mayImport: ['protocol'],
    instead:
      'the preload is one function per capability: describe the channel in protocol/ipc.ts and let main do the work',
  },
  {
    name: 'renderer/shared',
    owns: ['renderer/shared/'],
    mayImport: ['protocol'],
    instead: 'what all pages share knows no page: take it as a property',
  },
  {
    name: 'renderer',
    owns: ['renderer/'],
    mayImport: ['protocol', 'renderer/shared'],
    instead: 'a page knows only the bridge of protocol/ipc.ts and the view model of protocol/view-model.ts',
  },
  {
    name: 'approver page',
    owns: ['gateway/approver/web/'],
    mayImport: ['protocol', 'renderer/shared'],
    instead:
      'the phone’s page knows the gateway only through protocol/approver.ts (its types: zod would be a third of the page) and shares the look in renderer/shared/',
  },
  {
    name: 'administrator’s calls',
    owns: ['gateway/admin/wire/'],
    mayImport: ['protocol'],
    instead: 'the calls are schemas that command and gateway both read: what does the work is in gateway/admin/',
  },
  {
    name: 'administrator’s command',
    owns: ['gateway/admin/command/'],
    mayImport: ['protocol', 'administrator’s calls'],
    instead:
      'the command asks the running gateway over its socket (gateway/admin/wire/calls.ts) and never works on the database beside it: sessions would stay open and nothing would be in the audit log',
  },
  {
    name: 'gateway',
    owns: ['gateway/'],
    mayImport: ['protocol', 'administrator’s calls', 'administrator’s command'],
    instead: 'gateway and main share only protocol: move what both need into protocol/',
  },
  {
    name: 'library',
    owns: ['library/'],
    mayImport: ['protocol', 'gateway'],
    instead:
      'the library only names what the package exports: the clients themselves are the gateway’s, in gateway/providers/',
  },
  {
    name: 'command',
    owns: ['command/'],
    mayImport: ['protocol', 'library', 'gateway', 'main/index.ts', 'main/core', 'main/secrets'],
    instead:
      'the command puts the library and the console words of main/cli.ts together; it guards nothing and needs nothing else of main',
  },
  {
    name: 'simulators',
    owns: ['simulators/'],
    mayImport: ['protocol'],
    instead:
      'a simulator must not share code with what it tests: write it again here from the vendor’s documentation (only protocol/ is shared)',
  },
  {
    name: 'chromium-host',
    owns: ['chromium-host/'],
    mayImport: ['protocol'],
    instead: 'the host stands in for electron and knows nothing of the product: it runs the bundle in out/',
    computesImports: true,
  },
  { name: 'scripts', owns: ['scripts/', 'build/icons/'], mayImport: 'any', instead: '' },
  { name: 'tests', owns: ['tests/'], mayImport: 'any', instead: '' },
];

/** @param file from the root of the repository, with forward slashes. */
export function layerOf(file: string): Layer | undefined {
  const named = LAYERS.find((layer) => layer.owns.some((folder) => file.startsWith(folder)));
  if (named !== undefined || !file.startsWith('main/')) return named;
  const folder = file.split('/').slice(1, -1)[0];
  return folder === undefined ? COMPOSITION_ROOT : adapterLayer(folder);
}

/** @returns the broken rule with what to use instead, or `null`. */
export function brokenRule(fromFile: string, toFile: string): string | null {
  const from = layerOf(fromFile);
  if (from === undefined) return 'belongs to no layer: put it into a folder of scripts/layers/rules.ts';
  if (from.mayImport === 'any') return null;
  const to = layerOf(toFile);
  if (to?.name === from.name) return null;
  if (to !== undefined && from.mayImport.some((name) => covers(name, to.name))) return null;
  return `${from.name} must not import ${to?.name ?? toFile}: ${from.instead}`;
}

function covers(allowed: string, name: string): boolean {
  return allowed.endsWith('*') ? name.startsWith(allowed.slice(0, -1)) : name === allowed;
}
