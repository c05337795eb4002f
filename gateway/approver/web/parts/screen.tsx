import { type JSX, type ReactNode, useEffect, useRef } from 'react';
import type { Mark as MarkName } from '../../../../protocol/view-model.ts';
import { DrawnRing } from '../../../../renderer/shared/drawn-ring.tsx';
import { Mark } from '../../../../renderer/shared/mark.tsx';

/** A heading that takes the focus when its screen appears, so that a screen reader starts there. */
export function Title({ children }: { readonly children: ReactNode }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** What is said in the middle or above, what is done below, where a thumb reaches it. */
export function Screen({
  children,
  actions,
}: {
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}): JSX.Element {
  return (
    <div className="screen">
      <div className="screen__body">{children}</div>
      {actions === undefined ? null : <div className="screen__actions">{actions}</div>}
    </div>
  );
}

/** One mark, one sentence, what it means. */
export function Told({ mark, title, text, above, children, actions, turning = false }: ToldProps): JSX.Element {
  return (
    <Screen actions={actions}>
      <div className="told" data-tone={mark}>
        {above === undefined ? null : <p className="step-of">{above}</p>}
        <DrawnRing mark={mark} remaining={null} turning={turning} left={String} />
        <Title>{title}</Title>
        <p>{text}</p>
        {children}
      </div>
    </Screen>
  );
}

export interface ToldProps {
  readonly mark: MarkName;
  readonly title: string;
  readonly text: ReactNode;
  /** Where in a row of steps this is. */
  readonly above?: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  readonly turning?: boolean;
}

/** Why something was not done. Spoken at once: it answers what the person has just pressed. */
export function Refused({ text }: { readonly text: string | null }): JSX.Element {
  return (
    <div role="alert" className="refused" data-tone="problem">
      {text === null ? null : (
        <p>
          <Mark name="problem" />
          <span>{text}</span>
        </p>
      )}
    </div>
  );
}

/** What has just been done. */
export function Said({ text }: { readonly text: string | null }): JSX.Element {
  return (
    <p role="status" className="said">
      {text}
    </p>
  );
}

/** Said beside a mark: a state of something, never by colour alone. */
export function Remark({ mark, children }: { readonly mark: MarkName; readonly children: ReactNode }): JSX.Element {
  return (
    <p className="remark" data-tone={mark}>
      <Mark name={mark} />
      <span>{children}</span>
    </p>
  );
}
