import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createSystemClock } from '../../../gateway/clock.ts';
import { RunningProcess } from '../running-process.ts';
import { MethodsUnderTest } from './methods-under-test.ts';
import { request, withApp } from './set-up.ts';

const PERMITS = 30;
const TAKERS = 2;
/** For two processes to start on a busy machine. */
const START_MS = 1_500;

let host: MethodsUnderTest;
const started: RunningProcess[] = [];
afterEach(async () => {
  for (const each of started) each.kill();
  await host.close();
});

test('permits that two gateways on one file take at the same time are each taken by one of them', async () => {
  host = await MethodsUnderTest.start({ clock: createSystemClock() });
  const { configId } = await withApp(host);
  const ids: string[] = [];
  for (let permit = 0; permit < PERMITS; permit += 1) ids.push(await request(host, configId));
  // What so many codes would do, half an hour long.
  host.database.change("UPDATE confirmation SET status = '085-confirmed'");
  const task = { file: host.file, key: host.key.toString('base64'), ids, beginAt: Date.now() + START_MS };
  const taskFile = join(dirname(host.file), 'task.json');
  writeFileSync(taskFile, JSON.stringify(task), { mode: 0o600 });
  for (let taker = 0; taker < TAKERS; taker += 1) {
    started.push(new RunningProcess([join(import.meta.dirname, 'take-permits.ts'), taskFile]));
  }
  const exits = await Promise.all(started.map((each) => each.end()));
  expect([exits, ...started.map(({ stderr }) => stderr)]).toEqual([[0, 0], '', '']);
  const taken = started.flatMap(({ stdout }) => z.array(z.string()).parse(JSON.parse(stdout)));
  expect(taken.toSorted()).toEqual(ids.toSorted());
});
