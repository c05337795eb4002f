import type { JSX } from 'react';
import { LANGUAGES, type Language, useSpoken } from '../words/language.ts';

const CHOICES: readonly Language[] = ['en', 'de'];

export function LanguageChoice(): JSX.Element {
  const { language, words, choose } = useSpoken();
  return (
    <fieldset className="part">
      <legend className="field__label">{words.phones.language}</legend>
      <div className="segments">
        {CHOICES.map((choice) => (
          <label className="segment" key={choice}>
            <input
              type="radio"
              name="language"
              value={choice}
              checked={choice === language}
              onChange={() => choose(choice)}
            />
            <span lang={choice}>{LANGUAGES[choice].languageName}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
