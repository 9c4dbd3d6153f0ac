// The page's small shared store: state of this visitor, photos of the workspace, texts, calls to Python.
// Everything a visitor chooses lives here and in localStorage, so two visitors never mix and a reload loses nothing.
window.desk = (() => {
  const listeners = new Map();
  const state = { step: "sort", lang: "fr", current: null, selection: [], filter: "all", order: "unsure", search: "" };
  // Kept per tab, so that two tabs don't pull at each other; and per browser, written key by key for the same reason.
  const TAB = ["step", "current", "selection", "filter", "order", "search"];
  const BROWSER = ["lang", "styles", "book", "strength"];
  const photos = new Map();
  let texts = {}, server = null, upload = null, boot = null, seq = 0, jobs = [], storageKey = null, timer = null;

  function on(key, callback) {
    if (key === "ready" && desk.ready) callback(desk.info);  // a part that was placed after the start
    if (!listeners.has(key)) listeners.set(key, new Set());
    listeners.get(key).add(callback);
    return () => listeners.get(key).delete(callback);
  }
  function emit(key, value) {
    for (const callback of listeners.get(key) || []) callback(value);
  }
  function set(changes) {
    const changed = Object.keys(changes).filter((key) => state[key] !== changes[key]);
    Object.assign(state, changes);
    save(changed);
    for (const key of changed) emit(key, state[key]);
  }
  function read(store) {
    try { return JSON.parse(store.getItem(storageKey) || "{}"); } catch (error) { console.warn(error); return {}; }
  }
  function save(changed) {
    if (!storageKey) return;
    for (const [store, names] of [[sessionStorage, TAB], [localStorage, BROWSER]]) {
      const mine = changed.filter((key) => names.includes(key));
      if (!mine.length) continue;
      try {
        store.setItem(storageKey, JSON.stringify({ ...read(store), ...Object.fromEntries(mine.map((key) => [key, state[key]])) }));
      } catch (error) { console.warn(error); }
    }
  }
  const restore = () => Object.assign(state, read(localStorage), read(sessionStorage));
  function visitor() {
    let id = localStorage.getItem("paddock:visitor");
    if (!id) {
      id = Array.from(crypto.getRandomValues(new Uint8Array(3)), (b) => b.toString(16).padStart(2, "0")).join("");
      localStorage.setItem("paddock:visitor", id);
    }
    return id;
  }

  // The name that acts are recorded with, as declared; kept per browser, "" until somebody gives one.
  const PERSON = "paddock:person";
  const person = () => localStorage.getItem(PERSON) || "";
  function declare(name) {
    localStorage.setItem(PERSON, name);
    emit("person", name);
  }
  window.addEventListener("storage", (event) => { if (event.key === PERSON && desk.ready) emit("person", person()); });

  function t(key, params) {
    const text = (texts[state.lang] || {})[key];
    if (text === undefined) { if (desk.ready) console.warn("no text", key); return ""; }
    return text.replace(/\{(\w+)\}/g, (whole, name) => (params && name in params ? params[name] : whole));
  }
  const locale = () => (state.lang === "fr" ? "fr-FR" : "en-GB");
  const number = (value) => value.toLocaleString(locale());
  const percent = (value, digits = 0) =>
    value.toLocaleString(locale(), { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits });
  function duration(seconds) {
    if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
    return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
  }

  // Ask Python. Resolves with the value; on a Paddock error shows its message and rejects with it.
  async function call(method, args = {}, { quiet = false } = {}) {
    let answer;
    try {
      answer = await server.call({ method, args, lang: state.lang, visitor: visitor(), who: person() });
    } catch (error) {
      if (!quiet) toast(t("error.connection"), "error");
      throw error;
    }
    if (!answer || typeof answer !== "object") {
      if (!quiet) toast(t("error.unforeseen", { call: method }), "error");
      throw new Error(method);
    }
    if (answer.error) {
      if (!quiet) toast(answer.error, "error");
      const error = new Error(answer.error);
      error.told = true;
      throw error;
    }
    return answer.value;
  }
  // Start a job and resolve with its result; progress(job) is called as it goes.
  async function run(method, args = {}, progress = () => {}) {
    const { job } = await call(method, args);
    wake();
    return job ? follow(job, progress) : null;
  }
  // Wait for a job's end and resolve with its result.
  async function follow(job, progress = () => {}) {
    for (;;) {
      // A connection that is lost for a moment ends nothing: the frame tells of it, and the job goes on over there.
      const state_ = await call("job", { id: job }, { quiet: true }).catch((error) => {
        if (!error.told) return null;
        toast(error.message, "error");
        throw error;
      });
      if (!state_) { await new Promise((resolve) => setTimeout(resolve, 1000)); continue; }
      progress(state_);
      if (state_.state === "done") return state_.result;
      if (state_.state === "failed" || state_.state === "cancelled") {
        toast(state_.message, state_.state === "failed" ? "error" : "info");
        const error = new Error(state_.message);
        error.told = true;
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  async function send(files) {
    const sent = [];
    for (const file of files) {
      const { path } = await upload(file.blob || file).catch(refused);
      sent.push({ path, name: file.relative || file.name });
    }
    return sent;
  }

  // What the gate says to an upload that it refuses: two lines, in French and in English.
  function refused(error) {
    const [, words] = /^HTTP \d+: ([^]+)$/.exec(error.message) || [];
    if (!words) throw error;
    const [french, english] = words.split("\n");
    toast(state.lang === "en" && english ? english : french, "error");
    error.told = true;
    throw error;
  }
  // A login that has ended leads to the login page; a page that was opened again is loaded anew (its calls have other
  // numbers); one that is merely out of reach stays. While another tab of this browser opens the page again, the new
  // login comes from there.
  const REOPENING = "paddock:reopening", PATIENCE = 30_000;
  async function checkPage() {
    const answer = await fetch("gradio_api/app_id").catch(() => null);
    if (answer && answer.ok) {
      const { app_id: now } = await answer.json();
      if (window.gradio_config && String(now) !== String(window.gradio_config.app_id)) location.reload();
    } else if (answer && answer.status === 401 && Date.now() - Number(localStorage.getItem(REOPENING)) > PATIENCE) {
      location.href = "connexion";
    }
  }

  async function poll() {
    clearTimeout(timer);
    if (desk.leaving) return;  // whoever closed the page leads on by themselves
    try {
      const news = await call("changes", { after: seq }, { quiet: true });
      if (boot && news.boot !== boot) { location.reload(); return; }
      emit("online", true);
      emit("space", news.low_space);
      if (news.photos.length) {
        update(news.photos);
      }
      seq = news.seq;
      const before = JSON.stringify(jobs);
      jobs = news.jobs;
      if (JSON.stringify(jobs) !== before) emit("jobs", jobs);
    } catch (error) {
      if (!error.told && !desk.leaving) { emit("online", false); checkPage(); }
    }
    timer = setTimeout(poll, jobs.some((job) => job.active) ? 600 : 3000);
  }
  // Photos as Python has just written them.
  function update(list) {
    for (const photo of list) photos.set(photo.sha, photo);
    emit("photos", photos);
  }
  function wake() { clearTimeout(timer); timer = setTimeout(poll, 50); }
  // Whoever closes the page to open it again, shared otherwise, leads on by themselves.
  function leave() { desk.leaving = true; localStorage.setItem(REOPENING, String(Date.now())); }
  window.addEventListener("pageshow", (event) => { if (event.persisted && server) poll(); });  // « Retour », perhaps after a logout

  async function start(server_, upload_) {
    server = server_;
    upload = upload_;
    state.lang = (navigator.language || "fr").startsWith("en") ? "en" : "fr";
    const first = await server.call({ method: "boot", args: {}, lang: state.lang, visitor: visitor() }).catch((error) => {
      checkPage();  // « Retour » to a page whose login has ended
      throw error;
    });
    texts = first.value.texts;
    boot = first.value.boot;
    storageKey = `paddock:${first.value.workspace_id}`;
    restore();
    // A guest's own language, else the one that this desk was set to.
    state.lang = read(localStorage).lang || (first.value.sharing.local ? first.value.lang : state.lang);
    Object.assign(desk, { info: first.value });
    document.documentElement.lang = state.lang;
    await poll();
    if (state.current && !photos.has(state.current)) set({ current: null, selection: [] });
    desk.ready = true;
    emit("ready", first.value);
    emit("lang", state.lang);
    emit("step", state.step);
    emit("current", state.current);
    emit("selection", state.selection);
    emit("person", person());
  }

  function select(sha, { toggle = false, extend = false, within = null } = {}) {
    let selection = [sha];
    if (toggle) {
      selection = state.selection.includes(sha) ? state.selection.filter((x) => x !== sha) : [...state.selection, sha];
    } else if (extend && state.current && within) {
      const [a, b] = [within.indexOf(state.current), within.indexOf(sha)].sort((x, y) => x - y);
      if (a >= 0) selection = within.slice(a, b + 1);
    }
    set({ current: sha, selection });
  }

  // Build a DOM node: h("button", {class: "x", onclick: f, "data-y": 1}, "text", child, …)
  function h(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "style" && typeof value === "object") Object.assign(node.style, value);
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...real(children));
    return node;
  }
  const real = (children) => children.flat(4).filter((child) => child !== null && child !== undefined && child !== false);
  // Replace a node's children; empty ones (null, false) are left out. Whoever types or stands on something in there
  // goes on: its like among the new children takes over the focus, the text typed so far and the caret.
  function put(node, ...children) {
    const held = document.activeElement, inside = held !== node && node.contains(held);
    const place = inside ? alike(node, held).indexOf(held) : -1;
    const text = inside && /^(text|search|textarea)$/.test(held.type) ? [held.value, held.selectionStart, held.selectionEnd] : null;
    putting++;
    try { node.replaceChildren(...real(children)); } finally { putting--; }
    const heir = inside && !held.isConnected && alike(node, held)[place];
    if (!heir) return;
    heir.focus({ preventScroll: true });
    if (!text) return;
    const unsaved = heir.value !== text[0];
    heir.value = text[0];
    heir.setSelectionRange(text[1], text[2]);
    // A browser tells a change only of what was typed into this very field.
    if (unsaved) heir.addEventListener("blur", () => { if (!putting) heir.dispatchEvent(new Event("change", { bubbles: true })); }, { once: true });
  }
  let putting = 0;
  const kind = (one) => JSON.stringify([one.id, one.name, one.className, one.getAttribute("aria-label"), { ...one.dataset }]);
  const alike = (node, held) => [...node.querySelectorAll(held.tagName)].filter((one) => kind(one) === kind(held));
  // Fill every [data-t] below a node, and [data-t-ATTRIBUTE] for attributes.
  function fill(root) {
    for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
    for (const name of ["title", "placeholder", "aria-label"]) {
      for (const node of root.querySelectorAll(`[data-t-${name}]`)) node.setAttribute(name, t(node.getAttribute(`data-t-${name}`)));
    }
  }
  // A step's element: shown when the step is current, texts kept in the visitor's language.
  // On narrow screens its right column folds away behind a button.
  function mount(element, step, { show = () => {}, texts: refresh = () => {}, folded: start = true } = {}) {
    const fold = h("button", { class: "fold", "data-t-aria-label": "frame.fold", "aria-expanded": String(!start), onclick: () => {
      const folded = element.classList.toggle("folded");
      fold.setAttribute("aria-expanded", String(!folded));
      fold.textContent = folded ? "‹" : "›";
    } }, start ? "‹" : "›");
    element.classList.toggle("folded", start);
    element.append(fold);
    const apply = () => {
      const visible = desk.ready && state.step === step;
      element.hidden = !visible;
      if (visible) show();
    };
    on("step", apply);
    on("lang", () => { fill(element); refresh(); if (!element.hidden) show(); });
    element.hidden = true;
    if (desk.ready) { fill(element); refresh(); apply(); }
  }

  window.addEventListener("unhandledrejection", (event) => { if (event.reason && event.reason.told) event.preventDefault(); });

  function toast(message, kind = "info", action = null) {
    emit("toast", { message, kind, action });
  }
  const media = {
    thumb: (sha) => `media/thumb/${sha}.jpg`,
    proxy: (sha) => `media/proxy/${sha}.jpg`,
    mask: (sha) => `media/mask/${sha}.png`,
    file: (sha, name) => `media/file/${sha}/${encodeURIComponent(name.replace(/[\\/]/g, "-"))}`,
  };
  const verdict = (photo) => (photo.unsure ? "unsure" : photo.label || "waiting");
  const SIGNS = { ok: "✓", retoucher: "✎", exclure: "✕", unsure: "?", waiting: "…" };
  const badge = (photo) => h("span", { class: `verdict ${verdict(photo)}` }, `${SIGNS[verdict(photo)]} ${t("verdict." + verdict(photo))}`);

  return {
    state, photos, on, emit, set, t, number, percent, duration, call, run, follow, send, wake, leave, update, start, select, person, declare, h, put, fill, mount, toast,
    media, verdict, badge, SIGNS, get jobs() { return jobs; }, get lang() { return state.lang; }, ready: false, info: {},
  };
})();
