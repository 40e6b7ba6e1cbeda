import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBoardPage } from './board-page.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'board-page-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function load(source: string): ReturnType<typeof loadBoardPage> {
  writeFileSync(path.join(folder, 'page.ejs'), source);
  return loadBoardPage(folder, 'page.ejs');
}

describe('loadBoardPage', () => {
  it('takes out every link to another host and keeps those of the board', () => {
    const own = '<link href="static/css/main.css" rel="stylesheet">';
    const page = load(
      `<link href="https://fonts.example/css2?family=X&display=swap" rel="stylesheet">\n<link rel="preconnect" href="//cdn.example">${own}`,
    );
    expect(page({})).toBe(own);
  });

  it('fills in values, escaped where the page says so', () => {
    const page = load('<title><%= title %></title><script type="application/json"><%- config %></script>');
    expect(page({ title: '<"A" & B>', config: '{"a":1}' })).toBe(
      '<title>&lt;&quot;A&quot; &amp; B&gt;</title><script type="application/json">{"a":1}</script>',
    );
  });

  it('refuses a page that asks for more than it is given', () => {
    expect(() => load('<%= nonce %>')({ title: 'x' })).toThrow('asks for "nonce"');
  });
});
