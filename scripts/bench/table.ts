import type { BenchResult, Figure } from './result.ts';

const HEAD = ['figure', 'unit', 'n', 'median', 'p95', 'p99', 'max', 'aim'] as const;

/** A table that is Markdown, so that it can stand in docs/performance.md as it was printed. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.title,
    figure.unit,
    String(figure.n),
    ...[figure.median, figure.p95, figure.p99, figure.max].map(shown),
    aimOf(figure),
  ]);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export function machineLine({ machine, quick, startedAtWall, seconds }: BenchResult): string {
  const { cores, processor, memoryGiB, system, node, loadAverage } = machine;
  const when = new Date(startedAtWall).toISOString().slice(0, 10);
  const load = loadAverage.map((value) => value.toFixed(2)).join(' ');
  const mode = quick ? ' (quick: not to be quoted)' : '';
  return `${when}: ${cores} × ${processor}, ${memoryGiB} GiB, ${system}, Node ${node}; load average at the start ${load}; took ${Math.round(seconds)} s${mode}`;
}

/** Three significant digits are more than a run on a machine with other work can promise. */
function shown(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

function aimOf({ aim }: Figure): string {
  return aim === null ? '' : `${aim.statistic} < ${aim.below}: ${aim.met ? 'met' : 'MISSED'}`;
}
