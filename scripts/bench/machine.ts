import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import type { Machine } from './result.ts';

const BYTES_PER_GIBIBYTE = 2 ** 30;

export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cores: processors.length,
    processor: processors[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / BYTES_PER_GIBIBYTE),
    system: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
    loadAverage: loadavg(),
  };
}
