import type { JSX } from 'react';

/** Takes the focus when a step begins. */
export function StepTitle({ title, lead }: { readonly title: string; readonly lead?: string }): JSX.Element {
  return (
    <header className="body__title">
      <h1 tabIndex={-1}>{title}</h1>
      {lead === undefined ? null : <p>{lead}</p>}
    </header>
  );
}
