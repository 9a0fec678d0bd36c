import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { I18nProvider } from 'react-aria-components'
import { locale, speak } from '../lib/i18n'
import { preference, showTheme } from '../lib/preferences'
import '../ui/tokens.css'
import '../ui/base.css'
import { newQueryClient } from './queries'
import { newRouter } from './router'

async function start() {
  showTheme(preference('theme') === 'dark' ? 'dark' : 'light')
  await speak(preference('language') === 'en' ? 'en' : 'fr')
  const root = document.getElementById('console')
  if (!root) throw new Error('index.html has no #console')
  const queryClient = newQueryClient()
  createRoot(root).render(
    <StrictMode>
      <I18nProvider locale={locale()}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={newRouter()} />
        </QueryClientProvider>
      </I18nProvider>
    </StrictMode>,
  )
}

void start()
