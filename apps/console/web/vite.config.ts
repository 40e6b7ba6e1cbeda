import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The console's user interface: one document, files with their hash in the name, served by the console under /app. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // Data URLs would need an exception in the policy of what the page may load.
  build: { assetsDir: 'app', assetsInlineLimit: 0, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 2_000 },
});
