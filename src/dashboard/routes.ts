/** Every view of the page, by its path; its code is loaded when it is first asked for. */
import type { Route } from './view.ts'

export const routes: Route[] = [
  { path: '/', load: () => import('./views/jobs/jobs.tsx') },
  { path: '/jobs', nav: 'Jobs', load: () => import('./views/jobs/jobs.tsx') },
  { path: '/jobs/:id', load: () => import('./views/job/job.tsx') },
  { path: '/datasets', nav: 'Datasets', load: () => import('./views/datasets/datasets.tsx') },
  { path: '/datasets/:id', load: () => import('./views/dataset/dataset.tsx') },
  { path: '/compare', nav: 'Compare', load: () => import('./views/compare/compare.tsx') },
  { path: '/new', nav: 'New job', load: () => import('./views/new-job/new-job.tsx') },
  { path: '/learn', nav: 'Learn', load: () => import('./views/learn/learn.tsx') },
  { path: '/learn/:chapter', load: () => import('./views/learn/chapter.tsx') },
]
