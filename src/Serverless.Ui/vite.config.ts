import { defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that the page works below any prefix.
  base: './',
  build: {
    target: 'es2022',
    // What is inlined as data: would need an exception in the page's content security policy.
    assetsInlineLimit: 0,
    modulePreload: false,
    emptyOutDir: true,
  },
});
