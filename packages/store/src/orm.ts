import { Migrator } from '@mikro-orm/migrations';
import { MikroORM, type Options } from '@mikro-orm/postgresql';
import { ENTITIES } from './entities/index.ts';
import { Catalogue } from './migrations/0001-catalogue.ts';
import { Ledger } from './migrations/0002-ledger.ts';
import { UsageLog } from './migrations/0003-usage.ts';
import { Console } from './migrations/0004-console.ts';
import { Doors } from './migrations/0005-doors.ts';
import { Contexts } from './migrations/0006-contexts.ts';
import { Speech } from './migrations/0007-speech.ts';
import { Flywheel } from './migrations/0008-flywheel.ts';
import { Curation } from './migrations/0009-curation.ts';
import { Ratings } from './migrations/0010-ratings.ts';
import { Budgets } from './migrations/0011-budgets.ts';
import { ExperimentSettings } from './migrations/0012-experiment-settings.ts';
import { FlowControl } from './migrations/0013-flow-control.ts';
import { Backlog } from './migrations/0014-backlog.ts';
import { UsageList } from './migrations/0015-usage-list.ts';
import { MostAtOnce } from './migrations/0016-most-at-once.ts';
import { Lanes } from './migrations/0017-lanes.ts';
import { Savings } from './migrations/0018-savings.ts';
import { TrainingCurve } from './migrations/0019-training-curve.ts';
import { TierChoices } from './migrations/0020-tier-choices.ts';
import { Alerts } from './migrations/0021-alerts.ts';
import { Batches } from './migrations/0022-batches.ts';
import { RejectedAnswers } from './migrations/0023-rejected-answers.ts';
import { Freshness } from './migrations/0024-freshness.ts';
import { UsageOfPeople } from './migrations/0025-usage-of-people.ts';

const MIGRATIONS = [
  { name: '0001-catalogue', class: Catalogue },
  { name: '0002-ledger', class: Ledger },
  { name: '0003-usage', class: UsageLog },
  { name: '0004-console', class: Console },
  { name: '0005-doors', class: Doors },
  { name: '0006-contexts', class: Contexts },
  { name: '0007-speech', class: Speech },
  { name: '0008-flywheel', class: Flywheel },
  { name: '0009-curation', class: Curation },
  { name: '0010-ratings', class: Ratings },
  { name: '0011-budgets', class: Budgets },
  { name: '0012-experiment-settings', class: ExperimentSettings },
  { name: '0013-flow-control', class: FlowControl },
  { name: '0014-backlog', class: Backlog },
  { name: '0015-usage-list', class: UsageList },
  { name: '0016-most-at-once', class: MostAtOnce },
  { name: '0017-lanes', class: Lanes },
  { name: '0018-savings', class: Savings },
  { name: '0019-training-curve', class: TrainingCurve },
  { name: '0020-tier-choices', class: TierChoices },
  { name: '0021-alerts', class: Alerts },
  { name: '0022-batches', class: Batches },
  { name: '0023-rejected-answers', class: RejectedAnswers },
  { name: '0024-freshness', class: Freshness },
  { name: '0025-usage-of-people', class: UsageOfPeople },
];

export interface OrmOptions {
  readonly databaseUrl: string;
  readonly maxConnections?: number | undefined;
}

/** The ORM: schema migrations and what admins read and write. The hot paths have prepared statements of their own. */
export function createOrm(options: OrmOptions): MikroORM {
  const config: Options = {
    clientUrl: options.databaseUrl,
    entities: ENTITIES,
    extensions: [Migrator],
    pool: { min: 0, max: options.maxConnections ?? 2 },
    driverOptions: { connectionTimeoutMillis: 5_000, application_name: 'ai-core admin' },
    logger: () => undefined,
    migrations: { migrationsList: MIGRATIONS, tableName: 'ai_migration', snapshot: false, transactional: true, allOrNothing: true },
  };
  return new MikroORM(config);
}
