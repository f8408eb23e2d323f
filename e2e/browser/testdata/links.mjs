// Opens mails as people do: where they asked for them and elsewhere, from webmail
// on another site, with JavaScript and without, by mouse and by keyboard.
import { orders, shoot, watch, withChromium } from './chromium.mjs';

const { url: server, client, webmail } = orders;
const password = 'violet tambourine 41 harvest';
const back = { redirect_uri: `${client}/in`, state: 's 1&2' };
const seen = { steps: {}, complaints: [], requests: [] };

await withChromium(async (browser) => {
  await signIn(browser);
  await verify(browser);
  await reset(browser);
  return seen;
});

async function signIn(browser) {
  const here = await browser.newContext();
  const page = await here.newPage();
  await page.goto(client);
  await ask(page, '/auth/send-magic-link', { email: 'ada@example.com', ...back });
  const first = await mail('ada@example.com');
  // Embedding it or fetching it, cookie and all, is not opening it.
  await page.evaluate(async (link) => {
    const frame = document.body.appendChild(Object.assign(document.createElement('iframe'), { src: link }));
    await new Promise((loaded) => { frame.onload = loaded; });
    await fetch(link, { mode: 'no-cors', credentials: 'include' }).catch(() => {}); // no page may read it
  }, first.link);
  const tab = await watched(here);
  await follow(tab, first.link);
  await note('asked here', tab);
  await follow(tab, first.link);
  await note('opened again', tab, 'refused');
  await here.close();

  for (const [name, how] of Object.entries({ 'elsewhere, confirmed': {}, 'elsewhere, without JavaScript': { javaScriptEnabled: false } })) {
    const elsewhere = await browser.newContext(how);
    const reader = await watched(elsewhere);
    await follow(reader, await linkFor('ada@example.com'));
    await note('elsewhere', reader);
    await reader.getByRole('button', { name: 'Sign in' }).click();
    await reader.waitForURL(`${client}/in*`);
    await note(name, reader);
    await elsewhere.close();
  }

  const keys = await browser.newContext();
  const typist = await watched(keys);
  await typist.goto(await linkFor('ada@example.com'));
  await typist.keyboard.press('Tab');
  const focus = await typist.evaluate(() => document.activeElement.textContent);
  await shoot(typist, 'link by keyboard');
  await typist.keyboard.press('Enter');
  await typist.waitForURL(`${client}/in*`);
  await note('elsewhere, by keyboard', typist);
  seen.steps['elsewhere, by keyboard'].focus = focus;
  await keys.close();
}

async function verify(browser) {
  const here = await browser.newContext();
  const page = await here.newPage();
  await page.goto(client);
  await ask(page, '/auth/sign-up', { email: 'grace@example.com', password });
  const tab = await watched(here);
  await follow(tab, (await mail('grace@example.com')).link);
  await note('verify where they signed up', tab, 'verified');
  await here.close();

  await post('/auth/sign-up', { email: 'squatted@example.com', password });
  const elsewhere = await browser.newContext({ javaScriptEnabled: false });
  const reader = await watched(elsewhere);
  await follow(reader, (await mail('squatted@example.com')).link);
  await note('verify elsewhere', reader);
  await reader.getByRole('button', { name: 'This was not me' }).click();
  await reader.getByRole('heading', { name: 'It is gone' }).waitFor();
  await note('verify elsewhere, not me', reader, 'disowned');
  await elsewhere.close();
}

async function reset(browser) {
  for (const [name, how] of Object.entries({ done: { javaScriptEnabled: false }, 'by keyboard with JavaScript': {} })) {
    const context = await browser.newContext(how);
    const page = await watched(context);
    await post('/auth/send-password-reset', { email: 'grace@example.com' });
    let letter = await mail('grace@example.com');
    if (!letter.link) letter = await mail('grace@example.com'); // the notice of the reset before
    await follow(page, letter.link);
    await note('reset', page);
    seen.field = await field(page);
    await page.keyboard.type('password123');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await note('reset, weak', page, 'weak');
    seen.fault = { ...await field(page), alert: await page.getByRole('alert').textContent() };
    await page.keyboard.type('a new and better one 58');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();
    await note(`reset, ${name}`, page);
    await context.close();
  }
}

// A page whose complaints count.
async function watched(context) {
  const page = await context.newPage();
  const { complaints } = watch(page);
  context.on('close', () => seen.complaints.push(...complaints.filter((text) => !/status of (410|422)/.test(text))));
  return page;
}

// From webmail, which is another site.
async function follow(page, link) {
  await page.goto(`${webmail}/webmail?link=${encodeURIComponent(link)}`);
  await page.getByRole('link').click();
  await page.waitForURL((at) => !at.href.startsWith(`${webmail}/webmail`));
}

async function note(name, page, picture) {
  await page.waitForLoadState();
  seen.steps[name] = {
    url: page.url(), heading: await page.locator('h1').textContent(), text: await page.locator('body').textContent(),
    cookies: (await page.context().cookies(server)).map((c) => c.name),
  };
  if (picture) await shoot(page, `link ${picture}`);
}

async function field(page) {
  const input = page.locator('input[name=password]');
  return {
    type: await input.getAttribute('type'), name: await input.getAttribute('name'), autocomplete: await input.getAttribute('autocomplete'),
    label: await page.locator(`label[for=${await input.getAttribute('id')}]`).textContent(),
    hint: await page.locator(`#${await input.getAttribute('aria-describedby')}`).textContent(),
    focused: await input.evaluate((e) => document.activeElement === e), required: await input.evaluate((e) => e.required),
  };
}

// The client's page asks, with this browser's cookies.
function ask(page, path, body) {
  return page.evaluate(async ([to, sent]) => {
    const response = await fetch(to, { method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(sent) });
    if (!response.ok) throw new Error(await response.text());
  }, [server + path, body]);
}

// Somebody asks elsewhere.
async function post(path, body) {
  const response = await fetch(server + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}

async function linkFor(email) {
  await post('/auth/send-magic-link', { email, ...back });
  return (await mail(email)).link;
}

async function mail(to) {
  return (await fetch(`${webmail}/mail?to=${encodeURIComponent(to)}`)).json();
}
