import type { ComponentType } from 'preact'

/** What a view is given: the named parts of its path. */
export type ViewProps = { params: Record<string, string> }

/** What the file of a view exports. */
export type View = { View: ComponentType<ViewProps>; title: (params: Record<string, string>) => string }

export type Route = {
  /** `/jobs/:id`: parts that begin with a colon are handed to the view by their names. */
  path: string
  /** Its name in the menu; a view without one is reached from others. */
  nav?: string
  load: () => Promise<View>
}
