const GENERATED = /(<!-- table: (.+?) -->\n)([\s\S]*?)(<!-- end of table -->)/g;

/** Puts every table of `make` between its markers, e.g. `<!-- table: error codes -->` … `<!-- end of table -->`. */
export function withTables(markdown: string, make: (name: string) => string): string {
  return markdown.replace(GENERATED, (_all, open: string, name: string, _old, close: string) => {
    return `${open}\n${make(name)}\n\n${close}`;
  });
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Names of the tables that a page shows. */
export function tableNames(markdown: string): readonly string[] {
  return [...markdown.matchAll(GENERATED)].map((match) => match[2] ?? '');
}

/** Targets of links and pictures, code blocks left out. */
export function linkTargets(markdown: string): readonly string[] {
  return [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

/** Anchors that headings get on the usual hosting sites. */
export function headingAnchors(markdown: string): readonly string[] {
  return [...withoutCode(markdown).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

/** Names of npm scripts that the text tells the reader to run. */
export function npmScripts(markdown: string): readonly string[] {
  return [...markdown.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map((match) => match[1] ?? match[2] ?? '');
}

/** Blocks that begin with e.g. ```` ```json policy ````: examples that must be what the product accepts. */
export function examples(markdown: string): readonly { readonly kind: string; readonly text: string }[] {
  return [...markdown.matchAll(/^```json (\S+)\n([\s\S]*?)^```/gm)].map((match) => ({
    kind: match[1] ?? '',
    text: match[2] ?? '',
  }));
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ''));
}
