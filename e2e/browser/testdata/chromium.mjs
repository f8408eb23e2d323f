// Starts Chromium for a script of this folder. A script gets its orders as JSON in
// its first argument and prints what it saw as JSON.
import { chromium } from 'playwright-core';

export const orders = JSON.parse(process.argv[2]);

export async function withChromium(act) {
  // Chromium refuses its sandbox to root, and nothing here loads a foreign page.
  const browser = await chromium.launch({ executablePath: orders.chromium, args: ['--no-sandbox'] });
  try {
    console.log(JSON.stringify(await act(browser)));
  } finally {
    await browser.close();
  }
}

// Everything that a page does which it should not, and whom it asks.
export function watch(page) {
  const seen = { complaints: [], requests: [] };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  page.on('requestfailed', (request) => seen.complaints.push(`${request.url()}: ${request.failure().errorText}`));
  page.on('request', (request) => seen.requests.push(request.url()));
  return seen;
}

// Narrow and light, wide and dark, for people to look at.
export async function shoot(page, name) {
  if (!orders.screenshots) return;
  for (const [width, colorScheme] of [[360, 'light'], [1280, 'dark']]) {
    await page.setViewportSize({ width, height: 700 });
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${orders.screenshots}/${name} ${colorScheme} ${width}.png` });
  }
}
