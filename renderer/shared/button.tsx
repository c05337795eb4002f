import type { JSX, ReactNode } from 'react';

export interface ButtonProps {
  readonly children: ReactNode;
  readonly onPress: () => void;
  readonly kind?: 'main' | 'grave' | 'plain' | 'quiet';
  /** Waiting for main: stays focusable (the keyboard keeps its place) and does nothing. */
  readonly busy?: boolean;
  readonly expanded?: boolean;
}

/** A button that submits nothing by itself. `aria-disabled` instead of `disabled`, so that focus is never thrown away. */
export function Button({ children, onPress, kind, busy = false, expanded }: ButtonProps): JSX.Element {
  return (
    <button
      type="button"
      className={kind === undefined ? 'button' : `button button--${kind}`}
      aria-disabled={busy}
      {...(expanded === undefined ? {} : { 'aria-expanded': expanded })}
      onClick={() => {
        if (!busy) onPress();
      }}
    >
      {children}
    </button>
  );
}

export function SubmitButton({
  children,
  busy,
}: {
  readonly children: ReactNode;
  readonly busy: boolean;
}): JSX.Element {
  return (
    <button type="submit" className="button button--main" aria-disabled={busy}>
      {children}
    </button>
  );
}
