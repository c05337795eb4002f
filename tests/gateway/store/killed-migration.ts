import { openDatabase } from '../../../gateway/store/database.ts';
import { MIGRATIONS } from '../../../gateway/store/migrations/all.ts';

/** A process that is killed in the middle of a migration. */
const [, , file = ''] = process.argv;
await openDatabase({
  file,
  key: Buffer.alloc(32, 7),
  migrations: [
    ...MIGRATIONS,
    {
      name: 'killed half-way',
      up: (database) => {
        database.exec('CREATE TABLE half_done (id INTEGER) STRICT; DROP TABLE confirmation;');
        process.stdout.write('half-way\n');
        process.kill(process.pid, 'SIGKILL');
        // The signal may take a moment; nothing after it must be reached.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_000);
      },
    },
  ],
});
