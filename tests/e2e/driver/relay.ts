import { connect, createServer } from 'node:net';

/** A window into another network namespace: what connects to a Unix socket reaches an address there. `node relay.ts SOCKET HOST PORT` */
const [socketPath = '', host = '', port = ''] = process.argv.slice(2);
const server = createServer((near) => {
  const far = connect(Number(port), host);
  const end = () => {
    near.destroy();
    far.destroy();
  };
  for (const socket of [near, far]) socket.on('error', end).on('close', end);
  near.pipe(far);
  far.pipe(near);
});
server.listen(socketPath, () => process.stdout.write('listening\n'));
