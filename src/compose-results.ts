/** Puts together what reads the results of jobs: epochs, curves and pictures of them, events, weights. */
import type { ColumnLevels } from './features/datasets/column-levels.ts'
import type { DatasetRepository } from './features/datasets/dataset.repository.ts'
import { createCurrentWeightsRepository } from './features/jobs/current-weights.repository.ts'
import { createCurveRepository } from './features/jobs/curve.repository.ts'
import { createCurvesService } from './features/jobs/curves.service.ts'
import { createEventFeed } from './features/jobs/event-feed.service.ts'
import { createHistogramRepository } from './features/jobs/histogram.repository.ts'
import { createHistogramsService } from './features/jobs/histograms.service.ts'
import type { JobRepository } from './features/jobs/job.repository.ts'
import type { JobWatchers } from './features/jobs/job-watchers.ts'
import type { ResultsRepository } from './features/jobs/results.repository.ts'
import { createResultsService } from './features/jobs/results.service.ts'
import { createTrainedParameters } from './features/jobs/trained-parameters.ts'
import type { Keyring } from './features/keys/keyring.ts'
import { createLinkRepository } from './features/links/link.repository.ts'
import { createPictureLinks } from './features/links/picture-links.service.ts'
import { createPictureService } from './features/pictures/picture.service.ts'
import { createPngQueue } from './features/pictures/png-queue.ts'
import { createWeightsService } from './features/weights/weights.service.ts'
import type { Infrastructure } from './platform/infrastructure.ts'
import type { Thread } from './platform/thread.ts'

type Parts = Pick<Infrastructure, 'database'> & {
  jobs: JobRepository
  watchers: JobWatchers
  datasets: DatasetRepository
  results: ResultsRepository
  /** All levels of a column of a dataset. */
  levelsOf: ColumnLevels
  keys: Keyring
  /** Renders SVGs as PNGs. */
  png: Thread<string, Uint8Array>
  /** How long an event stream may be silent; the feed's time unless given. */
  quietMs?: number
}

export const composeResults = ({ database, watchers, jobs, datasets, levelsOf, results, keys, png, quietMs }: Parts) => {
  const parameters = createTrainedParameters({ jobs, datasets })
  const stored = createCurveRepository(database)
  const curves = createCurvesService({ jobs, curves: stored })
  const pictures = createPictureService({ curves, toPng: createPngQueue(png) })
  return {
    results: createResultsService({ jobs, parameters, results, curves: stored }),
    histograms: createHistogramsService({ jobs, parameters, histograms: createHistogramRepository(database) }),
    curves,
    pictures,
    links: createPictureLinks({ links: createLinkRepository(database), pictures, keys }),
    feed: createEventFeed({ watchers, quietMs }),
    weights: createWeightsService({ jobs, datasets, levelsOf, results, currentWeights: createCurrentWeightsRepository(database) }),
  }
}
