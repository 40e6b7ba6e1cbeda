import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PROVIDER_QUEUES, PROVIDERS, ROLES, type ProviderFacts } from '@ai-core/core';
import { VARIABLES } from '@ai-core/runtime';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { NODE_VERSION } from '../apps/cli/bin/choose-node.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');

function read(name: string): string {
  return readFileSync(path.join(ROOT, name), 'utf8');
}

interface Service {
  readonly image: string;
  readonly restart: string;
  readonly command: readonly string[];
  readonly profiles: readonly string[];
  readonly environment: Readonly<Record<string, string | null>>;
  readonly ports: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly depends_on: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck: { readonly test?: readonly string[]; readonly disable?: boolean };
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Partial<Service> & Pick<Service, 'image' | 'restart'>>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly networks: Readonly<Record<string, { readonly internal: boolean } | null>>;
}

const NOTHING = { command: [], profiles: [], environment: {}, ports: [], networks: [], volumes: [], depends_on: {}, healthcheck: {} };
const compose = read('infra/compose.yaml');
const { services: written, volumes, networks } = parse(compose, { merge: true }) as ComposeFile;
const services: Record<string, Service> = Object.fromEntries(
  Object.entries(written).map(([name, service]) => [name, { ...NOTHING, ...service }]),
);
const ours = Object.entries(services).filter(([, { image }]) => image.includes('AI_CORE_IMAGE'));
const theirs = Object.entries(services).filter(([, { image }]) => !image.includes('AI_CORE_IMAGE'));
const workers = ours.filter(([, { command }]) => command[0] === 'worker');

describe('the compose file', () => {
  it('has one worker service for every role there is', () => {
    expect(workers.map(([, service]) => service.environment['AI_CORE_ROLES'] ?? '').sort()).toEqual(ROLES.toSorted());
  });

  it('gives the key of a provider to the workers of that provider and to nobody else', () => {
    const keys = Object.values(PROVIDERS).flatMap(({ keyVariable }: ProviderFacts) => keyVariable ?? []);
    for (const [name, service] of ours) {
      const served = PROVIDER_QUEUES.find(({ queue }) => queue === service.environment['AI_CORE_ROLES'])?.provider;
      const wanted: ProviderFacts | undefined = served && PROVIDERS[served];
      expect(
        Object.keys(service.environment).filter((variable) => keys.includes(variable)),
        name,
      ).toEqual(wanted?.keyVariable ? [wanted.keyVariable] : []);
      if (wanted) expect(Object.keys(service.environment), name).toContain(wanted.baseUrlVariable);
      expect(service.profiles, name).toEqual(served ? [served] : []);
    }
  });

  it('sets no variable that the programs do not know, and a wrong value for none', () => {
    expect(ours.length).toBeGreaterThan(ROLES.length);
    for (const [name, service] of ours) {
      for (const [variable, value] of Object.entries(service.environment)) {
        const known = VARIABLES[variable as keyof typeof VARIABLES];
        expect(known, `${variable} of ${name}`).toBeDefined();
        // Compose puts the value of the environment here.
        const filledIn = value?.replaceAll(/\$\{[^}]*\}/g, 'secret');
        expect(known.schema.safeParse(filledIn).success, `${variable} of ${name}`).toBe(true);
      }
    }
  });

  it('has no default for a password or key, and an example that names each', () => {
    const defaults = [...compose.matchAll(/\$\{(\w+):-/g)].map((match) => match[1]);
    expect(new Set(defaults)).toEqual(new Set(['AI_CORE_IMAGE', 'PUBLISH_ADDRESS']));
    const required = new Set([...compose.matchAll(/\$\{(\w+):\?/g)].map((match) => match[1]));
    const example = new Map([...read('infra/example.env').matchAll(/^(\w+)=(.*)$/gm)].map((match) => [match[1], match[2]]));
    expect(required.size).toBeGreaterThan(4);
    expect([...required].filter((variable) => !example.has(variable))).toEqual([]);
    expect([...example.values()].filter((value) => value !== '')).toEqual([]);
    for (const [name, service] of Object.entries(services)) {
      for (const [variable, value] of Object.entries(service.environment)) {
        if (/PASSWORD|SECRET|KEY|AUTH/.test(variable)) expect(value ?? '${:?', `${variable} of ${name}`).toMatch(/^\$\{\w*:\?/);
      }
    }
  });

  it('publishes the two doors, to this host alone unless told otherwise, and no database', () => {
    const published = Object.entries(services).filter(([, { ports }]) => ports.length > 0);
    expect(published.map(([name, { ports }]) => [name, ports])).toEqual([
      ['gateway', ['${PUBLISH_ADDRESS:-127.0.0.1}:4000:4000']],
      ['console', ['${PUBLISH_ADDRESS:-127.0.0.1}:4001:4001']],
    ]);
    expect(networks['data']).toEqual({ internal: true });
    for (const [name, service] of theirs) expect(service.networks, name).not.toContain('outside');
  });

  it('waits only for services there are: healthy ones with a check, finished ones that are not started again', () => {
    for (const [name, service] of Object.entries(services)) {
      for (const [awaited, { condition }] of Object.entries(service.depends_on)) {
        const other = services[awaited];
        expect(other, `${awaited}, for which ${name} waits`).toBeDefined();
        if (condition === 'service_healthy') expect(other?.healthcheck.test, awaited).toBeDefined();
        else expect([condition, other?.restart], awaited).toEqual(['service_completed_successfully', 'no']);
      }
    }
  });

  it('starts nothing but the migration before the database is migrated', () => {
    const early = ours.filter(([, { depends_on }]) => !('setup' in depends_on) && !('migrate' in depends_on)).map(([name]) => name);
    expect(early).toEqual(['migrate']);
  });

  it('keeps what lasts in volumes, the spool of each worker in one of its own', () => {
    const used = Object.values(services).flatMap((service) => service.volumes.map((volume) => volume.split(':')[0] ?? ''));
    const named = used.filter((volume) => !volume.startsWith('.'));
    expect([...new Set(named)].sort()).toEqual(Object.keys(volumes).sort());
    for (const file of used.filter((volume) => volume.startsWith('.'))) expect(existsSync(path.join(ROOT, 'infra', file)), file).toBe(true);
    const spools = workers.flatMap(([, service]) => service.volumes);
    expect(spools.every((volume) => volume.endsWith(':/data'))).toBe(true);
    expect(new Set(spools).size).toBe(workers.length);
  });
});

describe('the image', () => {
  const dockerfile = read('infra/Dockerfile');

  function argument(name: string): string | undefined {
    return new RegExp(`^ARG ${name}=(\\S+)$`, 'm').exec(dockerfile)?.[1];
  }

  it('is made with the Node, pnpm and turbo that the project is tested with', () => {
    const { packageManager } = JSON.parse(read('package.json')) as { packageManager: string };
    const { catalog } = parse(read('pnpm-workspace.yaml')) as { catalog: Record<string, string> };
    expect(argument('NODE_VERSION')).toBe(NODE_VERSION);
    expect(`pnpm@${argument('PNPM_VERSION')}`).toBe(packageManager);
    expect(argument('TURBO_VERSION')).toBe(catalog['turbo']);
  });

  it('copies what is there and what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) => match[1]?.split(' ') ?? []);
    expect([...sources].sort()).toEqual([...allowed].sort());
    expect(sources.filter((source) => !existsSync(path.join(ROOT, source)))).toEqual([]);
  });

  it('plays every role that a service asks for', () => {
    const roles =
      read('infra/start-role.sh')
        .match(/^ {2}(\w+(?: \| \w+)+)\)$/m)?.[1]
        ?.split(' | ') ?? [];
    const apps = globSync('apps/*/src/main.ts', { cwd: ROOT }).map((file) => file.split(path.sep)[1]);
    expect(roles.length).toBeGreaterThan(0);
    expect(roles.filter((role) => !apps.includes(role))).toEqual([]);
    const asked = ours.map(([, { command }]) => command[0] ?? '').filter((word) => word !== 'node');
    expect([...new Set(asked)].sort()).toEqual(roles.toSorted());
  });
});
