import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { fakeAppliance } from './mock-api/plugin.ts'

/** React Aria carries thirty languages; the console speaks two. */
function onlyFrenchAndEnglish(): Plugin {
  const translation = /\/intl\/[^/]+\/([a-z]{2}-[A-Z]{2})\.m?js$/
  return {
    name: 'only-french-and-english',
    enforce: 'pre',
    load(id) {
      const language = translation.exec(id.split('?')[0] ?? '')?.[1]
      if (!language || language === 'fr-FR' || language === 'en-US') return null
      return 'export default {}'
    },
  }
}

export default defineConfig({
  plugins: [onlyFrenchAndEnglish(), react(), fakeAppliance()],
  build: {
    target: 'es2022',
    // The content security policy allows no inline script and no data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rollupOptions: {
      output: {
        manualChunks: (id) => (/node_modules\/(react|react-dom|scheduler)\//.test(id) ? 'react' : undefined),
      },
    },
  },
  html: { cspNonce: 'HYGIE_CSP_NONCE' },
  server: { port: 5173, strictPort: false },
  test: {
    environment: 'jsdom',
    setupFiles: ['./src/app/test-setup.ts'],
    css: { modules: { classNameStrategy: 'non-scoped' } },
    restoreMocks: true,
    testTimeout: 90_000,
  },
})
