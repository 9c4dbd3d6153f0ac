// Paddock's service worker. It keeps nothing, so that nothing old is ever shown: only when a visit to the page
// gets no answer does it speak, and then it says that Paddock is stopped.
const OFFLINE = __OFFLINE__;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return; // calls, pictures, scripts: straight to Paddock
  event.respondWith(
    fetch(event.request).catch(
      () =>
        new Response(OFFLINE, {
          status: 503,
          headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" },
        }),
    ),
  );
});
