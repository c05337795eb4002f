import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { serveBench } from './serve-bench.ts';

/** A WebSocket server as the documentation of ws shows it, sending back what it gets: the least that any server on ws can cost. */
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
server.on('connection', (socket) => {
  socket.on('error', (fault) => process.stderr.write(`bare server: ${fault.message}\n`));
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
await once(server, 'listening');
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('the bare server has no port');
serveBench(address.port, () => server.clients.size);
