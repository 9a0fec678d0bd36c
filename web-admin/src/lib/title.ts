import { useEffect } from 'react'

/** « Page – objet – Hygie », unique for each address. */
export function useTitle(...parts: (string | undefined)[]) {
  const title = [...parts.filter(Boolean), 'Hygie'].join(' – ')
  useEffect(() => {
    document.title = title
  }, [title])
}
