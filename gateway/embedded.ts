import { type EmbeddedPort, runEmbeddedGateway } from './embedded-gateway.ts';

/**
 * Entry of the embedded gateway: an Electron utility process. Its message port is `process.parentPort`; settings come over it and
 * not in arguments or environment, which others can read.
 */
const PARENT_CHECK_MS = 1_000;
const EXIT_NOT_A_UTILITY_PROCESS = 1;

/** Electron's ParentPort, as far as it is used; `electron` itself is imported only by main/electron. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: string, listener: (event: unknown) => void): unknown;
}

function isParentPort(claimed: unknown): claimed is ParentPort {
  return (
    typeof claimed === 'object' &&
    claimed !== null &&
    'postMessage' in claimed &&
    typeof claimed.postMessage === 'function' &&
    'on' in claimed &&
    typeof claimed.on === 'function'
  );
}

function embeddedPortOf(parentPort: ParentPort): EmbeddedPort {
  return {
    postMessage: (message) => parentPort.postMessage(message),
    onMessage: (listener) => {
      parentPort.on('message', (event) => {
        listener(typeof event === 'object' && event !== null && 'data' in event ? event.data : undefined);
      });
    },
    onClose: (listener) => {
      parentPort.on('close', listener);
      process.once('disconnect', listener);
      // A killed main sends nothing. An orphan would go on polling with a secret nobody asked it to keep.
      const parent = process.ppid;
      setInterval(() => {
        if (process.ppid !== parent) listener();
      }, PARENT_CHECK_MS).unref();
    },
  };
}

const parentPort: unknown = Reflect.get(process, 'parentPort');
if (isParentPort(parentPort)) {
  await runEmbeddedGateway(embeddedPortOf(parentPort));
  process.exit(0);
} else {
  process.stderr.write(
    'This is the embedded gateway; the app starts it. For a shared one: npm run gateway -- --config FILE\n',
  );
  process.exit(EXIT_NOT_A_UTILITY_PROCESS);
}
