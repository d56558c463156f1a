/** The entry of the pages where nobody needs to be signed in: as little as they need. */

import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import './app/look.css';
import { createRoot } from 'react-dom/client';
import { Outside } from './app/Outside';

const place = document.getElementById('root');
if (place === null) throw new Error('the page has no place for the console');
createRoot(place).render(<Outside />);
