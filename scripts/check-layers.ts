import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importsOf } from './layers/imports-of.ts';
import { brokenRule, layerOf } from './layers/rules.ts';

/** Folders that hold no TypeScript of ours, wherever they are. */
const NOT_SOURCE: readonly string[] = ['node_modules', 'out', 'dist', '.setup', '.git'];

/** @returns one line per broken import rule in the tree below `root`: `file:line message`. */
export function layerProblems(root: string): { readonly files: number; readonly problems: readonly string[] } {
  const files = globSync('*/**/*.{ts,tsx}', { cwd: root, exclude: (name) => NOT_SOURCE.includes(name) }).map((file) =>
    file.replaceAll('\\', '/'),
  );
  return { files: files.length, problems: files.sort().flatMap((file) => problemsOf(root, file)) };
}

function problemsOf(root: string, file: string): readonly string[] {
  const layer = layerOf(file);
  if (layer === undefined) return [`${file}:1 ${brokenRule(file, file)}`];
  if (layer.mayImport === 'any') return [];
  return importsOf(file, readFileSync(join(root, file), 'utf8')).flatMap(({ specifier, line }) => {
    if (specifier === null) {
      if (layer.computesImports) return [];
      return [
        `${file}:${line} ${layer.name} must not compute what it imports: name the module, so that this check can judge it`,
      ];
    }
    if (!specifier.startsWith('.') && !specifier.startsWith('/')) return [];
    const target = posix.join(dirname(file), specifier.replace(/\?.*$/, ''));
    const broken = brokenRule(file, target);
    return broken === null ? [] : [`${file}:${line} ${broken}`];
  });
}

if (import.meta.main) {
  const { files, problems } = layerProblems(join(dirname(fileURLToPath(import.meta.url)), '..'));
  for (const problem of problems) console.error(problem);
  console.log(problems.length === 0 ? `${files} files keep to their layers` : `${problems.length} broken import rules`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
