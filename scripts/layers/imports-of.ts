import { parseSync, Visitor } from 'vite';

export interface FoundImport {
  /** As written; `null` when it is computed at run time and cannot be judged. */
  readonly specifier: string | null;
  /** 1-based. */
  readonly line: number;
}

/** Every way a TypeScript module can name another: import, export from, import(), require(), import type, import x = require(). */
export function importsOf(fileName: string, source: string): readonly FoundImport[] {
  const parsed = parseSync(fileName, source);
  const problem = parsed.errors[0];
  if (problem !== undefined) throw new Error(`${fileName} cannot be parsed: ${problem.message}`);
  const found: FoundImport[] = [];
  const add = (node: { readonly start: number; readonly value?: unknown } | null | undefined): void => {
    if (node === null || node === undefined) return;
    const specifier = typeof node.value === 'string' ? node.value : null;
    found.push({ specifier, line: source.slice(0, node.start).split('\n').length });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    TSExternalModuleReference: (node) => add(node.expression),
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require') add(node.arguments[0]);
    },
  }).visit(parsed.program);
  return found;
}
