import type { JSX } from 'react';
import type { Mark as MarkName } from '../../protocol/view-model.ts';
import { assertNever } from './assert-never.ts';

/**
 * The marks of build/icons/marks, for use inside text and lists: 16-unit grid, one colour, told apart by shape alone.
 * Decorative unless `label` is given: the sentence beside a mark already says what it means.
 */
export function Mark({ name, label }: { readonly name: MarkName; readonly label?: string }): JSX.Element {
  const drawing = { className: 'mark', viewBox: '0 0 16 16', 'data-tone': name, 'data-mark': name };
  return label === undefined ? (
    <svg {...drawing} aria-hidden="true">
      <MarkShape name={name} />
    </svg>
  ) : (
    <svg {...drawing} role="img" aria-label={label}>
      <MarkShape name={name} />
    </svg>
  );
}

const STROKE = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.75, strokeLinecap: 'round' } as const;

function MarkShape({ name }: { readonly name: MarkName }): JSX.Element {
  switch (name) {
    case 'present':
      return (
        <>
          <circle cx="8" cy="8" r="6" {...STROKE} />
          <circle cx="8" cy="8" r="2.6" fill="currentColor" />
        </>
      );
    case 'verifying':
      return (
        <>
          <path d="M9.4 2.2A6 6 0 1 1 2.3 6.2" {...STROKE} />
          <circle cx="4.9" cy="3.1" r="2.1" fill="currentColor" />
        </>
      );
    case 'leaving':
      return (
        <>
          <path d="M11.6 12.8A6 6 0 1 1 11.6 3.2" {...STROKE} />
          <circle cx="13.4" cy="8" r="2.1" fill="currentColor" />
        </>
      );
    case 'locked':
      return (
        <>
          <circle cx="8" cy="8" r="6" {...STROKE} />
          <path d="M5.2 8h5.6" {...STROKE} />
        </>
      );
    case 'paused':
      return (
        <>
          <circle cx="8" cy="8" r="6" {...STROKE} />
          <path d="M6.4 5.8v4.4M9.6 5.8v4.4" {...STROKE} />
        </>
      );
    case 'unenrolled':
      return <circle cx="8" cy="8" r="6" {...STROKE} strokeDasharray="2.4 2.3" />;
    case 'problem':
      return (
        <>
          <circle cx="8" cy="8" r="6" {...STROKE} />
          <path d="M8 4.9v3.6" {...STROKE} />
          <circle cx="8" cy="10.9" r="1" fill="currentColor" />
        </>
      );
    default:
      return assertNever(name);
  }
}
