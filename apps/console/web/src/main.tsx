import '@fontsource-variable/inter';
import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import { createRoot } from 'react-dom/client';
import { ConsoleApp } from './console-app.tsx';

const root = document.querySelector('#root');
if (root === null) throw new Error('the page has no place for the console');
// The server allows styles of this page alone, told by a number that is new with every load.
const nonce = document.querySelector('meta[name="style-nonce"]')?.getAttribute('content') ?? '';
createRoot(root).render(
  <CacheProvider value={createCache({ key: 'ai-core', nonce, prepend: true })}>
    <ConsoleApp />
  </CacheProvider>,
);
