// Reads a page of ours in every way in which people do.
import { orders, watch, withChromium } from './chromium.mjs';

await withChromium(async (browser) => {
  const views = [];
  for (const javaScriptEnabled of [true, false]) {
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [360, 1280]) {
        views.push(await look(browser, { javaScriptEnabled, colorScheme, viewport: { width, height: 900 } }));
      }
    }
  }
  return views;
});

async function look(browser, how) {
  const context = await browser.newContext(how);
  const page = await context.newPage();
  const seen = watch(page);
  const response = await page.goto(orders.url);
  const name = `${how.colorScheme}, ${how.viewport.width} wide, ${how.javaScriptEnabled ? 'with' : 'without'} JavaScript`;
  if (orders.screenshots) await page.screenshot({ path: `${orders.screenshots}/${page.url().replace(/\W+/g, '-')} ${name}.png`, fullPage: true });
  const view = await page.evaluate(inspect);
  const done = structuredClone(seen); // what is broken off from here on is our doing
  await context.close();
  return { name, status: response.status(), ...view, ...done };
}

function inspect() {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const visible = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 0;
  const hasWords = (element) => [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
  const here = `${location.href.split('#')[0]}#`;
  return {
    title: document.title,
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    background: getComputedStyle(document.body).backgroundColor,
    faint: [...new Set(all('body *').filter((e) => hasWords(e) && visible(e) && contrast(e) < 4.5).map((e) => `${e.className || e.tagName} ${contrast(e).toFixed(1)}`))],
    hidden: all('main :is(h1, h2, h3, h4, pre, p, dt)').filter((e) => !visible(e)).map((e) => e.textContent),
    dangling: all('a[href^="#"]').map((a) => a.hash.slice(1)).filter((id) => !document.getElementById(id)),
    unnamed: all('a, img').filter((e) => !e.textContent.trim() && e.getAttribute('alt') === null).length,
    headings: all('h1, h2, h3, h4').map((h) => Number(h.tagName[1])),
    pages: [...new Set(all('a[href]').map((a) => a.href))].filter((href) => !href.startsWith(here)),
  };

  // As WCAG 2 measures it.
  function contrast(element) {
    let behind = element;
    while (behind.parentElement && /rgba\(.*, 0\)/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
    const [light, dark] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor]
      .map(luminance).sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  function luminance(colour) {
    const [r, g, b] = colour.match(/[\d.]+/g).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
}
