import AutoStories from '@mui/icons-material/AutoStoriesOutlined';
import Groups from '@mui/icons-material/GroupsOutlined';
import History from '@mui/icons-material/HistoryOutlined';
import Key from '@mui/icons-material/KeyOutlined';
import Memory from '@mui/icons-material/PsychologyOutlined';
import Receipt from '@mui/icons-material/ReceiptLongOutlined';
import Rule from '@mui/icons-material/RuleOutlined';
import Savings from '@mui/icons-material/SavingsOutlined';
import Tune from '@mui/icons-material/TuneOutlined';
import Work from '@mui/icons-material/WorkOutlineOutlined';
import { lazy, type ReactNode } from 'react';
import { Admin, Resource } from 'react-admin';
import { authProvider, hasRole } from './auth-provider.ts';
import type { Role } from './call-api.ts';
import { ConsoleLayout } from './console-layout.tsx';
import { dataProvider } from './data-provider.ts';
import { ApiKeyList } from './pages/api-keys.tsx';
import { BudgetList } from './pages/budgets.tsx';
import { ChangeList } from './pages/changes.tsx';
import { JobList } from './pages/job-list.tsx';
import { JobShow } from './pages/job-show.tsx';
import { MemoryList } from './pages/memory-list.tsx';
import { MemoryShow } from './pages/memory-show.tsx';
import { ProviderShow } from './pages/provider-show.tsx';
import { ProviderList } from './pages/providers.tsx';
import { SelectionPage } from './pages/selection.tsx';
import { TrainingDataList } from './pages/training-data.tsx';
import { UsageList } from './pages/usage.tsx';
import { UserList } from './pages/users.tsx';
import { darkTheme, lightTheme } from './themes.ts';

/** Charts are half of all code: they come when the dashboard is looked at. */
const Dashboard = lazy(async () => ({ default: (await import('./pages/dashboard.tsx')).Dashboard }));

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
        <Resource key="memory" name="memory" list={MemoryList} show={MemoryShow} icon={Memory} options={{ label: 'AI memory' }} />,
        <Resource key="training" name="training-data" list={TrainingDataList} icon={AutoStories} options={{ label: 'Training data' }} />,
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
