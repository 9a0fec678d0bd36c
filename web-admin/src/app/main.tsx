import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { I18nProvider } from 'react-aria-components'
import { tellTabs } from '../api/session'
import { locale, speak } from '../lib/i18n'
import { reconnectedPath } from '../lib/paths'
import { preference, showTheme } from '../lib/preferences'
import '../ui/tokens.css'
import '../ui/base.css'
import { newQueryClient } from './queries'
import { loadPages, newRouter } from './router'

const CALM = 200

/** Once, when the first page has all that it asks for: its reader waits for nothing that is not hers. */
function whenRead(client: QueryClient, then: () => void) {
  let calm: ReturnType<typeof setTimeout>
  const look = () => {
    clearTimeout(calm)
    if (client.isFetching() > 0) return
    calm = setTimeout(() => {
      stop()
      then()
    }, CALM)
  }
  const stop = client.getQueryCache().subscribe(look)
}

async function start() {
  if (location.pathname === reconnectedPath) {
    tellTabs('opened')
    window.close()
    // A browser that keeps the window open gets a console in it.
    history.replaceState(null, '', '/')
  }
  showTheme(preference('theme') === 'dark' ? 'dark' : 'light')
  await speak(preference('language') === 'en' ? 'en' : 'fr')
  const root = document.getElementById('console')
  if (!root) throw new Error('index.html has no #console')
  const queryClient = newQueryClient()
  const router = newRouter(queryClient)
  whenRead(queryClient, () => void loadPages())
  createRoot(root).render(
    <StrictMode>
      <I18nProvider locale={locale()}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </I18nProvider>
    </StrictMode>,
  )
}

void start()
