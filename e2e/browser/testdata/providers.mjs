// Signs in at a certified provider as people do: for the first time and again, with
// JavaScript and without, in two tabs at once; links it; turns back.
import { orders, shoot, watch, withChromium } from './chromium.mjs';

const { url: server, client } = orders;
const password = 'violet tambourine 41 harvest';
const seen = { steps: {}, complaints: [] };
const cookieMode = `${server}/auth/acme/authorize?${new URLSearchParams({ redirect_uri: `${client}/in`, state: 's 1&2' })}`;
const codeMode = `${server}/oauth2/authorize?${new URLSearchParams({
  connection: 'acme', response_type: 'code', redirect_uri: `${client}/in`, state: 's3', scope: 'openid email',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
})}`;

await withChromium(async (browser) => {
  await come(browser, 'first', {});
  await come(browser, 'without JavaScript', { javaScriptEnabled: false });
  await link(browser);
  await refused(browser);
  await tabs(browser);
  return seen;
});

// For the first time, again while the provider remembers, and for a code.
async function come(browser, name, how) {
  const context = await browser.newContext(how);
  const page = await watched(context);
  await leave(page, cookieMode);
  await signIn(page, `${name.replaceAll(' ', '-')}@example.com`);
  await page.waitForURL(`${client}/in*`);
  await note(name, page);
  await leave(page, cookieMode);
  await page.waitForURL(`${client}/in*`);
  await note(`${name}, again`, page);
  await leave(page, codeMode);
  await page.waitForURL(`${client}/in*`);
  await note(`${name}, for a code`, page);
  await page.goto(`${server}/auth/acme/authorize`);
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
  await note(`${name}, to nowhere`, page, 'signed in');
  await context.close();
}

// Somebody with a password adds the provider, where their address is another one.
async function link(browser) {
  const context = await browser.newContext();
  const page = await watched(context);
  await page.goto(client);
  const { access_token: token } = await call(page, 'POST', '/auth/sign-up', { email: 'owner@example.com', password });
  const bearer = { Authorization: `Bearer ${token}` };
  await call(page, 'POST', '/auth/verify-email', { token: await mailedToken('owner@example.com') });
  const { authorize_url: to } = await call(page, 'POST', '/auth/identities', { provider: 'acme', redirect_uri: `${client}/in`, state: 'linked' }, bearer);
  await page.goto(to);
  await signIn(page, 'elsewhere@example.com');
  await page.waitForURL(`${client}/in*`);
  await note('linked', page);
  const me = await call(page, 'GET', '/auth/me', undefined, bearer);
  seen.linked = me.identities.map((i) => `${i.provider} ${i.email}`);
  seen.owner = me.user.id;
  await context.close();

  const other = await browser.newContext();
  const again = await watched(other);
  await leave(again, cookieMode);
  await signIn(again, 'elsewhere@example.com');
  await again.waitForURL(`${client}/in*`);
  seen.cameBack = (await other.cookies(server)).some((c) => c.name === 'access_token')
    && (await call(again, 'GET', '/auth/me')).user.id;
  await other.close();
}

async function refused(browser) {
  // Who turns back is the client's to answer; without one, ours.
  const context = await browser.newContext();
  const page = await watched(context);
  await leave(page, codeMode);
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.waitForURL(`${client}/in*`);
  await note('cancelled', page);
  await page.goto(`${server}/auth/acme/authorize`);
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByRole('heading').waitFor();
  await note('cancelled, to nowhere', page, 'cancelled');

  // The address is somebody's here, and this provider has not proven it.
  await page.goto(client);
  await call(page, 'POST', '/auth/sign-up', { email: 'unverified@example.com', password }, { 'X-Session-Mode': 'token' });
  await leave(page, cookieMode);
  await signIn(page, 'unverified@example.com');
  await page.getByRole('heading').waitFor();
  await note('account link required', page, 'account link required');
  const german = await browser.newContext({ locale: 'de-DE' });
  const seite = await watched(german);
  await leave(seite, cookieMode);
  await signIn(seite, 'unverified@example.com');
  await seite.getByRole('heading').waitFor();
  await note('account link required, in German', seite, 'account link required in German');
  await page.getByRole('link', { name: /^Back to/ }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`${client}/in*`);
  await note('the way back', page);
  await german.close();
  await context.close();

  // Whoever comes back with what another browser began has none of its cookies.
  const other = await browser.newContext();
  const victim = await watched(other);
  await leave(victim, cookieMode);
  await other.clearCookies({ name: /^__Host-flow_/ });
  await signIn(victim, 'victim@example.com');
  await victim.getByRole('heading').waitFor();
  await note('another browser', victim, 'another browser');
  await other.close();
}

// Two tabs are on their way at once, and come back the other way round.
async function tabs(browser) {
  const context = await browser.newContext();
  const [one, two] = [await watched(context), await watched(context)];
  await leave(one, cookieMode);
  await leave(two, codeMode);
  await signIn(two, 'tabs@example.com');
  await two.waitForURL(`${client}/in*`);
  await note('second tab', two);
  await signIn(one, 'tabs@example.com');
  await one.waitForURL(`${client}/in*`);
  await note('first tab', one);
  await context.close();
}

async function leave(page, to) {
  await page.goto(`${client}/?to=${encodeURIComponent(to)}`);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.waitForLoadState();
}

// At the provider: its forms for development, as far as it shows them.
async function signIn(page, login) {
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.waitForLoadState();
  if (await page.getByRole('button', { name: 'Continue' }).count()) await page.getByRole('button', { name: 'Continue' }).click();
}

// A page whose complaints count, but those about the provider's own pages and the
// refusals that are shown here.
async function watched(context) {
  const page = await context.newPage();
  const { complaints } = watch(page);
  context.on('close', () => seen.complaints.push(...complaints.filter((text) => !/status of (400|409|502)|127\.0\.0\.1|ERR_FAILED|favicon/.test(text))));
  return page;
}

async function note(name, page, picture) {
  await page.waitForLoadState();
  seen.steps[name] = {
    url: page.url(), heading: await page.locator('h1').textContent(),
    cookies: (await page.context().cookies(server)).map((c) => c.name),
  };
  if (picture) await shoot(page, `provider ${picture}`);
}

// The client's page calls, with this browser's cookies.
function call(page, method, path, body, headers = {}) {
  return page.evaluate(async ([how, to, sent, more]) => {
    const response = await fetch(to, { method: how, credentials: 'include', headers: { 'Content-Type': 'application/json', ...more }, body: sent && JSON.stringify(sent) });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }, [method, server + path, body, headers]);
}

async function mailedToken(to) {
  for (let i = 0; i < 200; i++) {
    const { messages } = await (await fetch(`${server}/dev/inbox/messages?to=${encodeURIComponent(to)}`)).json();
    const link = messages.flatMap((m) => m.links).find((l) => l.includes('/auth/verify-email'));
    if (link) return new URL(link).searchParams.get('token');
    await new Promise((later) => setTimeout(later, 50));
  }
  throw new Error(`no mail for ${to}`);
}
