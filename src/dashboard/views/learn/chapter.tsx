/** A chapter: its steps one below the other, each of which runs on the service. */
import { useEffect, useMemo } from 'preact/hooks'
import { Notice } from '../../components/notice.tsx'
import { useStore } from '../../store.ts'
import type { ViewProps } from '../../view.ts'
import { createChapterRuns } from './chapter-runs.ts'
import { chapters } from './chapters/all-chapters.ts'
import type { Chapter } from './chapters/chapter.ts'
import { Prose } from './prose.tsx'
import { StepSection } from './step-section.tsx'

export const title = ({ chapter }: Record<string, string>): string => chapterOf(chapter)?.title ?? 'Learn'

export const View = ({ params }: ViewProps) => {
  const chapter = chapterOf(params.chapter)
  if (chapter) return <Lesson chapter={chapter} />
  return (
    <Notice kind="warn">
      <span>There is no chapter {params.chapter}.</span> <a href="/learn">All chapters</a>
    </Notice>
  )
}

const Lesson = ({ chapter }: { chapter: Chapter }) => {
  const runs = useMemo(() => createChapterRuns(chapter.steps), [chapter])
  const state = useStore(runs.store)
  useEffect(() => {
    // Whoever leaves waits for nothing: what still trains is cancelled.
    addEventListener('pagehide', runs.leave)
    return () => {
      removeEventListener('pagehide', runs.leave)
      runs.leave()
    }
  }, [runs])
  const at = chapters.indexOf(chapter)
  const [before, after] = [chapters[at - 1], chapters[at + 1]]
  return (
    <>
      <div class="heading">
        <h1>
          <span class="muted">{at + 1}</span> {chapter.title}
        </h1>
        <a href="/learn">All chapters</a>
      </div>
      <div class="prose lead">
        <Prose text={chapter.intro} />
      </div>
      {chapter.steps.map((step, number) => (
        <StepSection key={step.id} step={step} number={number + 1} state={state[step.id]} runs={runs} />
      ))}
      <nav class="pager chapter-pager" aria-label="Chapters">
        {before ? (
          <a class="button" href={`/learn/${before.id}`}>
            ← {before.title}
          </a>
        ) : (
          <span />
        )}
        {after && (
          <a class="button" href={`/learn/${after.id}`}>
            {after.title} →
          </a>
        )}
      </nav>
    </>
  )
}

const chapterOf = (id: string | undefined): Chapter | undefined => chapters.find((chapter) => chapter.id === id)
