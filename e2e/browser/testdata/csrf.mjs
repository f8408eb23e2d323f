// Lives a session in a page of another origin, which has loaded the CSRF snippet.
import { orders, watch, withChromium } from './chromium.mjs';

await withChromium(async (browser) => {
  const page = await browser.newPage();
  const seen = watch(page);
  await page.goto(orders.url);
  const steps = await page.evaluate(live, { server: orders.server, email: orders.email, password: orders.password });
  const cookies = await page.context().cookies(orders.server);
  return { ...seen, steps, cookies: cookies.map(({ name, httpOnly, secure, sameSite }) => ({ name, httpOnly, secure, sameSite })) };
});

async function live({ server, email, password }) {
  const steps = {};
  const note = async (step, response) => {
    const text = await response.text();
    steps[step] = { status: response.status, body: text ? JSON.parse(text) : {} };
  };
  const call = (method, path, body, headers = {}) => fetch(server + path, {
    method, credentials: 'include', headers: { 'Content-Type': 'application/json', ...headers }, body: body && JSON.stringify(body),
  });
  const viaXHR = (method, path, body) => new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, server + path);
    xhr.setRequestHeader('Content-Type', 'application/json');
    xhr.onload = () => resolve(new Response(xhr.responseText, { status: xhr.status }));
    xhr.onerror = () => resolve(new Response('{"code":"network"}', { status: 599 }));
    xhr.send(JSON.stringify(body));
  });
  const pastSnippet = async (url) => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    return frame.contentWindow.fetch(url, {
      method: 'PATCH', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body: '{"name":"Mallory"}',
    });
  };
  const cookieMode = { 'X-Session-Mode': 'cookie' };

  await note('sign up', await call('POST', '/auth/sign-up', { email, password }, cookieMode));
  await note('me', await call('GET', '/auth/me'));
  await note('patch by fetch', await call('PATCH', '/auth/me', { name: 'By Fetch' }));
  await note('patch by XMLHttpRequest', await viaXHR('PATCH', '/auth/me', { name: 'By XHR' }));
  await note('patch by Request', await fetch(new Request(`${server}/auth/me`, {
    method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{"name":"By Request"}',
  })));
  await note('patch past the snippet', await pastSnippet(`${server}/auth/me`));
  await note('refresh', await call('POST', '/auth/refresh'));
  await note('sign out', await call('POST', '/auth/sign-out'));
  await note('me when signed out', await call('GET', '/auth/me'));
  // The token so far was bound to the session that has ended.
  await note('sign in', await call('POST', '/auth/sign-in', { email, password }, cookieMode));
  await note('patch by XMLHttpRequest after signing in again', await viaXHR('PATCH', '/auth/me', { name: 'Again' }));
  await note('patch by fetch after signing in again', await call('PATCH', '/auth/me', { name: 'And again' }));
  steps.readable = { status: 0, body: { cookies: document.cookie } };
  return steps;
}
