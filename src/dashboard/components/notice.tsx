/** Something to know: news, a warning, a failure. */
import type { ComponentChildren } from 'preact'
import { ApiError, isUnanswered, messageOf } from '../api/problem.ts'

type Kind = 'plain' | 'good' | 'warn' | 'bad'

/** Failures are told at once to those who hear the page, the others when there is time. */
export const Notice = ({ kind = 'plain', children }: { kind?: Kind; children: ComponentChildren }) => (
  <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
    {children}
  </div>
)

/** What went wrong, with every validation error; `onRetry` offers to try again. That nobody answers is said above every view, and tried again by itself. */
export const ErrorNotice = ({ error, onRetry }: { error: unknown; onRetry?: () => void }) => {
  if (onRetry && isUnanswered(error)) return null
  const errors = error instanceof ApiError ? error.errors : []
  return (
    <Notice kind="bad">
      <span>{messageOf(error)}.</span>
      {onRetry && (
        <button type="button" class="button small" onClick={onRetry}>
          Try again
        </button>
      )}
      {errors.length > 0 && (
        <ul>
          {errors.slice(0, 20).map(({ path, message }) => (
            <li key={path + message}>
              <code>{path}</code> {message}
            </li>
          ))}
          {errors.length > 20 && <li>… and {errors.length - 20} more</li>}
        </ul>
      )}
    </Notice>
  )
}
