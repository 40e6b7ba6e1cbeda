import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AiCoreError } from '@ai-core/core';
import { CONSOLE_ROLES, createConsoleUser, editConsoleUser, listConsoleUsers, recordChange, resetPassword } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';
import { actOf, IdParams, parseInput } from './api-parts.ts';

const NewUser = z.object({ name: z.string(), role: z.enum(CONSOLE_ROLES) });
const Edit = z.object({ role: z.enum(CONSOLE_ROLES).optional(), isDisabled: z.boolean().optional() });

/** People of the console and their roles. Passwords given out here are shown once and must be changed. */
export function registerUsers(app: FastifyInstance, services: ConsoleServices): void {
  const { database } = services;

  app.get('/api/users', async () => ({ rows: await listConsoleUsers(database), next: null }));

  app.post('/api/users', async (request) => {
    const user = parseInput(NewUser, request.body);
    const login = await createConsoleUser(database, user);
    await recordChange(database, {
      actor: sessionOf(request).user.name,
      action: 'user.created',
      subject: login.name,
      after: { role: user.role },
    });
    return login;
  });

  app.patch('/api/users/:id', async (request) => {
    const { id } = parseInput(IdParams, request.params);
    await editConsoleUser(actOf(services, request), id, parseInput(Edit, request.body));
    return { id };
  });

  app.post('/api/users/:id/password', async (request) => {
    const { id } = parseInput(IdParams, request.params);
    const user = (await listConsoleUsers(database)).find((row) => row.id === id);
    if (user === undefined) throw new AiCoreError('NOT_FOUND', 'there is no such user');
    const login = await resetPassword(database, user.name);
    await recordChange(database, { actor: sessionOf(request).user.name, action: 'password.reset', subject: user.name });
    return login;
  });
}
