/** Names of events in the language of the page. */

import { eventText } from './eventNames';
import { useLanguage } from './words';

export function useEventText(): (kind: string, name: string) => string {
  const language = useLanguage();
  return (kind, name) => eventText(kind, name, language);
}
