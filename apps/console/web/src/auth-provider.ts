import { HttpError, type AuthProvider } from 'react-admin';
import { logOut, readSession, ROLES, type Role, type Session } from './call-api.ts';

let session: Promise<Session> | undefined;
const currentSession = (): Promise<Session> => (session ??= readSession());

/** Nothing more can be shown: back to the door, and no answer, so that nothing flashes up meanwhile. */
function leave(): Promise<never> {
  window.location.assign('/login');
  return new Promise(() => undefined);
}

/** The server's login and roles, as react-admin asks for them. What a role may do is decided by the server; here it only decides what is shown. */
export const authProvider: AuthProvider = {
  login: () => leave(),
  logout: () => logOut(),
  checkAuth: async () => {
    await currentSession().catch(() => leave());
  },
  checkError: async (error: unknown) => {
    if (error instanceof HttpError && error.status === 401) await leave();
  },
  getIdentity: async () => {
    const { name, role } = await currentSession();
    return { id: name, fullName: `${name} (${role})` };
  },
  getPermissions: async () => (await currentSession()).role,
};

export function hasRole(role: Role | undefined, least: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least);
}
