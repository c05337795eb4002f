import { type FormEvent, type JSX, useEffect, useId, useRef, useState } from 'react';
import type { ActionResult } from '../../protocol/ipc.ts';
import { SubmitButton } from '../shared/button.tsx';
import type { Action } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';

/** Limit of `action.answer` (protocol/ipc.ts). */
const ANSWER_MAX_CHARACTERS = 128;
/** Codes this short are digits on every service known; a longer or open one may hold letters and wants the whole keyboard. */
const NUMERIC_UP_TO_CHARACTERS = 8;

export interface CodeEntryProps {
  readonly label: string;
  readonly help?: string;
  /** Known number of characters. */
  readonly length?: number;
  /** There since a wrong code was typed: how many more may be. */
  readonly triesLeft?: number;
  /** A code that was just sent: keyboards offer it. */
  readonly oneTime?: boolean;
  readonly action: Action;
  readonly send: (data: string) => Promise<ActionResult>;
}

/** Something to type on the curtain. Shown as typed: the curtain never holds a lasting secret, and a hidden code is mistyped. */
export function CodeEntry({
  label,
  help,
  length,
  triesLeft,
  oneTime = false,
  action,
  send,
}: CodeEntryProps): JSX.Element {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [code, setCode] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => input.current?.focus(), []);
  // The service's word on the last code: it comes with the state, after the answer of `send`.
  useEffect(() => {
    if (triesLeft === undefined) return;
    setWrong(words.curtain.codeWrong(triesLeft));
    input.current?.focus();
  }, [triesLeft]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const mistake = mistakeIn(code, length);
    setWrong(mistake);
    if (mistake !== null) {
      input.current?.focus();
      return;
    }
    const taken = await action.run(() => send(asSent(code)));
    setCode('');
    if (!taken) input.current?.focus();
  };

  return (
    <form className="code-entry" onSubmit={submit} noValidate>
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      <div className="code-entry__row">
        <input
          ref={input}
          id={id}
          className="input code-entry__input"
          value={code}
          onChange={(event) => setCode(asTyped(event.target.value, length))}
          onPaste={(event) => {
            const pasted = oneTime ? oneTimeCodeIn(event.clipboardData.getData('text/plain'), length) : null;
            if (pasted !== null) setCode(pasted);
          }}
          inputMode={length !== undefined && length <= NUMERIC_UP_TO_CHARACTERS ? 'numeric' : 'text'}
          autoComplete={oneTime ? 'one-time-code' : 'off'}
          enterKeyHint="done"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          aria-invalid={wrong !== null}
          aria-describedby={`${id}-help`}
        />
        <SubmitButton busy={action.pending}>{words.curtain.submitCode}</SubmitButton>
      </div>
      <p
        id={`${id}-help`}
        className={wrong === null ? 'field__help' : 'field__wrong'}
        role={wrong === null ? undefined : 'alert'}
      >
        {wrong ?? help}
      </p>
    </form>
  );
}

/** Keyboards that fill a code in bring spaces, hyphens and line ends along; where the length is known they are never part of the code. */
export function asTyped(text: string, length: number | undefined): string {
  const printable = text.replaceAll(/\p{Cc}/gu, length === undefined ? ' ' : '');
  const tidy = length === undefined ? printable.trimStart() : withoutGrouping(printable.replaceAll(/\s/gu, ''));
  return tidy.slice(0, length ?? ANSWER_MAX_CHARACTERS);
}

/** Digits of a one-time code whose length is not known. */
const MIN_ONE_TIME_DIGITS = 4;
const MAX_ONE_TIME_DIGITS = 10;

/**
 * The code that a clipboard holds and nothing else beside it, or null. Anything but a short number stays out of sight: what somebody copied
 * before they left is not for whoever sits there (CVE-2007-6389; contain-input.ts refuses the paste itself).
 */
export function oneTimeCodeIn(clipboard: string, length: number | undefined): string | null {
  const digits = clipboard.replaceAll(/[\s\p{Pd}]/gu, '');
  if (!/^\d+$/.test(digits)) return null;
  const fits =
    length === undefined
      ? digits.length >= MIN_ONE_TIME_DIGITS && digits.length <= MAX_ONE_TIME_DIGITS
      : digits.length === length;
  return fits ? digits : null;
}

/** Digits in groups are meant as one number; anything else may hold a space or a hyphen of its own. */
export function asSent(code: string): string {
  return withoutGrouping(code.trim());
}

function withoutGrouping(code: string): string {
  const joined = code.replaceAll(/[\s\p{Pd}]/gu, '');
  return /^\d+$/.test(joined) ? joined : code;
}

function mistakeIn(code: string, length: number | undefined): string | null {
  if (code.trim() === '') return words.curtain.codeEmpty;
  return length !== undefined && code.length !== length ? words.curtain.codeLength(length) : null;
}
