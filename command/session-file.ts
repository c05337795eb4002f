import { type FileHandle, open, rm } from 'node:fs/promises';

/** A sealed session is a few KiB; anything larger was not written by us. */
const MAX_FILE_BYTES = 64 * 1024;
const STANDARD_INPUT = '-';

/** A file could not be read or written, or is not what it should be. Safe to show. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

export const fileFault = (fault: unknown): string =>
  fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown fault';

/** A file that waits for a session. Made before the phone is asked, so that no session begins which then cannot be kept. */
export interface NewSessionFile {
  /** @throws CommandFailed */
  keep(sealed: Uint8Array): Promise<void>;
  /** There is no session after all. */
  discard(): Promise<void>;
}

/** @throws CommandFailed also when it exists already: the session in it could not be ended any more */
export async function createSessionFile(path: string): Promise<NewSessionFile> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o600);
  } catch (fault) {
    const code = fileFault(fault);
    if (code === 'EEXIST')
      throw new CommandFailed('The session file exists already: end that session first, or name another file.');
    throw new CommandFailed(`The session file could not be made (${code}).`);
  }
  const discard = async (): Promise<void> => {
    await file.close();
    await rm(path, { force: true });
  };
  return {
    discard,
    async keep(sealed) {
      try {
        await file.writeFile(`${toText(sealed)}\n`);
        await file.sync();
      } catch (fault) {
        await discard();
        throw new CommandFailed(`The session file could not be written (${fileFault(fault)}).`);
      }
      await file.close();
    },
  };
}

/** Sealed form as one line of text, for a file or a pipe. */
export const toText = (sealed: Uint8Array): string => Buffer.from(sealed).toString('base64url');

/** @param input used for the path `-`. @throws CommandFailed */
export async function readSessionFile(path: string, input: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const text = path === STANDARD_INPUT ? await textOfInput(input) : await textOfFile(path);
  return Buffer.from(text.trim(), 'base64url');
}

/** Removes it when its session has ended. What came on standard input is not ours to remove. */
export async function removeSessionFile(path: string): Promise<void> {
  if (path !== STANDARD_INPUT) await rm(path, { force: true });
}

async function textOfFile(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const found = await file.stat();
      if (!found.isFile() || found.size > MAX_FILE_BYTES) throw new CommandFailed('The session file is none.');
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (fault) {
    if (fault instanceof CommandFailed) throw fault;
    throw new CommandFailed(`The session file could not be read (${fileFault(fault)}).`);
  }
}

async function textOfInput(input: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += Buffer.from(chunk).toString('latin1');
    if (text.length > MAX_FILE_BYTES) throw new CommandFailed('Standard input holds no sealed session.');
  }
  return text;
}
