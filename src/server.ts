/** Entry of the API: opens what it runs on, puts it together, listens, and closes when it is told to. */
import { composeApi } from './compose-api.ts'
import { runEntry } from './platform/entry.ts'
import { openInfrastructure } from './platform/infrastructure.ts'
import { promptLimits } from './platform/pool.ts'
import { compileAll } from './validation/compile-ahead.ts'

await runEntry({ name: 'api', env: process.env }, async ({ config, log, stopping, defer, announceListening }) => {
  const infrastructure = await openInfrastructure(config, log, { limits: promptLimits })
  defer(infrastructure.close)
  if (stopping.aborted) return

  const app = await composeApi({ infrastructure, config, log })
  defer(() => app.close())
  // While a schema is compiled no connection to the database can be opened, and requests would be refused.
  compileAll()
  await infrastructure.database.warmUp().catch((error) => log.warn({ err: error }, 'no connection to the database yet'))
  await app.listen({ host: config.host, port: config.port })
  const address = app.server.address()
  announceListening(typeof address === 'object' && address ? address.port : config.port)
})
