// The kill switch: served in the place of sw.js, it takes the apps' files out of the browser, so that
// the next page comes from the network. Records are in IndexedDB, which it does not touch.

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('activate', (event) => event.waitUntil(retire()));

async function retire() {
  for (const name of await caches.keys()) {
    if (name.startsWith('zhicha ')) await caches.delete(name);
  }
  await self.registration.unregister();
}
