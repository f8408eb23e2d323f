// As much of a browser as csrf.js needs, on a real connection: a cookie jar, the
// same-origin policy with CORS and preflights, fetch and XMLHttpRequest.
import http from 'node:http';
import vm from 'node:vm';

const safelisted = new Set(['accept', 'accept-language', 'content-language']);

export class Page {
  constructor(origin, server) {
    Object.assign(this, { origin, server, jar: new Map(), sent: [] });
  }

  // load runs a script of the server's as <script src=… data-…> does.
  async load(path, dataset = {}) {
    const src = this.server + path;
    const response = await this.#transmit(src, 'GET', {}, null, true);
    const page = this;
    const window = {};
    const context = {
      window, console, URL, Response, Event, Headers,
      document: { currentScript: { src, dataset }, baseURI: this.origin + '/some/page' },
      Request: class extends Request {
        constructor(input, init) {
          super(typeof input === 'string' ? new URL(input, page.origin + '/some/page').href : input, init);
        }
      },
      XMLHttpRequest: xhrOf(this),
    };
    Object.assign(window, context, { fetch: (input, init) => page.fetch(new context.Request(input, init)) });
    vm.runInNewContext(response.body, context, { filename: 'csrf.js' });
    this.window = window;
  }

  async fetch(request) {
    const url = new URL(request.url);
    const foreign = url.origin !== this.origin;
    const cookies = request.credentials === 'include' || (request.credentials === 'same-origin' && !foreign);
    const headers = Object.fromEntries(request.headers);
    const body = request.body ? Buffer.from(await request.arrayBuffer()) : null;
    const cors = foreign && request.mode !== 'no-cors';
    if (cors) await this.#preflight(url, request.method, headers);
    const { status, headers: got, body: text } = await this.#transmit(url.href, request.method, headers, body, cookies);
    if (foreign && !cors) return Response.error(); // opaque
    if (cors && !this.#readable(got, cookies)) throw new TypeError('CORS refuses the answer');
    return new Response(status === 204 ? null : text, { status, headers: { 'content-type': got['content-type'] ?? '' } });
  }

  async #preflight(url, method, headers) {
    const names = Object.keys(headers).filter((name) => !safelisted.has(name));
    if (/^(GET|HEAD|POST)$/.test(method) && names.length === 0) return;
    const asked = { 'access-control-request-method': method, 'access-control-request-headers': names.join(',') };
    const { status, headers: got } = await this.#transmit(url.href, 'OPTIONS', asked, null, false);
    const list = (name) => (got[name] ?? '').toLowerCase().split(/,\s*/);
    const allowed = list('access-control-allow-headers');
    if (status !== 204 || !this.#readable(got, true) || !list('access-control-allow-methods').includes(method.toLowerCase()) ||
        !names.every((name) => allowed.includes(name))) throw new TypeError('CORS refuses the call');
  }

  #readable(got, cookies) {
    return got['access-control-allow-origin'] === this.origin && (!cookies || got['access-control-allow-credentials'] === 'true');
  }

  #transmit(href, method, headers, body, cookies) {
    const all = { ...headers, 'sec-fetch-site': new URL(href).origin === this.origin ? 'same-origin' : 'same-site' };
    if (method !== 'GET' || all['sec-fetch-site'] !== 'same-origin') all.origin = this.origin;
    if (cookies && this.jar.size) all.cookie = [...this.jar].map((pair) => pair.join('=')).join('; ');
    const { host, pathname: path } = new URL(href);
    this.sent.push({ method, host, path, headers: all });
    return new Promise((resolve, reject) => {
      const request = http.request(href, { method, headers: all, agent: false }, (response) => {
        for (const line of cookies ? response.headers['set-cookie'] ?? [] : []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
          if (/max-age=0/i.test(line)) this.jar.delete(name); else this.jar.set(name, value);
        }
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve({
          status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString(),
        }));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

// xhrOf gives an XMLHttpRequest that fires the events of the real one in order.
const xhrOf = (page) => class XMLHttpRequest extends EventTarget {
  readyState = 0;
  status = 0;
  responseType = '';
  withCredentials = false;
  #method; #url; #headers; #text; #run = 0;

  get responseText() {
    if (this.responseType !== '' && this.responseType !== 'text') throw new Error('InvalidStateError');
    return this.#text;
  }

  get response() { return this.responseType === 'json' ? JSON.parse(this.#text) : this.#text; }

  open(method, url) {
    Object.assign(this, { readyState: 1, status: 0 });
    this.#run++;
    [this.#method, this.#url, this.#headers, this.#text] = [method, new URL(url, page.origin + '/some/page').href, {}, ''];
    this.#fire('readystatechange');
  }

  setRequestHeader(name, value) {
    if (this.readyState !== 1) throw new Error('InvalidStateError');
    this.#headers[name] = value;
  }

  abort() {
    this.#run++;
    this.readyState = 0;
  }

  async send(body) {
    if (this.readyState !== 1) throw new Error('InvalidStateError');
    const run = this.#run;
    const request = new Request(this.#url, {
      method: this.#method, headers: this.#headers, body: body ?? undefined, credentials: this.withCredentials ? 'include' : 'same-origin',
    });
    let response;
    try { response = await page.fetch(request); } catch { response = undefined; }
    const text = response ? await response.text() : '';
    if (run !== this.#run) return;
    this.status = response?.status ?? 0;
    this.#text = text;
    for (const state of response ? [2, 3, 4] : [4]) {
      this.readyState = state;
      this.#fire('readystatechange');
    }
    this.#fire(response ? 'load' : 'error');
    this.#fire('loadend');
  }

  #fire(type) { this.dispatchEvent(new Event(type)); }

  dispatchEvent(event) {
    super.dispatchEvent(event);
    return true;
  }
};
