/* global self, caches, fetch, VERSION, FILES */
/* Keeps the console's own files, so that it opens without the network and says by itself that the link is lost. What the API answers is never kept here. */
const CACHE = `loa-${VERSION}`
/** A page that the server does not send within this time is taken from here. */
const PAGE_TIMEOUT_MS = 4000

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith('loa-') && name !== CACHE).map((name) => caches.delete(name)))).then(() => self.clients.claim()))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    // Pages of the API (the reference, reports) are not the console's.
    if (/^\/(?:v1|docs|problems)(?:\/|$)/.test(url.pathname)) return
    event.respondWith(fetch(request, { signal: AbortSignal.timeout(PAGE_TIMEOUT_MS) }).catch(() => caches.match('/', { cacheName: CACHE })))
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname, { cacheName: CACHE }).then((kept) => kept ?? fetch(request)))
  }
})
