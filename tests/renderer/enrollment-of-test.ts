import type { EnrollmentView } from '../../protocol/view-model.ts';
import type { BridgeScript } from './bridge-double.ts';
import { exampleEnrollments } from './example-enrollments.ts';
import { exampleViews } from './example-views.ts';
import type { Screen } from './gallery.ts';
import { NOW, pagesOfThisFile, type Use } from './page-of-test.ts';

const WINDOW = { width: 900, height: 640 } as const;
const { unenrolled } = exampleViews(NOW);

/** Typed into a form by the tests; must never be found in the page again. */
export const TYPED_SECRET = 'typed-by-the-person';
export const enrollments = exampleEnrollments(NOW);

export interface EnrollmentOfTest {
  /** What main answers to the page, by name of the call. */
  readonly results?: NonNullable<BridgeScript['results']>;
  readonly script?: Partial<BridgeScript>;
  readonly after?: Screen['after'];
}

/** The enrollment page in its window, for all tests of the file that calls this; nobody is enrolled yet. */
export function enrollmentOfThisFile() {
  const show = pagesOfThisFile();
  return (view: EnrollmentView, use: Use, { results = {}, script = {}, after }: EnrollmentOfTest = {}) =>
    show(
      {
        path: 'enrollment/index.html',
        script: { page: 'enrollment', view: unenrolled, enrollment: view, results, ...script },
        ...(after === undefined ? {} : { after }),
      },
      WINDOW,
      use,
    );
}
