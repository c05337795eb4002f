import { constants } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** What the record does to the disk. Every call is durable when it returns, and throws the file system's error. */
export interface RecordDisk {
  /** Makes `bytes` the end of the file: they stand at `position`, and nothing after them. Creates the file, for its owner only. */
  putEnd(path: string, bytes: Buffer, position: number): Promise<void>;
  move(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

export const NODE_DISK: RecordDisk = {
  async putEnd(path, bytes, position) {
    if (position === 0) await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
    // Not through a link, and not waiting for the reader of a pipe that was put in the file's place.
    const flags = constants.O_WRONLY | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const file = await open(path, flags, FILE_MODE);
    try {
      if (!(await file.stat()).isFile()) throw new Error('the record is not a file');
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
      await file.truncate(position + bytes.length);
      if (position === 0) await file.chmod(FILE_MODE);
      await file.sync();
    } finally {
      await file.close();
    }
    if (position === 0) await syncFolder(dirname(path));
  },
  async move(from, to) {
    await rename(from, to);
    await syncFolder(dirname(to));
  },
  async remove(path) {
    await rm(path, { force: true });
  },
};

/** A new name is on disk only once its folder is. Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
