import Queue from '@mui/icons-material/ViewListOutlined';
import Password from '@mui/icons-material/PasswordOutlined';
import Chip from '@mui/material/Chip';
import Tooltip from '@mui/material/Tooltip';
import { useEffect, useState, type ReactNode } from 'react';
import {
  AppBar,
  Layout,
  Logout,
  Menu,
  MenuItemLink,
  TitlePortal,
  ToggleThemeButton,
  LoadingIndicator,
  UserMenu,
  useGetIdentity,
  useRefresh,
} from 'react-admin';
import { callApi } from './call-api.ts';
import { useLive } from './live.ts';
import { chooseSimulated, hasChosenSimulated, isSimulated } from './simulated.ts';

interface Today {
  readonly simulated: boolean;
  readonly requests: number;
}

/** Real or simulated work. Where only simulated work exists, that is what a first visitor sees. */
function SimulatedSwitch(): ReactNode {
  const [simulated, setSimulated] = useState(isSimulated());
  const refresh = useRefresh();
  const choose = (wanted: boolean): void => {
    chooseSimulated(wanted);
    setSimulated(wanted);
    refresh();
  };
  useEffect(() => {
    if (hasChosenSimulated()) return;
    void callApi<{ today: readonly Today[] | null }>('/api/overview').then(({ today }) => {
      const requests = (wanted: boolean): number => today?.find((day) => day.simulated === wanted)?.requests ?? 0;
      choose(requests(false) === 0 && requests(true) > 0);
    });
  });
  return (
    <Tooltip
      title={simulated ? 'Emulated providers: nobody was charged. Click for real work' : 'Real work and money. Click for simulated work'}
    >
      <Chip
        size="small"
        color={simulated ? 'warning' : 'default'}
        variant="outlined"
        label={simulated ? 'Simulated' : 'Real'}
        onClick={() => choose(!simulated)}
      />
    </Tooltip>
  );
}

function ConsoleUserMenu(): ReactNode {
  const { identity } = useGetIdentity();
  return (
    <UserMenu label={identity?.fullName ?? 'Profile'}>
      <MenuItemLink to="#" primaryText="Change password" leftIcon={<Password />} onClick={() => window.location.assign('/password')} />
      <Logout />
    </UserMenu>
  );
}

function ConsoleAppBar(): ReactNode {
  return (
    <AppBar
      userMenu={<ConsoleUserMenu />}
      toolbar={
        <>
          <SimulatedSwitch />
          <ToggleThemeButton />
          <LoadingIndicator />
        </>
      }
    >
      <TitlePortal />
    </AppBar>
  );
}

function ConsoleMenu(): ReactNode {
  return (
    <Menu>
      <Menu.DashboardItem />
      <Menu.ResourceItems />
      <Menu.Item to="#" primaryText="Queues" leftIcon={<Queue />} onClick={() => window.location.assign('/queues')} />
    </Menu>
  );
}

/** Bar, menu and page. */
export function ConsoleLayout({ children }: { readonly children?: ReactNode }): ReactNode {
  useLive();
  return (
    <Layout appBar={ConsoleAppBar} menu={ConsoleMenu}>
      {children}
    </Layout>
  );
}
