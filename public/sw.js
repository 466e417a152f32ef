// The service worker of both apps: one script, two scopes, and for each scope one set of files that
// is on the device whole or not at all. The build writes the lists in.
//
// It never touches IndexedDB, never answers for /api/, never takes over while a page is in use
// unless that page asks for it, and never sends anything: sync lives in the app.

const { build, scopes } = /*{{builds}}*/;

const scope = new URL(self.registration.scope).pathname;
const files = scopes[scope] ?? [];
const paths = new Set(files.map((file) => file.path));
const prefix = `zhicha ${scope} `;
const cacheName = prefix + build;

// A name with a hash in it never gets other content; anything else is asked for anew.
const hashed = /\.[0-9a-f]{16}\.\w+$/;

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('message', (event) => event.waitUntil(receive(event)));
self.addEventListener('sync', (event) => event.waitUntil(tellPages({ type: 'wake' })));
self.addEventListener('fetch', (event) => {
  const path = cachedPath(event.request);
  if (path) event.respondWith(answer(path, event.request));
});

/** Fills the cache of this build. One missing or altered file, and there is no cache and no update. */
async function install() {
  const cache = await caches.open(cacheName);
  try {
    await Promise.all(files.map((file) => keep(cache, file)));
  } catch (error) {
    await caches.delete(cacheName);
    throw error;
  }
}

async function keep(cache, file) {
  const known = hashed.test(file.path) && (await caches.match(file.path, { ignoreVary: true }));
  await cache.put(file.path, known || (await download(file)));
}

/** The browser compares the content with the hash; a portal's page or a cut answer is an error. */
async function download(file) {
  const integrity = `sha256-${base64(file.sha256)}`;
  const get = (cache) =>
    fetch(file.path, { cache, integrity, credentials: 'same-origin', redirect: 'error' });
  const response = hashed.test(file.path)
    ? await get('default').catch(() => get('reload'))
    : await get('no-cache');
  if (!response.ok) throw new Error(`${file.path}: ${response.status}`);
  return response;
}

function base64(hex) {
  return btoa(hex.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16))));
}

/** Runs when no page uses the worker before it, or when a page has agreed. */
async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && name !== cacheName) await caches.delete(name);
  }
  await self.clients.claim();
}

async function receive(event) {
  const reply = (message) => (event.ports[0] ?? event.source)?.postMessage(message);
  switch (event.data?.type) {
    case 'activate':
      return self.skipWaiting();
    case 'status':
      return reply({ type: 'status', ...(await status()) });
  }
}

/** What of this build is on the device; the app builds "可离线使用" on it. */
async function status() {
  const cache = await caches.open(cacheName);
  const there = await Promise.all(
    files.map((file) => cache.match(file.path, { ignoreVary: true })),
  );
  return { build, scope, files: files.length, cached: there.filter(Boolean).length };
}

async function tellPages(message) {
  for (const client of await self.clients.matchAll({ type: 'window' })) {
    client.postMessage(message);
  }
}

/** The path of the file that answers `request`; undefined leaves it to the network. */
function cachedPath(request) {
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return undefined;
  if (request.mode === 'navigate') return isPage(url.pathname) ? scope : undefined;
  return paths.has(url.pathname) || hashed.test(url.pathname) ? url.pathname : undefined;
}

/** Every page of a scope is its one document. Files, the API and the other scope's pages are not. */
function isPage(path) {
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (last.includes('.') || /^\/(api\/|healthz$|readyz$|metrics$)/.test(path)) return false;
  return scope !== '/' || !/^\/office(\/|$)/.test(path);
}

/** From the cache of this build; a file with a hash in its name from any, such as the one that the app fills (`codes.js`). */
async function answer(path, request) {
  const options = hashed.test(path) ? {} : { cacheName };
  return (await caches.match(path, { ignoreVary: true, ...options })) ?? fetch(request);
}
