import { useState } from 'preact/hooks'

/** Puts a text on the clipboard, and says so. */
export const CopyButton = ({ text, label = 'Copy' }: { text: () => string; label?: string }) => {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text())
      setState('copied')
    } catch {
      // Browsers only let pages of https or of this machine do it.
      setState('refused')
    }
    setTimeout(() => setState('idle'), 2000)
  }
  return (
    <button type="button" class="button small" aria-label={state === 'idle' ? label : undefined} onClick={() => void copy()}>
      {state === 'copied' ? 'Copied' : state === 'refused' ? 'Not allowed' : 'Copy'}
    </button>
  )
}
