import type { JSX } from 'react';

export interface SwitchProps {
  readonly id: string;
  /** As main has it: the switch moves when main has taken the change, not when it was asked to. */
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly describedBy: string;
  readonly onSwitch: (wanted: boolean) => void;
}

export function Switch({ id, on, disabled = false, describedBy, onSwitch }: SwitchProps): JSX.Element {
  return (
    <input
      id={id}
      className="switch"
      type="checkbox"
      role="switch"
      aria-checked={on}
      checked={on}
      disabled={disabled}
      aria-describedby={describedBy}
      onChange={(event) => onSwitch(event.target.checked)}
    />
  );
}
