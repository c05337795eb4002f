import type { ViewModel } from '../protocol/view-model.ts';

export type ShownProblem = NonNullable<ViewModel['problem']>;

/** Where one can be, the most pressing first: one is shown at a time. */
const PLACES = ['session', 'service', 'record', 'sentinel'] as const;
export type PlaceOfProblem = (typeof PLACES)[number];

/** What stands in the way of guarding beside the machine's own states. Kept from the first moment, also while there is nothing yet to show it in. */
export class StandingProblems {
  readonly #problems = new Map<PlaceOfProblem, ShownProblem>();
  #onChange: (foremost: ShownProblem | null) => void = () => undefined;

  /** @param problem null: there is none any more. */
  set(place: PlaceOfProblem, problem: ShownProblem | null): void {
    if (problem === null) this.#problems.delete(place);
    else this.#problems.set(place, problem);
    this.#onChange(this.foremost());
  }

  foremost(): ShownProblem | null {
    const place = PLACES.find((each) => this.#problems.has(each));
    return place === undefined ? null : (this.#problems.get(place) ?? null);
  }

  /** Told once at each change from now on. */
  follow(onChange: (foremost: ShownProblem | null) => void): void {
    this.#onChange = onChange;
  }
}
