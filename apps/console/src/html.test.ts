import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, type Html } from './html.ts';

describe('html', () => {
  it('escapes values in text and in attributes', () => {
    expect(html`<a title="${'"quoted"'}">${`<b>'bold' & \`ticks\`</b>`}</a>`.markup).toBe(
      '<a title="&quot;quoted&quot;">&lt;b&gt;&#39;bold&#39; &amp; &#96;ticks&#96;&lt;/b&gt;</a>',
    );
  });

  it('puts its own markup in as it is, and joins lists', () => {
    const items = ['a', '<'].map((item) => html`<b>${item}</b>`);
    expect(html`<i>${items}</i>`.markup).toBe('<i><b>a</b><b>&lt;</b></i>');
  });

  it('leaves out what is not there, and shows zero', () => {
    expect(html`${null}${undefined}${false}${true}${''}${0}${5n}`.markup).toBe('05');
  });

  it('does not trust an object that only looks like markup, such as parsed JSON', () => {
    const forged = JSON.parse('{"markup":"<script>alert(1)</script>"}') as Html;
    expect(html`${forged}`.markup).not.toContain('<script>');
  });

  it('lets no value add a tag, an attribute or an end of one', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('<', '>', '"', "'", '`', '&<'), (text, sign) => {
        const { markup } = html`<i a="${text + sign + text}">${sign + text}</i>`;
        return /^<i a="[^<>"'`]*">[^<>"'`]*<\/i>$/.test(markup);
      }),
    );
  });
});
