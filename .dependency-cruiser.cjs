/**
 * The laws of docs/architecture.md, one named rule a sentence. tests/unit/architecture.test.ts plants a violation of
 * each and expects it to be caught under that name.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */

const entries =
  '^(src/(start|server|database|[^/]+[.]thread)|src/http/bodies/body[.]worker|workers/worker|workers/(training|calls)/[^/]*child[^/]*)[.]ts$'
const product = '^(src|workers)/'
const typesAreFine = ['type-only']

const law = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

module.exports = {
  forbidden: [
    law('no-circles', 'Imports form no circle.', { pathNot: 'src/generated' }, { circular: true }),
    law(
      'no-dangling-import',
      'Every import resolves.',
      {},
      { couldNotResolve: true, pathNot: '(@tensorflow/tfjs-node|^[.].*[.]gen[.]ts)' },
    ),
    law(
      'numerics-are-leaves',
      'src/numerics is pure maths: it imports nothing of ours.',
      { path: '^src/numerics' },
      { path: product, pathNot: '^src/numerics' },
    ),
    law(
      'contracts-are-leaves',
      'src/contracts is what both doors agree on: it imports only itself and the pure maths below it.',
      { path: '^src/contracts' },
      { path: product, pathNot: '^src/(contracts|numerics)' },
    ),
    law(
      'platform-is-below-features',
      'Adapters know no feature and no door.',
      { path: '^src/platform' },
      { path: '^(src/(features|http|server|start|compose-api)|workers)' },
    ),
    law(
      'platform-adapters-are-strangers',
      'An adapter does not import another adapter.',
      { path: '^src/platform/([^/]+)/' },
      { path: '^src/platform/[^/]+/', pathNot: '^src/platform/$1/', dependencyTypesNot: typesAreFine },
    ),
    law(
      'features-are-below-doors',
      'Features know neither door.',
      { path: '^src/features' },
      { path: '^(src/(http|server|start|compose-api|config)|workers)' },
    ),
    law(
      'services-get-collaborators-as-arguments',
      'Outside its own folder no feature imports a service or a repository, and no service imports a repository or an adapter: they arrive as arguments.',
      { path: '^src/features/.*[.]service[.]ts$' },
      { path: '([.](repository|service)[.]ts$|^src/platform/)', dependencyTypesNot: typesAreFine },
    ),
    law(
      'features-share-rules-only',
      "A feature may use another feature's pure rules, never its service or repository.",
      { path: '^src/features/([^/]+)/' },
      { path: '^src/features/[^/]+/.*[.](repository|service)[.]ts$', pathNot: '^src/features/$1/', dependencyTypesNot: typesAreFine },
    ),
    law(
      'rules-are-pure',
      'In features only repositories reach an adapter.',
      { path: '^src/features/', pathNot: '[.]repository[.]ts$' },
      { path: '^src/(platform|generated)/', dependencyTypesNot: typesAreFine },
    ),
    law(
      'routes-call-services-only',
      'The HTTP door reaches rows and servers through services alone.',
      { path: '^src/http/' },
      { path: '([.]repository[.]ts$|^src/(platform|generated)/)', dependencyTypesNot: typesAreFine },
    ),
    law('http-never-imports-workers', 'Nothing under src imports the worker door.', { path: '^src/' }, { path: '^workers/' }),
    law(
      'workers-never-import-http',
      'Workers know nothing of the HTTP door.',
      { path: '^workers/' },
      { path: '^src/(http|server|start|compose-api)' },
    ),
    law(
      'engine-is-pure',
      'The engine is a pure library: it imports contracts, numerics and itself.',
      { path: '^workers/engine/' },
      { path: product, pathNot: '^(src/(contracts|numerics)|workers/engine)/' },
    ),
    law(
      'only-engine-knows-tensorflow',
      'Only workers/engine imports TensorFlow.js.',
      { path: product, pathNot: '^workers/engine/' },
      { path: '(node_modules/|^)@tensorflow/' },
    ),
    law(
      'api-never-loads-tensorflow',
      'Whatever way imports lead, the API process never loads TensorFlow.js.',
      { path: '^src/(server|compose-api|http/)' },
      { path: '(node_modules/|^)@tensorflow/', reachable: true },
    ),
    law(
      'only-http-knows-fastify',
      'Only src/http and the API entry import Fastify.',
      { path: product, pathNot: '^src/(http/|(server|compose-api)[.]ts$)' },
      { path: '(node_modules/|^)(fastify|@fastify|@scalar)/' },
    ),
    law(
      'only-queue-and-training-know-bullmq',
      'Only src/platform/queue and workers/training import BullMQ and its Redis client.',
      { path: product, pathNot: '^(src/platform/queue/|workers/training/)' },
      { path: '(node_modules/|^)(bullmq|ioredis)/' },
    ),
    law(
      'only-repositories-know-prisma',
      'Only repositories and src/platform/db import Prisma or its generated client.',
      { path: product, pathNot: '(^src/platform/db/|^src/generated/|[.]repository[.]ts$)' },
      { path: '((node_modules/|^)@prisma/|^src/generated/)' },
    ),
    law(
      'only-platform-knows-the-driver',
      'Only adapters import the PostgreSQL driver.',
      { path: product, pathNot: '^src/platform/' },
      { path: '(node_modules/|^)pg/' },
    ),
    law(
      'only-entries-read-config',
      'Only entries, and the frame they all start in, read the environment; everyone else is given values.',
      { path: product, pathNot: `(${entries}|^src/(config|platform/entry)[.]ts$)` },
      { path: '^src/config[.]ts$', dependencyTypesNot: typesAreFine },
    ),
    law('nobody-imports-entries', 'An entry is started, never imported.', {}, { path: entries }),
    law(
      'product-never-imports-tests',
      'The product imports neither tests, benchmarks, examples nor scripts.',
      { path: product },
      { path: '^(tests|bench|examples|scripts)/' },
    ),
    law(
      'product-needs-no-dev-packages',
      'What the product imports is a dependency, not a dev dependency.',
      { path: product },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'] },
    ),
    law(
      'e2e-sees-a-black-box',
      'End-to-end tests import nothing of the product.',
      { path: '^tests/(e2e/|support/e2e|chaos/|fuzz/)' },
      { path: product },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
}
