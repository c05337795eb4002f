/** Which of the displays this curtain covers: the one with the controls, or a calm one beside it. */
export type DisplayRole = 'main' | 'secondary';

/** `?display=secondary` makes a calm curtain; anything else is a full one, so that a mistake never hides the way in. */
export function displayRoleOf(search: string): DisplayRole {
  return new URLSearchParams(search).get('display') === 'secondary' ? 'secondary' : 'main';
}
