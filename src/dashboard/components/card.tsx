/** A part of a view, with its heading and what can be done there. */
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

type Props = { title: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren; flush?: boolean }

/** `flush` leaves no space around what it holds, as a table wants it. */
export const Card = ({ title, actions, children, flush = false }: Props) => {
  const id = useId()
  return (
    <section class="card" aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>{title}</h2>
        {actions && <div class="actions">{actions}</div>}
      </div>
      <div class={flush ? '' : 'card-body'}>{children}</div>
    </section>
  )
}
