import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between link and gateway and can stop forwarding without closing anything: what a pulled cable looks like. */
export interface TcpProxy {
  readonly url: string;
  /** Nothing more gets through in that direction until `release`. */
  hold(direction: 'both' | 'to-client'): void;
  release(): void;
  stop(): Promise<void>;
}

export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const pairs: { readonly client: Socket; readonly upstream: Socket }[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    pairs.push({ client, upstream });
    client.pipe(upstream);
    upstream.pipe(client);
    const endBoth = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', endBoth).on('close', endBoth);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/`,
    hold(direction) {
      for (const { client, upstream } of pairs) {
        upstream.unpipe(client);
        upstream.pause();
        if (direction === 'both') {
          client.unpipe(upstream);
          client.pause();
        }
      }
    },
    release() {
      for (const { client, upstream } of pairs) {
        client.pipe(upstream);
        upstream.pipe(client);
      }
    },
    stop: () =>
      new Promise((resolve) => {
        for (const { client, upstream } of pairs) {
          client.destroy();
          upstream.destroy();
        }
        server.close(() => resolve());
      }),
  };
}
