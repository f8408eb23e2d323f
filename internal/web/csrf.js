// Adds the X-CSRF-Token header to unsafe fetch and XMLHttpRequest calls to the
// server that this script came from. It holds no secret: the token is fetched
// with the browser's cookies, and only pages of a listed origin can read it.
//
//   <script src="https://auth.example.com/auth/csrf/init" data-client-id="web"></script>
//
// data-client-id names the client application; without it, the default client.
(() => {
  'use strict';
  const script = document.currentScript;
  if (!script || !script.src) {
    console.error('csrf: load this script by a plain <script src> tag, not as a module');
    return;
  }
  const initURL = script.src;
  const tokenURL = new URL('token', initURL).href;
  const server = new URL(initURL).origin;
  const client = script.dataset.clientId;
  const header = 'X-CSRF-Token';
  const nativeFetch = window.fetch.bind(window);

  let token; // a promise, shared by all calls that wait for it

  const codeOf = async (response) => {
    try { return (await response.clone().json()).code; } catch { return undefined; }
  };

  const begin = () => nativeFetch(initURL, { mode: 'no-cors', credentials: 'include', cache: 'no-store' });

  async function fetchToken(begun) {
    const response = await nativeFetch(tokenURL, {
      credentials: 'include',
      cache: 'no-store',
      headers: client ? { 'X-Client-Id': client } : {},
    });
    if (response.ok) return (await response.json()).csrf_token;
    if (begun || await codeOf(response) !== 'csrf_session_missing') return undefined;
    await begin(); // the browser's CSRF session is over
    return fetchToken(true);
  }

  // Without a token the call goes out bare, and the server says what is wrong.
  const currentToken = () => (token ??= fetchToken(false).catch(() => undefined).then((value) => {
    if (value === undefined) token = undefined; // the next call tries again
    return value;
  }));

  // Says whether a refused call may succeed with a token newer than the one used.
  async function renew(code, used) {
    if (code !== 'csrf_invalid' && code !== 'csrf_session_missing') return false;
    if (used !== await token) return true; // another call has renewed it meanwhile
    token = undefined;
    return await currentToken() !== undefined;
  }

  const isGuarded = (method, url) => !/^(GET|HEAD|OPTIONS|TRACE)$/i.test(method) &&
    new URL(url, document.baseURI).origin === server;

  window.fetch = async (input, init) => {
    const given = input instanceof Request ? input : undefined;
    const method = init?.method ?? given?.method ?? 'GET';
    if (!isGuarded(method, given ? given.url : input)) return nativeFetch(input, init);
    const request = new Request(input, init);
    if (request.credentials === 'omit' || request.headers.has(header)) return nativeFetch(request);

    // A call that carries the token carries the cookies that it belongs to.
    const attempt = (value) => {
      const call = new Request(request.clone(), { credentials: 'include' });
      if (value !== undefined) call.headers.set(header, value);
      return nativeFetch(call);
    };
    const used = await currentToken();
    const response = await attempt(used);
    const again = response.status === 403 && await renew(await codeOf(response), used);
    return again ? attempt(await currentToken()) : response;
  };

  // The same for XMLHttpRequest: send waits for the token, and a 403 is withheld
  // from the page until it is clear whether the call can be repeated. Synchronous
  // calls cannot wait and are left alone.
  const NativeXHR = window.XMLHttpRequest;
  window.XMLHttpRequest = class extends NativeXHR {
    #call; // the guarded call under way

    constructor() {
      super();
      for (const type of ['readystatechange', 'progress', 'load', 'loadend']) {
        this.addEventListener(type, (event) => this.#sift(event)); // before any of the page's
      }
    }

    open(...args) {
      const [method, url, async = true] = args;
      this.#call = async && isGuarded(method, url) ? { args, headers: [] } : undefined;
      super.open(...args);
    }

    setRequestHeader(name, value) {
      super.setRequestHeader(name, value);
      this.#call?.headers.push([name, value]);
      if (name.toLowerCase() === header.toLowerCase()) this.#call = undefined; // the page has its own
    }

    send(body) {
      if (!this.#call) return super.send(body);
      this.#call.body = body;
      this.#attempt(this.#call);
    }

    abort() {
      this.#call = undefined;
      super.abort();
    }

    async #attempt(call) {
      call.used = await currentToken();
      if (call !== this.#call) return; // aborted or opened anew meanwhile
      this.withCredentials = true;
      if (call.used !== undefined) super.setRequestHeader(header, call.used);
      super.send(call.body);
    }

    #sift(event) {
      const call = this.#call;
      if (!call || call.final || !(call.reopening || this.status === 403)) return;
      event.stopImmediatePropagation();
      if (event.type === 'loadend') this.#decide(call);
    }

    async #decide(call) {
      const again = await renew(this.#code(), call.used);
      if (call !== this.#call) return;
      if (!again) {
        call.final = true;
        for (const type of ['readystatechange', 'load', 'loadend']) this.dispatchEvent(new Event(type));
        return;
      }
      call.reopening = true;
      super.open(...call.args);
      call.final = true;
      for (const [name, value] of call.headers) super.setRequestHeader(name, value);
      await this.#attempt(call);
    }

    #code() {
      try {
        return (this.responseType === 'json' ? this.response : JSON.parse(this.responseText)).code;
      } catch { return undefined; }
    }
  };
})();
