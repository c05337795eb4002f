import { openDatabase } from '../../../gateway/store/database.ts';

const [, , file = ''] = process.argv;
(await openDatabase({ file, key: Buffer.alloc(32, 7) })).close();
