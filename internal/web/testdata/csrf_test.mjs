// Runs the served snippet against a real server: node csrf_test.mjs SERVER FOREIGN
import assert from 'node:assert/strict';
import { Page } from './browser.mjs';

const [server, foreign] = process.argv.slice(2);
const origins = [server, foreign];
const act = server + '/act';
const post = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"n":1}' };

async function open(origin, dataset) {
  const page = new Page(origin, server);
  await page.load('/auth/csrf/init', dataset);
  return page;
}

const signIn = (page) => page.jar.set('access_token', 'ses_' + Math.random());
const calls = (page, path, method = 'GET') => page.sent.filter((call) => call.path === path && call.method === method);
const tokenOf = (call) => call.headers['x-csrf-token'];

function xhr(page, { method = 'POST', url = act, headers = {}, body = '{"n":1}', type = '', before = () => {} } = {}) {
  const request = new page.window.XMLHttpRequest();
  const seen = [];
  return new Promise((resolve) => {
    for (const name of ['readystatechange', 'load', 'error', 'loadend']) {
      request.addEventListener(name, () => seen.push(name + (name === 'readystatechange' ? request.readyState : '')));
    }
    request.addEventListener('loadend', () => resolve({ status: request.status, seen, response: request.response, request }));
    request.open(method, url);
    request.setRequestHeader('Content-Type', 'application/json');
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = type;
    before(request);
    request.send(body);
  });
}

const tests = {
  async 'an unsafe fetch carries the token, and its body arrives'(origin) {
    const page = await open(origin);
    const response = await page.window.fetch(act, post);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { n: 1 });
    assert.ok(page.jar.has('__Host-csrf_session'));
  },

  async 'one token serves all calls, also those made at once'(origin) {
    const page = await open(origin);
    const all = await Promise.all(Array.from({ length: 5 }, () => page.window.fetch(act, post)));
    assert.deepEqual(all.map((response) => response.status), [200, 200, 200, 200, 200]);
    assert.equal((await xhr(page)).status, 200);
    assert.equal(calls(page, '/auth/csrf/token').length, 1);
  },

  async 'a Request object serves as well'(origin) {
    const page = await open(origin);
    const response = await page.window.fetch(new page.window.Request(act, post));
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { n: 1 });
  },

  async 'after a sign-in the token is renewed once'(origin) {
    const page = await open(origin);
    await page.window.fetch(act, post);
    signIn(page);
    const response = await page.window.fetch(act, post);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { n: 1 });
    assert.equal(calls(page, '/auth/csrf/token').length, 2);
    assert.equal(calls(page, '/act', 'POST').length, 3);
  },

  async 'calls refused at once renew the token together'(origin) {
    const page = await open(origin);
    await page.window.fetch(act, post);
    signIn(page);
    const all = await Promise.all([page.window.fetch(act, post), page.window.fetch(act, post), page.window.fetch(act, post)]);
    assert.deepEqual(all.map((response) => response.status), [200, 200, 200]);
    assert.equal(calls(page, '/auth/csrf/token').length, 2);
  },

  async 'a call refused again is not repeated for ever'(origin) {
    const page = await open(origin);
    const response = await page.window.fetch(server + '/refuses', post);
    assert.equal(response.status, 403);
    assert.equal((await response.json()).code, 'csrf_invalid');
    assert.equal(calls(page, '/refuses', 'POST').length, 2);
    const other = await xhr(page, { url: server + '/refuses' });
    assert.equal(other.status, 403);
    assert.equal(calls(page, '/refuses', 'POST').length, 4);
  },

  async 'another 403 is none of its business'(origin) {
    const page = await open(origin);
    const response = await page.window.fetch(server + '/forbids', post);
    assert.equal((await response.json()).code, 'not_a_member');
    const { status, seen, response: text } = await xhr(page, { url: server + '/forbids' });
    assert.equal(status, 403);
    assert.equal(JSON.parse(text).code, 'not_a_member');
    assert.deepEqual(seen.slice(-3), ['readystatechange4', 'load', 'loadend']);
    assert.equal(calls(page, '/forbids', 'POST').length, 2);
  },

  async 'a lost CSRF session begins anew'(origin) {
    for (const lose of [(page) => page.jar.delete('__Host-csrf_session'), (page) => page.jar.set('__Host-csrf_session', 'x.y.z')]) {
      const page = await open(origin);
      await page.window.fetch(act, post);
      lose(page);
      assert.equal((await page.window.fetch(act, post)).status, 200);
      assert.equal(calls(page, '/auth/csrf/init').length, 2);
      lose(page);
      assert.equal((await xhr(page)).status, 200);
    }
    const page = await open(origin); // lost before the first token
    page.jar.clear();
    assert.equal((await page.window.fetch(act, post)).status, 200);
  },

  async 'safe calls are left alone'(origin) {
    const page = await open(origin);
    await page.window.fetch(act);
    await page.window.fetch(act, { method: 'head' });
    await xhr(page, { method: 'GET', body: null });
    assert.equal(page.sent.filter(tokenOf).length, 0);
    assert.equal(calls(page, '/auth/csrf/token').length, 0);
  },

  async 'the token goes to no other server'(origin) {
    const page = await open(origin);
    await page.window.fetch(act, post);
    const elsewhere = new URL(server);
    elsewhere.hostname = 'localhost'; // another origin, where the same server listens
    await page.window.fetch(elsewhere.origin + '/act', post).catch(() => {});
    await xhr(page, { url: elsewhere.origin + '/act' });
    const away = page.sent.filter((call) => call.host === elsewhere.host);
    assert.ok(away.length > 0);
    assert.doesNotMatch(JSON.stringify(away), /x-csrf-token/i);
  },

  async 'a token of the page\'s own and a call without credentials are left alone'(origin) {
    const page = await open(origin);
    await page.window.fetch(act, { ...post, headers: { ...post.headers, 'X-CSRF-Token': 'own' } });
    await page.window.fetch(act, { ...post, credentials: 'omit' });
    const made = calls(page, '/act', 'POST');
    assert.deepEqual(made.map(tokenOf), ['own', undefined]);
    assert.equal(made[1].headers.cookie, undefined);
    assert.equal((await xhr(page, { headers: { 'x-csrf-token': 'own' } })).status, 403);
    assert.equal(calls(page, '/act', 'POST').length, 3);
  },

  async 'XMLHttpRequest shows the page one call, however often it was made'(origin) {
    for (const type of ['', 'json']) {
      const page = await open(origin);
      await page.window.fetch(act, post);
      signIn(page);
      const { status, seen, response } = await xhr(page, { type, headers: { 'X-Session-Mode': 'cookie' } });
      assert.equal(status, 200);
      assert.deepEqual(type ? response : JSON.parse(response), { n: 1 });
      assert.deepEqual(seen, ['readystatechange1', 'readystatechange2', 'readystatechange3', 'readystatechange4', 'load', 'loadend']);
      const last = calls(page, '/act', 'POST').at(-1);
      assert.equal(last.headers['x-session-mode'], 'cookie');
    }
  },

  async 'an aborted XMLHttpRequest is never sent'(origin) {
    const page = await open(origin);
    const request = new page.window.XMLHttpRequest();
    request.open('POST', act);
    request.send('{}');
    request.abort();
    await page.window.fetch(act, post);
    assert.equal(calls(page, '/act', 'POST').length, 1);
  },

  async 'without a token the server has its say'(origin) {
    const page = await open(origin);
    const real = page.fetch;
    page.fetch = (request) => (request.url.endsWith('/token') ? Promise.reject(new TypeError('network')) : real.call(page, request));
    const response = await page.window.fetch(act, post);
    assert.equal((await response.json()).code, 'csrf_missing');
    page.fetch = real;
    assert.equal((await page.window.fetch(act, post)).status, 200);
  },
};

for (const origin of origins) {
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test(origin);
    } catch (error) {
      console.error(`${name} (page of ${origin}): ${error.stack}`);
      process.exitCode = 1;
    }
  }
}

// A page of another client names it.
const page = await open('http://second.test:3000', { clientId: 'other' });
assert.equal((await page.window.fetch(act, { ...post, headers: { ...post.headers, 'X-Client-Id': 'other' } })).status, 200);
// A page that no client lists can load the snippet, and nothing more.
const evil = await open('http://evil.test:3000');
await assert.rejects(evil.window.fetch(act, post));
assert.equal(calls(evil, '/act', 'POST').length, 0);
