import * as fc from 'fast-check';
import { createCodeDoor } from '../../../main/offline/code-door.ts';
import { DEFAULT_POLICY, type Policy } from '../../../protocol/policy.ts';
import { CodeDesk, USER } from '../../offline/code-desk.ts';
import { mutatedText, type Recipe, recipes } from '../mutation.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';
import { watchedGuard } from '../watched-guard.ts';

interface Attempt {
  /** The entry as the keychain gives it. */
  readonly entry: Recipe;
  readonly typed:
    | { readonly kind: 'recovery'; readonly place: number }
    | { readonly kind: 'app'; readonly steps: number }
    | { readonly kind: 'made-up'; readonly text: string };
}

const attempts: fc.Arbitrary<Attempt> = fc.record({
  entry: recipes,
  typed: fc.oneof(
    fc.record({ kind: fc.constant('recovery' as const), place: fc.nat({ max: 9 }) }),
    fc.record({ kind: fc.constant('app' as const), steps: fc.integer({ min: -3, max: 3 }) }),
    fc.record({
      kind: fc.constant('made-up' as const),
      text: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 64 }),
        fc.stringMatching(/^\d{6}$/),
        fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/),
      ),
    }),
  ),
});

const CODES: Policy = { ...DEFAULT_POLICY, offline: 'code' };
/** Longer than any wait after wrong codes, so that every attempt is looked at. */
const WAIT_MS = 2 * 3_600_000;
/** Steps of the app's code that count: one before, the present one, one after. */
const NEAR_STEPS = 1;

/** The entry of the keychain that holds the offline codes, damaged, of another version or edited by hand. */
export function codeBookTarget(): FuzzTarget<Attempt> {
  return {
    name: 'code-book',
    inputs: attempts,
    async open() {
      const desk = await CodeDesk.withCodes();
      const [account = '', sound = ''] = [...desk.keychain.entries][0] ?? [];
      const book: unknown = JSON.parse(sound);
      return {
        async feed({ entry, typed }) {
          desk.keychain.entries.set(account, mutatedText(entry, [book]));
          desk.time.pass(WAIT_MS);
          const text =
            typed.kind === 'recovery'
              ? desk.code(typed.place)
              : typed.kind === 'app'
                ? desk.app(typed.steps)
                : typed.text;
          const genuine =
            desk.recovery.includes(text) ||
            Array.from({ length: 2 * NEAR_STEPS + 1 }, (_, step) => desk.app(step - NEAR_STEPS)).includes(text);
          const outcome = await typedAt(desk, text);
          if (outcome.opened && !genuine) throw new FuzzViolation('a code that nobody was given opened');
          if (outcome.opened && (await typedAt(desk, text)).opened) throw new FuzzViolation('a code opened twice');
          return outcome.opened ? 'accepted' : outcome.sentence;
        },
        async close() {
          if (desk.keychain.entries.size > 1) throw new FuzzViolation('more entries than one');
        },
      };
    },
  };
}

async function typedAt(desk: CodeDesk, text: string): Promise<{ readonly opened: boolean; readonly sentence: string }> {
  const watched = watchedGuard({ policy: CODES });
  watched.tell({ type: 'gateway.down', reason: 'CONNECT_FAILED' });
  const door = createCodeDoor({
    codes: { check: (_userId, typed) => desk.codes.check(USER, typed) },
    machine: () => watched.guard.current(),
    policy: () => CODES,
    clock: watched.time,
    dispatch: watched.guard.dispatch,
  });
  const result = await door.submit(text);
  return { opened: watched.opened() > 0, sentence: result.ok ? 'ok' : result.sentence.replaceAll(/\d+/g, 'n') };
}
