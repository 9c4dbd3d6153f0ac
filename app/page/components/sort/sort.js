// Trier: the grid, least sure first; a person's word by click or keys; the large view.
(() => {
  const { h, t } = desk;
  const root = element.querySelector(".sort");
  const find = (selector) => root.querySelector(selector);
  const work = find(".work"), side = find(".side"), large = find(".large");
  const FILTERS = ["all", "ok", "retoucher", "exclure", "unsure"];
  const ORDERS = ["unsure", "import", "name", "sure"];

  const grid = PaddockGrid.create(work, {
    host: find(".gridroom"),
    label: () => t("sort.grid"),
    selected: (sha) => desk.state.selection.includes(sha),
    current: () => desk.state.current,
    onPick: (sha, event) => {
      if (desk.state.current === sha && event.type === "click" && !event.ctrlKey && !event.shiftKey && !event.metaKey && event.detail === 1 && event.pointerType) { openLarge(); return; }
      desk.select(sha, { toggle: event.ctrlKey || event.metaKey, extend: event.shiftKey, within: shas() });
      grid.focus();
    },
    onOpen: () => openLarge(),
  });
  const shas = () => grid.items().map((item) => item.sha);

  function shown() {
    const { filter, order, search } = desk.state;
    const words = search.trim().toLowerCase();
    let list = [...desk.photos.values()].filter((photo) =>
      (filter === "all" || desk.verdict(photo) === filter) && (!words || photo.name.toLowerCase().includes(words)));
    if (order === "name") list.sort((a, b) => a.name.localeCompare(b.name));
    if (order === "unsure" || order === "sure") {
      const sign = order === "unsure" ? 1 : -1;
      const key = (photo) => (photo.hand ? 2 : photo.label ? photo.confidence : 3);
      list = list.map((photo, index) => [photo, index]).sort((a, b) => sign * (key(a[0]) - key(b[0])) || a[1] - b[1]).map((pair) => pair[0]);
    }
    return list;
  }
  // While a person decides one photo after another the order holds still; it is renewed by filter, order or import.
  let frozen = null, held = false;
  function draw(renew = false) {
    const photos = shown();
    if (renew) held = false;
    if (!held || !frozen || frozen.length !== photos.length) frozen = photos.map((photo) => photo.sha);
    const inView = new Set(photos.map((photo) => photo.sha));
    const order = frozen.filter((sha) => inView.has(sha));
    grid.set(order.map((sha) => {
      const photo = desk.photos.get(sha);
      return {
        sha, src: desk.media.thumb(photo.current), version: photo.current, label: `${photo.name}, ${t("verdict." + desk.verdict(photo))}`,
        state: [desk.verdict(photo), photo.hand, desk.lang].join(), badge: () => desk.badge(photo),
        corner: photo.hand ? t("sort.hand") : "", left: photo.sample ? t("sort.synthetic") : "",
      };
    }));
    const none = desk.photos.size === 0;
    find(".empty").hidden = !none;
    find(".filters").hidden = none;
    find(".gridroom").hidden = none;
    find(".nomatch").hidden = none || order.length > 0;
    drawFilters();
    drawSide();
  }
  function drawFilters() {
    const tally = { all: desk.photos.size, ok: 0, retoucher: 0, exclure: 0, unsure: 0, waiting: 0 };
    for (const photo of desk.photos.values()) tally[desk.verdict(photo)]++;
    const shown = tally.waiting ? [...FILTERS, "waiting"] : FILTERS;
    const judging = desk.jobs.some((job) => job.active && (job.kind === "judge" || job.kind === "import"));
    find(".waiting").hidden = !tally.waiting || judging;
    desk.put(find(".chips"), ...shown.map((filter) => h("button", {
      class: "pill", "data-filter": filter, "aria-pressed": String(desk.state.filter === filter), onclick: () => { desk.set({ filter }); draw(true); },
    }, `${desk.SIGNS[filter] ? desk.SIGNS[filter] + " " : ""}${t(filter === "all" ? "sort.all" : `verdict.${filter}`)} · ${desk.number(tally[filter])}`)));
    desk.put(find(".order"), ...ORDERS.map((order) => h("option", { value: order, selected: desk.state.order === order }, t(`sort.order.${order}`))));
  }
  function drawSide() {
    const photo = desk.photos.get(desk.state.current);
    if (!photo) { desk.put(side, h("p", { class: "muted" }, t(desk.photos.size ? "sort.side.pick" : "sort.side.none"))); return; }
    const verdict = desk.verdict(photo);
    const many = desk.state.selection.length;
    desk.put(side, 
      h("img", { class: "shown", src: desk.media.proxy(photo.current), alt: photo.name, onclick: openLarge }),
      h("div", { class: "name" }, `${photo.name} · ${desk.number(photo.width)} × ${desk.number(photo.height)}`, photo.credit ? ` · ${photo.credit}` : "", photo.sample ? ` · ${t("sort.synthetic")}` : ""),
      h("p", { class: "said" }, desk.badge(photo), " ", photo.hand ? t("sort.said.hand") : photo.label ? desk.percent(photo.confidence) : t("sort.said.waiting")),
      photo.probabilities.length ? h("div", {}, ["ok", "retoucher", "exclure"].map((label, index) => [
        h("div", { class: "small" }, `${t("verdict." + label)} · ${desk.percent(photo.probabilities[index])}`),
        h("div", { class: "bar" }, h("i", { class: label, style: { width: `${photo.probabilities[index] * 100}%` } }))])) : null,
      photo.model ? h("p", { class: "small muted" }, t("sort.answered", { backend: t(`backend.${photo.backend}`), model: photo.model })) : null,
      h("h2", {}, t(many > 1 ? "sort.yours_many" : "sort.yours", { n: desk.number(many) })),
      h("div", { class: "decide" }, ["ok", "retoucher", "exclure"].map((label, index) => h("button", {
        "data-decide": label, "aria-pressed": String(photo.hand === label), onclick: () => decide(label) }, h("kbd", {}, String(index + 1)), " ", t("verdict." + label)))),
      h("p", { class: "small muted", style: { marginTop: "8px" } }, h("kbd", {}, "Z"), " ", t("sort.undo")),
      h("button", { class: verdict === "retoucher" ? "main wide" : "wide", onclick: () => desk.set({ step: "retouch" }) }, t("sort.open_retouch")),
    );
  }

  async function decide(label) {
    const photos = desk.state.selection.length ? desk.state.selection : desk.state.current ? [desk.state.current] : [];
    if (!photos.length) return;
    held = true;
    const were = photos.map((sha) => desk.photos.get(sha));
    for (const sha of photos) desk.photos.set(sha, { ...desk.photos.get(sha), hand: label, label, unsure: false });
    const order = shas();
    const next = order[order.indexOf(photos[photos.length - 1]) + 1];
    if (next) desk.select(next);
    desk.emit("photos", desk.photos);
    if (next) grid.reveal(next);
    try {
      const { act } = await desk.perform("decide", { photos, label }, { quiet: true });
      if (act && act.count > 1) {
        desk.toast(t("undo.told_many", { verdict: t(`verdict.${label}`), n: desk.number(act.count) }), "info", desk.takeBack(act));
      }
    } catch (error) {
      for (const photo of were) desk.photos.set(photo.sha, photo);
      desk.emit("photos", desk.photos);
      desk.toast(error.told ? error.message : t("error.not_recorded"), "error");
    }
    desk.wake();
  }
  // The photo that an undone act was about is shown again.
  desk.on("undone", ({ photos }) => {
    const first = photos[0].sha;
    if (root.hidden || !desk.photos.has(first)) return;
    desk.select(first);
    grid.reveal(first);
  });

  function openLarge() {
    if (!desk.state.current) return;
    large.hidden = false;
    work.inert = side.inert = true;
    drawLarge();
    large.querySelector("button").focus();
  }
  const closeLarge = () => { large.hidden = true; work.inert = side.inert = false; grid.focus(); };
  function drawLarge() {
    if (large.hidden) return;
    const photo = desk.photos.get(desk.state.current);
    large.setAttribute("aria-label", photo.name);
    desk.put(large, h("img", { src: desk.media.proxy(photo.current), alt: photo.name }),
      h("div", { class: "bar-top" }, h("button", { onclick: closeLarge }, t("sort.close")), desk.badge(photo), h("span", {}, photo.name)));
  }

  document.addEventListener("keydown", (event) => {
    if (root.hidden || !desk.ready || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    const label = { 1: "ok", 2: "retoucher", 3: "exclure" }[event.key];
    if (label) { event.preventDefault(); decide(label); }
    else if (event.key.toLowerCase() === "z") desk.undo();
    else if (event.key === " " && event.target.tagName !== "BUTTON") { event.preventDefault(); large.hidden ? openLarge() : closeLarge(); }
    else if (event.key === "Escape" && !large.hidden) closeLarge();
    else if (!large.hidden && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      grid.go(Math.min(grid.items().length - 1, Math.max(0, shas().indexOf(desk.state.current) + (event.key === "ArrowRight" ? 1 : -1))));
    } else if (event.key.startsWith("Arrow") && (event.target === document.body)) {
      grid.focus();
      grid.element.dispatchEvent(new KeyboardEvent("keydown", event));
    }
  });
  find(".order").addEventListener("change", (event) => { desk.set({ order: event.target.value }); draw(true); });
  find(".find").addEventListener("input", (event) => { desk.set({ search: event.target.value }); draw(true); });
  find(".waiting").addEventListener("click", () => desk.run("judge"));
  desk.on("jobs", () => { if (!root.hidden) drawFilters(); });
  const pick = () => find(".files").click();
  find(".add").addEventListener("click", pick);
  find(".pick").addEventListener("click", pick);
  find(".folder").addEventListener("click", () => find(".folderfiles").click());
  find(".samples").addEventListener("click", () => desk.trySamples());
  find(".files").addEventListener("change", (event) => { desk.importFiles([...event.target.files]); event.target.value = ""; });
  find(".folderfiles").addEventListener("change", (event) => {
    const photos = [...event.target.files].filter((file) => /\.(jpe?g|jpe|jfif|mpo|png|webp|tiff?|hei[cf]|hif)$/i.test(file.name) && !file.name.startsWith("."));
    desk.importFiles(photos);
    event.target.value = "";
  });
  desk.on("photos", () => { if (desk.ready) { draw(); drawLarge(); } });
  desk.on("current", () => { if (desk.ready) { drawSide(); grid.redraw(); drawLarge(); } });
  desk.on("selection", () => { if (desk.ready) { drawSide(); grid.redraw(); } });
  desk.mount(root, "sort", { show: () => { find(".find").value = desk.state.search; draw(true); }, texts: () => draw(true) });
})();
