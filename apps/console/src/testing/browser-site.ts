/** For tests in Chromium: people with a role on a real console, what they see, and what stands in their way. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import type { ConsoleRole } from '@ai-core/store';
import { COOKIE, openTestConsole, type TestConsole, type TestConsoleOptions } from '../testing.ts';
import { prepareWebApp } from '../web-app.ts';

const SCREENSHOTS = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** What makes the page itself wider than the window; tables scroll inside their frames. */
const WHAT_HANGS_OVER = `document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.querySelectorAll('body *')]
  .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1).map((element) => element.tagName + '.' + element.className).slice(0, 8)`;

/** The looks every page is shown in. */
export const LOOKS = {
  light: { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
} as const;
export type Look = keyof typeof LOOKS;

export interface Visitor {
  readonly name: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained about, refused styles and scripts among it. */
  readonly complaints: string[];
  /** Goes to a page of the console and waits until `selector` is there. */
  open(name: string, selector: string): Promise<void>;
  /** Keeps a picture; @returns what axe-core finds serious or critical, and what hangs over the edge */
  inspect(name: string): Promise<string[]>;
}

export interface BrowserSite {
  readonly site: TestConsole;
  visit(role: ConsoleRole, look?: Look): Promise<Visitor>;
  close(): Promise<void>;
}

interface Found {
  readonly violations: readonly { readonly id: string; readonly impact: string; readonly nodes: readonly { readonly html: string }[] }[];
}

async function findBarriers(page: Page): Promise<string[]> {
  // The page's own policy lets no script in; the inspector comes in beside it.
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<Found> } }).axe.run());
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** A console on a database of its own, listening, and a Chromium beside it. */
export async function openBrowserSite(options: TestConsoleOptions & { readonly browserPath: string }): Promise<BrowserSite> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const site = await openTestConsole({ ...options, web: await prepareWebApp() });
  const url = await site.app.listen({ host: '127.0.0.1', port: 0 });
  const chrome = await chromium.launch({ executablePath: options.browserPath, args: ['--no-sandbox'] });
  return {
    site,
    async visit(role, look = 'light') {
      const user = await site.signIn(role);
      const context = await chrome.newContext(LOOKS[look]);
      await context.addCookies([{ name: COOKIE, value: user.cookies.get(COOKIE) ?? '', url }]);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => /refused to|violates/i.test(message.text()) && complaints.push(message.text()));
      return {
        name: user.userName,
        context,
        page,
        complaints,
        async open(name, selector) {
          await page.goto(`${url}/#/${name}`);
          await page.locator(selector).first().waitFor();
          await page.evaluate('document.fonts.ready.then(() => undefined)');
        },
        async inspect(name) {
          await page.screenshot({ path: path.join(SCREENSHOTS, `${name}-${look}.png`) });
          const wide = (await page.evaluate(WHAT_HANGS_OVER)) as string[];
          return [...(await findBarriers(page)), ...wide.map((element) => `hangs over: ${element}`)].map(
            (barrier) => `${name}: ${barrier}`,
          );
        },
      };
    },
    async close() {
      await chrome.close();
      await site.close();
    },
  };
}
