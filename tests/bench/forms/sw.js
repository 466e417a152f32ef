// All files of a form in a cache, and from then on answered from it: the app under test does the same.
const files = /*{{files}}*/ [];

self.addEventListener('install', (event) => event.waitUntil(caches.open(self.registration.scope).then((cache) => cache.addAll(files))));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const url = event.request.mode === 'navigate' ? self.registration.scope : event.request.url;
  event.respondWith(caches.open(self.registration.scope).then((cache) => cache.match(url)).then((known) => known ?? fetch(event.request)));
});
