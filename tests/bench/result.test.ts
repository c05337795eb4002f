import { describe, expect, it } from 'vitest';
import { BenchResultSchema, figureOf } from '../../scripts/bench/result.ts';
import { GROUPS, runGroups } from '../../scripts/bench/run.ts';
import { machineLine, tableOf } from '../../scripts/bench/table.ts';

const QUICK = { quick: true, profileTo: null, say: () => undefined };

describe('a figure', () => {
  const measured = { name: 'some.figure', title: 'some | figure', unit: 'ms', values: [1, 2, 3, 40.123_456] } as const;

  it('says whether its aim is met by the statistic that the aim is about', () => {
    const aimed = (below: number) => figureOf({ ...measured, aim: { statistic: 'p95', below } }).aim?.met;
    expect([aimed(40), aimed(41)]).toEqual([false, true]);
    expect(figureOf({ ...measured, aim: { statistic: 'median', below: 3 } }).aim?.met).toBe(true);
  });

  it('that was not measured at all is refused', () => {
    expect(() => figureOf({ ...measured, values: [] })).toThrow(RangeError);
  });

  it('stands in the table with its numbers and its missed aim', () => {
    const table = tableOf([figureOf({ ...measured, title: 'one', aim: { statistic: 'p99', below: 10 } })]);
    const [head, line, row] = table.split('\n').map((text) => text.split('|').map((cell) => cell.trim()));
    expect(head).toEqual(['', 'figure', 'unit', 'n', 'median', 'p95', 'p99', 'max', 'aim', '']);
    expect(line?.slice(1, -1).every((cell) => /^-+$/.test(cell))).toBe(true);
    expect(row).toEqual(['', 'one', 'ms', '4', '2', '40.1', '40.1', '40.1', 'p99 < 10: MISSED', '']);
  });
});

describe('the bench', () => {
  it('measures main in this process and says so in the agreed form', async () => {
    const groups = GROUPS.filter(({ name }) => name === 'frame');
    const result = await runGroups(groups, 'npm run bench -- --only frame --quick', QUICK);
    expect(BenchResultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
    expect(result.figures.map(({ name, n }) => [name, n])).toEqual([['main.frame-to-lock', 50]]);
    expect(machineLine(result)).toContain(`Node ${process.versions.node}`);
  });

  it.skipIf(process.platform !== 'linux')('loads a gateway and a bare server, each alone in its process', async () => {
    const groups = GROUPS.filter(({ name }) => name === 'gateway');
    const { figures } = await runGroups(groups, 'npm run bench -- --only gateway --quick', QUICK);
    const of = (name: string) => figures.find((figure) => figure.name === name);
    expect(of('gateway.200.poll')?.n).toBeGreaterThan(0);
    expect(of('bare.200.poll')?.n).toBeGreaterThan(0);
    expect(of('ratio.200.cpu')?.aim).toMatchObject({ below: 2 });
    expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length);
  });

  it('names what a machine lacks and goes on with the others', async () => {
    const lacking = {
      name: 'desktop',
      lacks: () => ['a desktop'],
      run: () => Promise.reject(new Error('must not run')),
    };
    const other = {
      name: 'other',
      lacks: () => [],
      run: async () => [figureOf({ name: 'x', title: 'x', unit: 'ms', values: [1] })],
    };
    const result = await runGroups([lacking, other], 'npm run bench', QUICK);
    expect(result.skipped).toEqual([{ group: 'desktop', why: 'this machine lacks a desktop' }]);
    expect(result.figures).toHaveLength(1);
  });
});
