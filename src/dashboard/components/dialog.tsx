/** A question that must be answered before anything else: the browser's own dialog, with its focus and its Escape key. */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

type Props = { title: string; children: ComponentChildren; actions: ComponentChildren; onClose: () => void }

/** Open as long as it is drawn. */
export const Dialog = ({ title, children, actions, onClose }: Props) => {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    ref.current?.showModal()
    return () => ref.current?.close()
  }, [])
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={onClose}>
      <div class="dialog-body">
        <h2 id={id}>{title}</h2>
        {children}
        <div class="actions end">{actions}</div>
      </div>
    </dialog>
  )
}

type ConfirmProps = {
  title: string
  children: ComponentChildren
  action: string
  danger?: boolean
  onConfirm: () => void
  onClose: () => void
}

/** Asks whether to go on. */
export const Confirm = ({ title, children, action, danger = false, onConfirm, onClose }: ConfirmProps) => (
  <Dialog
    title={title}
    onClose={onClose}
    actions={
      <>
        <button type="button" class="button" onClick={onClose}>
          Back
        </button>
        <button type="button" class={`button ${danger ? 'danger' : 'primary'}`} onClick={onConfirm}>
          {action}
        </button>
      </>
    }
  >
    {children}
  </Dialog>
)
