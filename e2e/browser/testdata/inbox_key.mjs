// Opens an inbox that wants the API key.
import { orders, withChromium } from './chromium.mjs';

await withChromium(async (browser) => {
  const page = await browser.newPage();
  await fetch(`${orders.courier}/code`);
  await page.goto(`${orders.url}/dev/inbox`);
  const asked = await page.locator('label').textContent();
  const answer = async (key) => {
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button').click();
  };
  await answer('wk_not-this-one');
  const refused = await page.locator('#problem').textContent();
  await answer(orders.key);
  const subject = await page.locator('#letter h2').textContent();
  const frame = await page.frameLocator('iframe').locator('h1').textContent();
  const url = page.url();
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Delete all' }).click();
  await page.locator('#letter .empty').waitFor();
  return { asked, refused, subject, frame, url, cleared: await page.locator('#list a').count() === 0 };
});
