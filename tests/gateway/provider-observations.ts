import type { Provider } from '../../gateway/providers/provider.ts';
import { markdownTable } from '../../scripts/docs/markdown.ts';

/** Rows of the table in docs/providers.md. Every one is observed at every service. */
export const FEATURES = {
  asks: 'How the person is asked',
  approval: 'Approval opens',
  refusal: 'Refusal by the person',
  wrongCode: 'A wrong code',
  unanswered: 'Nobody answers',
  calledOff: 'Called off before the answer',
  takenBack: 'Approval taken back at the service',
  proximity: 'Phone leaves, comes back, stays away',
  duration: 'Agreed duration is over',
  push: 'Result is pushed',
  restart: 'Goes on after a restart',
  startedTwice: 'The same start twice',
  methods: 'Methods to ask for',
  enrollLink: 'Enrollment by a link',
  enrollSms: 'Enrollment by SMS',
  enrollContact: 'Enrollment by a known number or address',
  enrollMethods: 'Enrollment by methods with a form',
  lostDevice: 'Phone reported lost',
  remove: 'Person removed',
  unknownPerson: 'A person nobody added',
  notEnrolled: 'A person with nothing to approve with',
  wrongCredentials: 'Wrong credentials',
  rateLimit: '429 with `Retry-After`',
  silence: 'No answer in time',
  garbage: 'An answer that makes no sense',
  outage: 'Service out of reach while present',
} as const;
export type Feature = keyof typeof FEATURES;

/** What a capability is called that was seen at work, e.g. `prompt link`. */
export type SeenCapability = string;

/** What one service was seen to do. */
export class Observations {
  readonly title: string;
  readonly #seen = new Map<Feature, string>();
  readonly #capabilities = new Set<SeenCapability>();
  #provider: Provider | null = null;

  constructor(title: string) {
    this.title = title;
  }

  /** @param capabilities those that are hereby seen at work */
  note(feature: Feature, seen: string, capabilities: readonly SeenCapability[] = []): void {
    this.#seen.set(feature, seen);
    for (const capability of capabilities) this.#capabilities.add(capability);
  }

  noteProvider(provider: Provider): void {
    this.#provider = provider;
  }

  get providerId(): string {
    return this.#provider?.id ?? '';
  }

  get missing(): readonly Feature[] {
    return featureKeys().filter((feature) => !this.#seen.has(feature));
  }

  get seenCapabilities(): readonly SeenCapability[] {
    return [...this.#capabilities].sort();
  }

  get declaredCapabilities(): readonly SeenCapability[] {
    const capabilities = this.#provider?.capabilities;
    if (capabilities === undefined) return [];
    const { proximity, push, lostDevice, durations } = capabilities;
    const switches = Object.entries({ proximity, push, lostDevice, durations });
    return [
      ...switches.filter(([, declared]) => declared).map(([name]) => name),
      ...capabilities.prompts.map((kind) => `prompt ${kind}`),
      ...capabilities.enrollment.map((kind) => `enrollment ${kind}`),
      ...capabilities.methods.map((method) => `method ${method}`),
    ].sort();
  }

  cell(feature: Feature): string {
    return this.#seen.get(feature) ?? '?';
  }
}

export function observationsTable(columns: readonly Observations[]): string {
  const rows = featureKeys().map((feature) => [FEATURES[feature], ...columns.map((column) => column.cell(feature))]);
  return markdownTable(['', ...columns.map(({ title }) => title)], rows);
}

const OBSERVED =
  /(<!-- observed by tests\/gateway\/provider-contract\.test\.ts -->\n)([\s\S]*?)(<!-- end of table -->)/;

/** @throws Error where the page has no place for it */
export function withObservedTable(page: string, table: string): string {
  if (!OBSERVED.test(page)) throw new Error('docs/providers.md has lost the markers of its table');
  return page.replace(OBSERVED, (_all, open: string, _old, close: string) => `${open}\n${table}\n\n${close}`);
}

function featureKeys(): readonly Feature[] {
  return Object.keys(FEATURES).filter((key): key is Feature => key in FEATURES);
}
