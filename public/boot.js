// Starts the program of a page, or says in both languages why it cannot start.
//
// It holds no logic of the product. The page's <meta> elements name the program and its scope; the
// notices are in the page, hidden.

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

// The workers of the field app; the office app has none.
const works = ['copy', 'photo', 'codes'].map((name) => document.querySelector(`meta[name="${name}"]`)?.content);

// The only Trusted Types policy of the app: our own workers and nothing else become scripts.
const scripts = globalThis.trustedTypes?.createPolicy('app-url', {
  createScriptURL(url) {
    if (url === '/sw.js' || (url && works.includes(url))) return url;
    throw new TypeError(`not a script of this app: ${url}`);
  },
}) ?? { createScriptURL: (url) => url };

const workers = {};

/** One job for a worker, which answers once; the program calls it. A worker that failed is started anew for the next. */
globalThis.zhichaWork = (name, job, transfer = []) =>
  new Promise((resolve, reject) => {
    const worker = (workers[name] ??= new Worker(scripts.createScriptURL(meta(name))));
    const failed = (error) => {
      delete workers[name];
      reject(error);
    };
    worker.addEventListener('error', failed, { once: true });
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => {
      worker.removeEventListener('error', failed);
      port1.close();
      resolve(event.data);
    };
    worker.postMessage(job, [port2, ...transfer]);
  });

/** Shows one of the page's notices instead of the waiting mark. */
function notice(name) {
  document.getElementById('splash').hidden = true;
  const section = document.getElementById(`notice-${name}`);
  section.hidden = false;
  section.focus();
  return section;
}

/** The program is dead after a trap; everything that was called saved is on the disk. */
function crash(error) {
  const dialog = document.getElementById('crash');
  const text = document.getElementById('crash-detail');
  // A program that can tell a panic in words has written them by now; otherwise file and function say where it was.
  const frames = error.stack?.match(/[\w.]*:wasm-function\[\d+\]/g) ?? [];
  text.textContent ||= [error, meta('program-wasm'), ...frames.slice(0, 5)].join(' ');
  if (!dialog.open) dialog.showModal();
}

const trapped = (error) => error instanceof WebAssembly.RuntimeError;

function watchForTraps() {
  const look = (error) => trapped(error) && crash(error);
  addEventListener('error', (event) => look(event.error));
  addEventListener('unhandledrejection', (event) => look(event.reason));
}

/** Without a service worker (WeChat on iOS) the app works while the network does; the person decides. */
function withoutWorker() {
  const section = notice('worker');
  return new Promise((resolve) => {
    section.querySelector('button').addEventListener('click', () => {
      section.hidden = true;
      resolve();
    });
  });
}

/** Browsers that keep nothing (private windows, policies) may throw at the mere look. */
function hasDatabase() {
  try {
    return Boolean(globalThis.indexedDB);
  } catch {
    return false;
  }
}

async function register() {
  try {
    await navigator.serviceWorker.register(scripts.createScriptURL('/sw.js'), {
      scope: meta('scope'),
      updateViaCache: 'none',
    });
  } catch (error) {
    // Not fatal: without it the app is not ready for offline use, and says so itself.
    console.warn('service worker not registered:', error);
  }
}

async function start() {
  for (const button of document.querySelectorAll('[data-reload]')) {
    button.addEventListener('click', () => location.reload());
  }
  if (!isSecureContext) return notice('insecure');
  if (!hasDatabase() || !globalThis.crypto?.subtle) return notice('storage');
  const worker = 'serviceWorker' in navigator;
  if (!worker) await withoutWorker();
  watchForTraps();
  try {
    const program = await import(meta('program'));
    await program.default({ module_or_path: meta('program-wasm') });
  } catch (error) {
    if (trapped(error)) return crash(error);
    document.getElementById('failed-detail').textContent = String(error);
    return notice('failed');
  }
  document.getElementById('boot').remove();
  if (worker) await register();
}

start();
