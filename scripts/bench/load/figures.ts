import type { Extent, Group } from '../groups.ts';
import { type Figure, figureOf } from '../result.ts';
import { type LoadedServerFigures, type LoadOptions, loadServer } from './gateway-load.ts';

const POLL_INTERVAL_MS = 5_000;
const QUICK_POLL_INTERVAL_MS = 1_000;
const COUNTS = [1_000, 10_000] as const;
const QUICK_COUNTS = [200] as const;
const MEASURE_SECONDS = 30;
const QUICK_MEASURE_SECONDS = 2;
const BYTES_PER_KIBIBYTE = 1_024;
/** Gateway to bare server. */
const MEMORY_AIM = 1.5;
const CPU_AIM = 2;

export const GATEWAY_LOAD: Group = {
  name: 'gateway',
  lacks: () => (process.platform === 'linux' ? [] : ['Linux (/proc, and a loopback network of many addresses)']),
  async run(extent) {
    const figures: Figure[] = [];
    for (const count of extent.quick ? QUICK_COUNTS : COUNTS) figures.push(...(await loadOf(count, extent)));
    return figures;
  },
};

async function loadOf(workstations: number, extent: Extent): Promise<readonly Figure[]> {
  const seconds = extent.quick ? QUICK_MEASURE_SECONDS : MEASURE_SECONDS;
  const pollIntervalMs = extent.quick ? QUICK_POLL_INTERVAL_MS : POLL_INTERVAL_MS;
  const options: LoadOptions = { workstations, pollIntervalMs, measureSeconds: seconds };
  extent.say(`${workstations} workstations polling a bare ws server`);
  const bare = await loadServer('echo', options);
  extent.say(`${workstations} workstations polling the gateway`);
  const profiled = extent.profileTo === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${extent.profileTo}`];
  const gateway = await loadServer('gateway', { ...options, nodeOptions: profiled });
  const [bareHeld, gatewayHeld] = [bare, gateway].map(
    ({ rssPerConnection, youngPerConnection }) => rssPerConnection - youngPerConnection,
  );
  return [
    ...figuresOf(`gateway.${workstations}`, `gateway, ${workstations} workstations`, gateway),
    ...figuresOf(`bare.${workstations}`, `bare ws server, ${workstations} workstations`, bare),
    ratio('memory', 'resident memory', gateway.rssPerConnection / bare.rssPerConnection, MEMORY_AIM),
    ratio('held', 'resident memory without the young generation', (gatewayHeld ?? 0) / (bareHeld ?? 1)),
    ratio('cpu', 'CPU', sum(gateway.cpuPercent) / sum(bare.cpuPercent), CPU_AIM),
  ];

  function ratio(name: string, title: string, value: number, below?: number): Figure {
    return figureOf({
      name: `ratio.${workstations}.${name}`,
      title: `gateway to bare server, ${workstations} workstations: ${title}`,
      unit: 'times',
      values: [value],
      ...(below === undefined ? {} : { aim: { statistic: 'median', below } }),
    });
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function figuresOf(name: string, title: string, of: LoadedServerFigures): readonly Figure[] {
  const kibibytes = (bytes: number): readonly number[] => [bytes / BYTES_PER_KIBIBYTE];
  const youngless = of.rssPerConnection - of.youngPerConnection;
  return [
    figureOf({ name: `${name}.poll`, title: `${title}: poll to answer`, unit: 'ms', values: of.latenciesMs }),
    figureOf({ name: `${name}.cpu`, title: `${title}: CPU`, unit: '% of a core', values: of.cpuPercent }),
    figureOf({
      name: `${name}.memory`,
      title: `${title}: resident memory per connection`,
      unit: 'KiB',
      values: kibibytes(of.rssPerConnection),
    }),
    figureOf({
      name: `${name}.held`,
      title: `${title}: the same without the young generation`,
      unit: 'KiB',
      values: kibibytes(youngless),
    }),
    figureOf({
      name: `${name}.heap`,
      title: `${title}: JavaScript heap per connection`,
      unit: 'KiB',
      values: kibibytes(of.heapPerConnection),
    }),
    figureOf({
      name: `${name}.up`,
      title: `${title}: all connected and active`,
      unit: 'ms',
      values: [of.connectedInMs],
    }),
    figureOf({
      name: `${name}.frames`,
      title: `${title}: frames it sent`,
      unit: 'per second',
      values: [of.framesSentPerSecond],
    }),
  ];
}
