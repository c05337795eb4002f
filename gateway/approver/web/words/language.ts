import { createContext, use } from 'react';
import { de } from './de.ts';
import { en, type Words } from './en.ts';

export type Language = 'en' | 'de';
export const LANGUAGES: Readonly<Record<Language, Words>> = { en, de };

const KEPT_AS = 'presence-locker-language';

function known(tag: string | null): Language | null {
  const language = tag?.slice(0, 2).toLowerCase();
  return language === 'en' || language === 'de' ? language : null;
}

/** What the person chose here; else the first of the phone's languages that is spoken here; else English. */
export function firstLanguage(): Language {
  const wanted = [keptLanguage(), ...navigator.languages].map(known);
  return wanted.find((language) => language !== null) ?? 'en';
}

/** Storage may be forbidden (private windows): then the choice lasts as long as the page. */
function keptLanguage(): string | null {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
}

/** @returns false where storage is forbidden. */
export function keepLanguage(language: Language): boolean {
  try {
    localStorage.setItem(KEPT_AS, language);
    return true;
  } catch {
    return false;
  }
}

export interface Spoken {
  readonly language: Language;
  readonly words: Words;
  readonly choose: (language: Language) => void;
}

export const SpokenContext = createContext<Spoken>({ language: 'en', words: en, choose: () => undefined });
export const useSpoken = (): Spoken => use(SpokenContext);
export const useWords = (): Words => use(SpokenContext).words;
