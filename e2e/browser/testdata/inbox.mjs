// Uses the inbox as a developer does, while mails arrive.
import { orders, watch, withChromium } from './chromium.mjs';

const inbox = `${orders.url}/dev/inbox`;
const deliver = (name) => fetch(`${orders.courier}/${name}`);

await withChromium(async (browser) => {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'], viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const seen = watch(page);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const subjects = () => page.locator('#list .subject').allTextContents();

  await page.goto(inbox);
  seen.empty = await page.locator('#letter').textContent();
  await page.evaluate(() => { window.unbroken = true; });
  await deliver('code');
  seen.code = await page.locator('#letter .secret strong').textContent();
  seen.unbroken = await page.evaluate(() => window.unbroken === true);
  seen.frame = await page.frameLocator('iframe').locator('h1').textContent();

  await page.getByRole('button', { name: 'Copy code' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  seen.copied = await clipboard();
  await page.getByRole('button', { name: 'Copy link' }).first().click();
  await page.getByRole('button', { name: 'Copied' }).nth(1).waitFor();
  seen.copiedLink = await clipboard();
  seen.opened = await openedBy(page, page.getByRole('link', { name: /^Open/ }));
  seen.openedInFrame = await openedBy(page, page.frameLocator('iframe').getByRole('link', { name: 'Go on' }));

  // Somebody reads a message; another arrives, and then is read.
  await page.locator('#list a').click();
  await page.waitForURL(/message=/);
  await deliver('hostile');
  await page.locator('#list a').nth(1).waitFor();
  seen.appears = await subjects();
  seen.stays = await page.locator('#letter .secret strong').textContent();
  await page.locator('#list a').first().click();
  await page.locator('#letter h2', { hasText: 'Hostile' }).waitFor();
  const mail = page.frameLocator('iframe').locator('body');
  seen.hostile = {
    frame: await mail.locator('h1').textContent(), ran: (await mail.getAttribute('data-ran')) ?? '', title: await page.title(), href: page.url(),
  };

  Object.assign(seen, await hide(context));

  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Delete all' }).click();
  await page.locator('#letter .empty').waitFor();
  seen.cleared = await page.locator('#list').textContent();
  const done = structuredClone(seen);
  await context.close();

  await deliver('code');
  return { ...done, noScript: await withoutScript(browser) };
});

async function openedBy(page, link) {
  const [opened] = await Promise.all([page.waitForEvent('popup'), link.click()]);
  await opened.waitForLoadState();
  const what = { url: opened.url(), orphaned: await opened.evaluate(() => window.opener === null) };
  await opened.close();
  return what;
}

// A page that nobody sees looks for no news. Its clock is turned by hand.
async function hide(context) {
  const page = await context.newPage();
  await page.clock.install();
  let looks = 0;
  page.on('request', (request) => { if (request.url() === inbox && request.resourceType() === 'fetch') looks += 1; });
  await page.goto(inbox);
  await page.locator('#live.on').waitFor();
  const show = (visible) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, !visible);
  await show(false);
  looks = 0;
  await page.clock.runFor(60_000);
  const whileHidden = looks;
  const look = page.waitForRequest(inbox);
  await show(true);
  await look;
  await page.close();
  return { whileHidden, onceMore: looks };
}

async function withoutScript(browser) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(inbox);
  const subjects = await page.locator('#list .subject').allTextContents();
  const code = await page.locator('#letter .secret strong').textContent();
  const links = await page.locator('#letter .links a').evaluateAll((all) => all.map((a) => a.href));
  const buttons = await page.locator('button:visible').allTextContents();
  await page.getByRole('link', { name: 'Text', exact: true }).click();
  const text = await page.locator('#letter > pre').textContent();
  await context.close();
  return { subjects, code, links, buttons: buttons.filter((name) => name !== 'Show'), text };
}
