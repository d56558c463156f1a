/** What pages say, in both languages: each page brings its own words when it is loaded. */

import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

export type Language = 'zh-TW' | 'en';
export const LANGUAGES: readonly Language[] = ['zh-TW', 'en'];

const STORED = 'language';

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === 'zh-TW' || stored === 'en') return stored;
  return navigator.language.startsWith('zh') ? 'zh-TW' : 'en';
}

void i18next.use(initReactI18next).init({
  lng: firstLanguage(),
  resources: {},
  initAsync: false,
  interpolation: { escapeValue: false, prefix: '{', suffix: '}' },
  returnNull: false,
});
document.documentElement.lang = i18next.language;

export function switchLanguage(language: Language): void {
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}

export function useLanguage(): Language {
  return useTranslation().i18n.language as Language;
}

type Words = Record<string, string>;
// "people_other" is asked for as "people" with a count.
type Key<Z extends Words> = {
  [K in keyof Z & string]: K | (K extends `${infer Bare}_other` ? Bare : never);
}[keyof Z & string];

export type Say<Z extends Words> = (key: Key<Z>, values?: Record<string, string | number>) => string;

/** Registers a page's words; English has every word that Chinese has, and its own plurals. Returns the page's hook. */
export function words<const Z extends Words>(name: string, zh: Z, en: { [K in keyof Z]: string } & Words): () => Say<Z> {
  i18next.addResourceBundle('zh-TW', name, zh);
  i18next.addResourceBundle('en', name, en);
  return function useWords() {
    const { t } = useTranslation(name);
    return t as unknown as Say<Z>;
  };
}

/** Of a text that the API tells in both. */
export function localText(text: { zh_tw: string; en: string }, language: Language): string {
  return language === 'en' ? text.en : text.zh_tw;
}
