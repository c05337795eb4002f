import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeConfig } from '../../gateway/config.ts';
import { importsOf } from '../../scripts/layers/imports-of.ts';
import { ROOT } from '../../scripts/run-steps.ts';

const HEALTH_TIMEOUT_MS = 15_000;

const textOf = (name: string): string => readFileSync(join(ROOT, 'deploy', name), 'utf8');

const MountSchema = z.strictObject({
  type: z.enum(['volume', 'bind']),
  source: z.string(),
  target: z.string(),
  read_only: z.boolean().optional(),
  bind: z.strictObject({ create_host_path: z.boolean() }).optional(),
});
const ServiceSchema = z.strictObject({
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  image: z.string(),
  user: z.string().optional(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  cap_add: z.array(z.string()).optional(),
  security_opt: z.array(z.string()),
  init: z.boolean().optional(),
  pids_limit: z.int(),
  restart: z.string(),
  stop_grace_period: z.string().optional(),
  tmpfs: z.array(z.string()).optional(),
  expose: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  networks: z.array(z.string()),
  volumes: z.array(MountSchema),
  secrets: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).optional(),
  healthcheck: z
    .strictObject({
      test: z.array(z.string()),
      interval: z.string(),
      timeout: z.string(),
      start_period: z.string(),
      retries: z.int(),
    })
    .optional(),
});
/** Strict: a misspelt key of a hardening would be no hardening. */
const ComposeSchema = z.strictObject({
  name: z.string(),
  services: z.strictObject({ gateway: ServiceSchema, caddy: ServiceSchema }),
  networks: z.record(z.string(), z.null()),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});

describe('compose.yaml', () => {
  const compose = ComposeSchema.parse(load(textOf('compose.yaml')));
  const { gateway, caddy } = compose.services;

  test('takes every privilege from both containers, but the one that Caddy does not start without', () => {
    for (const service of [gateway, caddy]) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    }
    expect(gateway.cap_add).toBeUndefined();
    expect(caddy.cap_add).toEqual(['NET_BIND_SERVICE']);
    expect(gateway.user).toBe('1000:1000');
  });

  test('publishes Caddy alone, and starts it when the gateway works', () => {
    expect(gateway.ports).toBeUndefined();
    expect(caddy.ports).toEqual(['80:80', '443:443', '443:443/udp']);
    expect(caddy.depends_on).toEqual({ gateway: { condition: 'service_healthy' } });
    const { port } = z.object({ port: z.int() }).parse(decodeConfig(JSON.parse(textOf('gateway.example.json'))).listen);
    expect(gateway.expose).toEqual([String(port)]);
    expect(gateway.healthcheck?.test.join(' ')).toContain(`http://127.0.0.1:${port}/healthz`);
  });

  test.each([
    [200, 0],
    [503, 1],
    [null, 1],
  ])('asks after the health: answered %s, the command ends with %s', async (status, expected) => {
    const server = createServer((_, response) => response.writeHead(status ?? 200).end());
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    const { port } = z.object({ port: z.int() }).parse(server.address());
    const closed = () => new Promise((resolve) => server.close(resolve));
    if (status === null) await closed();
    const [kind, program, ...args] = gateway.healthcheck?.test ?? [];
    expect([kind, program]).toEqual(['CMD', 'node']);
    const child = spawn(
      process.execPath,
      args.map((arg) => arg.replace(':8080/', `:${port}/`)),
      {
        stdio: 'ignore',
        timeout: HEALTH_TIMEOUT_MS,
      },
    );
    const [code] = await once(child, 'exit');
    if (status !== null) await closed();
    expect(code).toBe(expected);
  });

  test('declares every volume, network and secret that it uses, and writes to volumes only', () => {
    for (const service of [gateway, caddy]) {
      for (const network of service.networks) expect(compose.networks).toHaveProperty(network);
      for (const { type, source, read_only, bind } of service.volumes) {
        if (type === 'volume') expect(compose.volumes).toHaveProperty(source);
        else expect({ read_only, bind }).toEqual({ read_only: true, bind: { create_host_path: false } });
      }
      for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret);
    }
  });

  test('brings configuration, key and database to where the gateway looks for them', () => {
    const { database } = decodeConfig(JSON.parse(textOf('gateway.example.json')));
    expect(database?.key).toEqual({ file: `/run/secrets/${gateway.secrets?.[0]}` });
    const targets = gateway.volumes.map(({ target }) => target);
    expect(targets.some((target) => database?.file.startsWith(`${target}/`))).toBe(true);
    expect(textOf('Dockerfile')).toContain(`CMD ["--config", "${targets.find((target) => target.endsWith('.json'))}"]`);
    expect(textOf('Dockerfile')).toContain('install -d -o node -g node -m 0700 /var/lib/presence-locker');
  });

  test('lets every variable of the Caddyfile that has no default be set', () => {
    const wanted = [...textOf('Caddyfile').matchAll(/\{\$(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(caddy.environment ?? {}).sort()).toEqual([...new Set(wanted)].sort());
    expect(textOf('Caddyfile')).toContain(`{$GATEWAY:gateway:${gateway.expose?.[0]}}`);
  });

  test('keeps what is secret out of the repository', () => {
    const ignored = textOf('.gitignore').split('\n');
    for (const { file } of Object.values(compose.secrets)) expect(file.startsWith('./secrets/')).toBe(true);
    expect(ignored).toEqual(expect.arrayContaining(['.env', 'gateway.json', 'secrets/']));
  });
});

describe('gateway.example.json', () => {
  const config = decodeConfig(JSON.parse(textOf('gateway.example.json')));

  test('is a configuration for behind the proxy, and lets nobody in as it is', () => {
    expect(config.provider).toMatchObject({ kind: 'passkey' });
    expect(config.listen).toMatchObject({ allowPlaintext: true, behindProxy: true });
    expect(config.tokens).toEqual([{ name: 'workstation-1', sha256: '0'.repeat(64) }]);
  });
});

describe('Dockerfile', () => {
  const lines = textOf('Dockerfile').split('\n');
  const copied = lines.filter((line) => /^COPY (?!--from)/.test(line)).flatMap((line) => line.split(' ').slice(1, -1));

  test('is Node by its major version alone, and does not run as root', () => {
    expect(new Set(lines.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' ')[1]))).toEqual(
      new Set(['node:24-slim']),
    );
    expect(lines.filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
    expect(lines.indexOf('USER node')).toBeGreaterThan(lines.findLastIndex((line) => /^(?:RUN|COPY|FROM) /.test(line)));
  });

  test('copies what is there, and what the build context lets in', () => {
    const letIn = textOf('Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    expect(copied.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect([...new Set(copied)].sort()).toEqual(letIn.sort());
    expect(textOf('Dockerfile.dockerignore').split('\n')).toContain('*');
  });

  test('copies every source that the gateway and the page import', () => {
    const covered = (file: string) => copied.some((entry) => file === entry || file.startsWith(`${entry}/`));
    const sources = globSync('{protocol,gateway,renderer/shared}/**/*.{ts,tsx}', { cwd: ROOT });
    const outside = sources.flatMap((file) =>
      importsOf(file, readFileSync(join(ROOT, file), 'utf8'))
        .flatMap(({ specifier }) => (specifier?.startsWith('.') ? [join(file, '..', specifier)] : []))
        .filter((target) => !covered(target)),
    );
    expect(sources.length).toBeGreaterThan(100);
    expect(outside).toEqual([]);
  });
});
