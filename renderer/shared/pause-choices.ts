const USUAL_MINUTES = [5, 15, 30, 60, 120, 240] as const;
/** Chosen already when somebody has to choose. */
const USUAL_CHOICE_MINUTES = 15;

/** Lengths of a pause to choose from: the usual ones up to the policy's longest, and that one itself. */
export function pauseChoices(maxMinutes: number): readonly number[] {
  const shorter = USUAL_MINUTES.filter((minutes) => minutes < maxMinutes);
  return [...shorter, maxMinutes];
}

export const usualPause = (maxMinutes: number): number => Math.min(USUAL_CHOICE_MINUTES, maxMinutes);
