/** A scrape of a process whose database does not answer. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createMetrics } from '../../../../src/platform/telemetry/prometheus.ts'

it('a scrape waits for a hanging database no longer than Prometheus waits for the scrape', async () => {
  const hangs = () => new Promise<never>(() => {})
  const { scrape } = createMetrics({ version: '1', statuses: [], finalStatuses: [], read: hangs, timeoutMs: 1 })
  const { text } = await scrape()
  assert.match(text, /^trainyard_database_up 0$/m)
  assert.doesNotMatch(text, /^trainyard_queue_depth/m)
})
