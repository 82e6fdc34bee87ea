/** A part of a view, with its heading and what can be done there. */
import type { ComponentChildren } from 'preact'
import { useContext, useId } from 'preact/hooks'
import { Within } from './within.ts'

type Props = { title: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren; flush?: boolean }

/** `flush` leaves no space around what it holds, as a table wants it. */
export const Card = ({ title, actions, children, flush = false }: Props) => {
  const id = useId()
  const within = useContext(Within)
  return (
    <section class="card" aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>
          {title}
          {within && <span class="visually-hidden"> {within}</span>}
        </h2>
        {actions && <div class="actions">{actions}</div>}
      </div>
      <div class={flush ? '' : 'card-body'}>{children}</div>
    </section>
  )
}
