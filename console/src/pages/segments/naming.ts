/** What the segments and folders that a shop begins with are called in each language. */

import type { Language } from '../../language/words';

interface Told {
  starter: string;
  description: string;
  name: string;
  version: number;
}

/** Starter segments are described in both languages, a line each; the English one begins with the name: "Fans: loyal, and shared". */
function english({ starter, description }: Told): { name: string; text: string } | null {
  const line = starter ? description.split('\n')[1] : undefined;
  if (!line) return null;
  const [name = line, ...rest] = line.split(': ');
  return { name, text: rest.join(': ') || line };
}

export function describedIn(segment: Told, language: Language): string {
  const told = english(segment);
  return told === null ? segment.description : language === 'en' ? told.text : (segment.description.split('\n')[0] ?? '');
}

/** A starter segment that nobody changed has its name in the language of the page. */
export function nameIn(segment: Told, language: Language): string {
  return (language === 'en' && segment.version === 1 && english(segment)?.name) || segment.name;
}

// The starters' own folders; any other is called as somebody called it.
const FOLDERS: Record<string, string> = { '活躍': 'Activity', '潛力': 'Potential', '價值': 'Value', '核心': 'Core', '意圖': 'Intent', '會員生命週期': 'Lifecycle' };

export const folderIn = (name: string, language: Language): string => (language === 'en' && FOLDERS[name]) || name;
