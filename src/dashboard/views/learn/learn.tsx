/** The chapters that there are to learn from. */
import { chapters } from './chapters/all-chapters.ts'

export const title = (): string => 'Learn'

export const View = () => (
  <>
    <div class="heading">
      <h1>Learn</h1>
    </div>
    <p class="lead">
      Linear regression, step by step, on this very service. Each step says what happens, shows the request that does it, and draws the
      answer. Change any of it and run it again: nothing is prepared, every number comes from the service, and means what it means in
      PyTorch.
    </p>
    <ol class="chapters">
      {chapters.map(({ id, title: name, summary, steps }, at) => (
        <li key={id} class="card">
          <h2>
            <span class="muted">{at + 1}</span> <a href={`/learn/${id}`}>{name}</a>
          </h2>
          <p>{summary}</p>
          <p class="muted">{steps.length} steps</p>
        </li>
      ))}
    </ol>
  </>
)
