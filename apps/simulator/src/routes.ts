import { claude } from './vendors/claude.ts';
import { localSmallModel, openai } from './vendors/openai.ts';
import type { Vendor } from './vendor.ts';
import { claudeMessages } from './wire/claude-messages.ts';
import { openaiChat } from './wire/openai-chat.ts';
import { openaiModels } from './wire/openai-models.ts';
import type { Route } from './wire.ts';

export const VENDORS: readonly Vendor[] = [openai, claude, localSmallModel];

/** Everything the simulator can be asked, a line for each wire format. */
export const ROUTES: readonly Route[] = [
  openaiChat(openai),
  openaiModels(openai),
  openaiChat(localSmallModel),
  openaiModels(localSmallModel),
  claudeMessages,
];

export interface FoundRoute {
  readonly route: Route;
  readonly groups: readonly string[];
}

/**
 * @param path the path of a request, without its query
 * @returns the vendor whose prefix the path has, and the route if the vendor has one there
 */
export function findRoute(method: string, path: string): { vendor: Vendor; found: FoundRoute | undefined } | undefined {
  const vendor = VENDORS.find((entry) => path.startsWith(`${entry.prefix}/`));
  if (!vendor) return undefined;
  const below = path.slice(vendor.prefix.length);
  for (const route of ROUTES) {
    if (route.vendor !== vendor || route.method !== method) continue;
    const match = route.path.exec(below);
    if (match) return { vendor, found: { route, groups: match.slice(1) } };
  }
  return { vendor, found: undefined };
}
