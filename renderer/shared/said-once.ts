import type { ViewModel } from '../../protocol/view-model.ts';

type Problem = NonNullable<ViewModel['problem']>;

export interface SaidOnce {
  readonly detail: string;
  /** `title` is null where the headline says it already. */
  readonly problem: { readonly title: string | null; readonly detail: string } | null;
}

/**
 * Main states a problem completely, also where headline and detail speak of the same. On one screen each sentence stands once: the
 * detail keeps what happens next, the note below says the rest; a note that would only repeat is left out.
 */
export function saidOnce(headline: string, detail: string, problem: Problem | null): SaidOnce {
  if (problem === null) return { detail, problem: null };
  const rest = detail.replace(problem.detail, '').trim();
  const sameTitle = withoutFullStop(problem.title) === withoutFullStop(headline);
  if (sameTitle && rest === '') return { detail, problem: null };
  return {
    detail: rest === '' ? detail : rest,
    problem: { title: sameTitle ? null : problem.title, detail: problem.detail },
  };
}

function withoutFullStop(text: string): string {
  return text.replace(/\.$/, '');
}
