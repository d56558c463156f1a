/** The console's entry: styles, providers, and the first page. */

import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app/look.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';

const place = document.getElementById('root');
if (place === null) throw new Error('the page has no place for the console');
createRoot(place).render(<App />);
