import Balance from '@mui/icons-material/BalanceOutlined';
import AutoStories from '@mui/icons-material/AutoStoriesOutlined';
import FactCheck from '@mui/icons-material/FactCheckOutlined';
import Groups from '@mui/icons-material/GroupsOutlined';
import History from '@mui/icons-material/HistoryOutlined';
import Key from '@mui/icons-material/KeyOutlined';
import ModelTraining from '@mui/icons-material/ModelTrainingOutlined';
import Memory from '@mui/icons-material/PsychologyOutlined';
import Receipt from '@mui/icons-material/ReceiptLongOutlined';
import Rule from '@mui/icons-material/RuleOutlined';
import Science from '@mui/icons-material/ScienceOutlined';
import Savings from '@mui/icons-material/SavingsOutlined';
import TrendingDown from '@mui/icons-material/TrendingDownOutlined';
import Tune from '@mui/icons-material/TuneOutlined';
import Work from '@mui/icons-material/WorkOutlineOutlined';
import { lazy, type ReactNode } from 'react';
import { Admin, CustomRoutes, Resource } from 'react-admin';
import { Route } from 'react-router-dom';
import { authProvider, hasRole } from './auth-provider.ts';
import type { Role } from './call-api.ts';
import { ConsoleLayout } from './console-layout.tsx';
import { dataProvider } from './data-provider.ts';
import { ApiKeyList } from './pages/api-keys.tsx';
import { BlindScoring } from './pages/blind-scoring.tsx';
import { BudgetList } from './pages/budgets.tsx';
import { CheaperTiers } from './pages/cheaper-tiers.tsx';
import { ChangeList } from './pages/changes.tsx';
import { ExperimentList } from './pages/experiment-list.tsx';
import { ExperimentShow } from './pages/experiment-show.tsx';
import { JobList } from './pages/job-list.tsx';
import { JobShow } from './pages/job-show.tsx';
import { MemoryCompare } from './pages/memory-compare.tsx';
import { MemoryList } from './pages/memory-list.tsx';
import { MemoryShow } from './pages/memory-show.tsx';
import { ProviderShow } from './pages/provider-show.tsx';
import { ProviderList } from './pages/providers.tsx';
import { SelectionPage } from './pages/selection.tsx';
import { ReviewQueue } from './pages/review-queue.tsx';
import { TrainingDataList } from './pages/training-data.tsx';
import { TrainingRunList } from './pages/training-run-list.tsx';
import { UsageList } from './pages/usage.tsx';
import { UserList } from './pages/users.tsx';
import { darkTheme, lightTheme } from './themes.ts';

/** Charts are half of all code: they come when the dashboard is looked at. */
const Dashboard = lazy(async () => ({ default: (await import('./pages/dashboard.tsx')).Dashboard }));

const TrainingRunShow = lazy(async () => ({ default: (await import('./pages/training-run-show.tsx')).TrainingRunShow }));

/** The console. Every page is in the URL, filters and page included, so that it can be sent to somebody. */
export function ConsoleApp(): ReactNode {
  return (
    <Admin
      title="AI Core"
      dataProvider={dataProvider}
      authProvider={authProvider}
      layout={ConsoleLayout}
      dashboard={Dashboard}
      theme={lightTheme}
      darkTheme={darkTheme}
      loginPage={false}
      requireAuth
      disableTelemetry
    >
      {(role: Role) => [
        <Resource key="providers" name="providers" list={ProviderList} show={ProviderShow} icon={Tune} options={{ label: 'Providers' }} />,
        <Resource key="selection" name="selection" list={SelectionPage} icon={Rule} options={{ label: 'Explain a choice' }} />,
        <Resource key="tiers" name="cheaper-tiers" list={CheaperTiers} icon={TrendingDown} options={{ label: 'Cheaper tiers' }} />,
        <Resource key="memory" name="memory" list={MemoryList} show={MemoryShow} icon={Memory} options={{ label: 'AI memory' }} />,
        <Resource key="training" name="training-data" list={TrainingDataList} icon={AutoStories} options={{ label: 'Training data' }} />,
        <Resource key="review" name="review" list={ReviewQueue} icon={FactCheck} options={{ label: 'Review queue' }} />,
        <Resource
          key="runs"
          name="training-runs"
          list={TrainingRunList}
          show={TrainingRunShow}
          icon={ModelTraining}
          options={{ label: 'Training runs' }}
        />,
        ...(hasRole(role, 'reviewer')
          ? [<Resource key="blind" name="blind-scoring" list={BlindScoring} icon={Balance} options={{ label: 'Blind scoring' }} />]
          : []),
        <Resource
          key="experiments"
          name="experiments"
          list={ExperimentList}
          show={ExperimentShow}
          icon={Science}
          options={{ label: 'Experiments' }}
        />,
        <CustomRoutes key="pages">
          <Route path="/memory-compare" element={<MemoryCompare />} />
        </CustomRoutes>,
        <Resource key="usage" name="usage" list={UsageList} icon={Receipt} options={{ label: 'Usage log' }} />,
        <Resource key="jobs" name="jobs" list={JobList} show={JobShow} icon={Work} options={{ label: 'Jobs' }} />,
        <Resource key="budgets" name="budgets" list={BudgetList} icon={Savings} options={{ label: 'Budgets' }} />,
        ...(hasRole(role, 'operator')
          ? [
              <Resource key="keys" name="api-keys" list={ApiKeyList} icon={Key} options={{ label: 'API keys' }} />,
              <Resource key="changes" name="changes" list={ChangeList} icon={History} options={{ label: 'Audit log' }} />,
            ]
          : []),
        ...(hasRole(role, 'admin')
          ? [<Resource key="users" name="users" list={UserList} icon={Groups} options={{ label: 'Users' }} />]
          : []),
      ]}
    </Admin>
  );
}
