// Styliser: rows are photos, columns are styles, the first column is the original; previews appear one by one.
(() => {
  const { h, t } = desk;
  const root = element.querySelector(".style");
  const find = (selector) => root.querySelector(selector);
  const side = find(".side"), table = find(".table"), large = find(".large");
  const ROWS = 12;
  let styles = [], turn = 0, ticked = new Set(), made = [], working = false;

  const name = (sha) => styles.find((style) => style.sha === sha).name.replace(/\.\w+$/, "");
  const chosen = () => (desk.state.styles || []).filter((sha) => styles.some((style) => style.sha === sha)).slice(0, desk.info.max_styles || 3);
  const strength = () => (desk.state.strength ?? 100) / 100;
  const rows = () => (desk.state.selection.length ? desk.state.selection : [desk.state.current]).filter((sha) => sha && desk.photos.has(sha)).slice(0, ROWS);
  const key = (photo, style) => `${photo} ${style}`;

  async function load() {
    styles = await desk.call("styles");
    if (!desk.state.styles) desk.set({ styles: styles.slice(0, desk.info.max_styles || 3).map((style) => style.sha) });
  }
  async function show() {
    if (!styles.length) await load();
    await loadMade();
    draw();
  }
  // Stylised versions that exist already, so that a reload or another step loses none.
  async function loadMade() {
    const lists = await Promise.all(rows().map((photo) => desk.call("versions", { photo })));
    made = lists.flat().filter((version) => version.action === "style").reverse();
  }
  function draw() {
    const photos = rows(), columns = chosen();
    find(".empty").hidden = photos.length > 0;
    drawSide();
    if (!photos.length) { desk.put(table); return; }
    const one = photos.length === 1;  // one photo: as large as the room allows; several: a row each
    table.style.gridTemplateColumns = `repeat(${one ? Math.min(2, columns.length + 1) : columns.length + 1}, minmax(0, 1fr))`;
    const cells = [], wanted = [];
    for (const photo of photos) {
      const state = desk.photos.get(photo);
      cells.push(h("div", { class: "cell" }, picture(desk.media.proxy(state.style_base), state.name), h("span", { class: "name" }, one ? t("style.original") : state.name)));
      for (const style of columns) {
        const cell = h("div", { class: "cell", "data-photo": photo, "data-style": style }, h("span", { class: "wait" }, h("span", { class: "spin" })));
        cells.push(cell);
        wanted.push({ photo, style, version: state.style_base, cell });
      }
    }
    desk.put(table, ...cells);
    fill(wanted, ++turn);
  }
  async function fill(wanted, mine) {
    for (const { photo, style, version, cell } of wanted) {
      if (mine !== turn) return;
      try {
        const { url } = await desk.call("style_preview", { photo, version, style, strength: strength() });
        if (mine !== turn) return;
        const id = key(photo, style);
        const kept = made.find((result) => result.photo === photo && result.style === style);
        desk.put(cell, 
          picture(url, `${desk.photos.get(photo).name} × ${name(style)}`),
          h("label", {}, h("input", { type: "checkbox", checked: ticked.has(id), onchange: (event) => { event.target.checked ? ticked.add(id) : ticked.delete(id); drawSide(); } }), t("style.keep")),
          h("span", { class: "name" }, kept ? `✓ ${t("style.made")} · ` : "", name(style)));
      } catch (error) {
        if (!error.told) throw error;
        desk.put(cell, h("span", { class: "wait" }, t("style.failed")));
      }
    }
  }
  const picture = (src, alt) => h("img", { src, alt, tabindex: "0", onclick: () => openLarge(src, alt), onkeydown: (event) => { if (event.key === "Enter") openLarge(src, alt); } });
  function openLarge(src, alt) {
    large.hidden = false;
    desk.put(large, h("img", { src, alt }), h("button", { onclick: () => { large.hidden = true; } }, t("sort.close")));
    large.querySelector("button").focus();
  }

  function drawSide() {
    const columns = chosen(), photos = rows();
    const count = [...ticked].filter((id) => photos.includes(id.split(" ")[0]) && columns.includes(id.split(" ")[1])).length;
    desk.put(side, 
      h("h2", {}, t("style.choose", { n: desk.info.max_styles || 3 })),
      h("div", { class: "choices" }, styles.map((style) => h("button", {
        "aria-pressed": String(columns.includes(style.sha)), title: style.name, "aria-label": style.name, "data-style": style.sha, onclick: () => toggle(style.sha) },
        h("img", { src: desk.media.thumb(style.sha), alt: "" })))),
      h("button", { class: "wide add", onclick: () => find(".files").click() }, t("style.add")),
      h("p", { class: "small muted", style: { marginTop: "6px" } }, t("style.drop")),
      h("h2", {}, t("style.strength")),
      h("label", { class: "small" }, desk.percent(strength()), h("input", { type: "range", min: "0", max: "100", step: "5", value: String(Math.round(strength() * 100)), "aria-label": t("style.strength"),
        onchange: (event) => { desk.set({ strength: Number(event.target.value) }); draw(); } })),
      h("p", { class: "card small" }, t("style.method")),
      h("button", { class: "main wide apply", disabled: !count || working, onclick: apply }, t("style.apply", { n: count })),
      made.length ? h("div", {}, h("h2", {}, t("style.results")), made.map((result) => h("div", { class: "card" },
        h("img", { src: desk.media.thumb(result.sha), alt: "", style: { width: "100%", borderRadius: "5px" } }), h("div", { class: "small" }, result.name),
        h("button", { class: "wide accept", disabled: desk.photos.get(result.photo)?.current === result.sha, onclick: () => accept(result) },
          t(desk.photos.get(result.photo)?.current === result.sha ? "style.accepted" : "retouch.accept")),
        h("a", { class: "small", href: desk.media.file(result.sha, result.name), download: "" }, t("retouch.download"))))) : null,
    );
  }
  function toggle(sha) {
    const now = chosen();
    const most = desk.info.max_styles || 3;
    if (!now.includes(sha) && now.length >= most) { desk.toast(t("style.too_many", { n: most })); return; }
    desk.set({ styles: now.includes(sha) ? now.filter((x) => x !== sha) : [...now, sha] });
    draw();
  }
  async function addFiles(files) {
    if (!files.length) return;
    const sent = await desk.send(files);
    const added = await desk.perform("add_styles", { files: sent });
    for (const message of added.errors) desk.toast(message, "error");
    await load();
    const most = desk.info.max_styles || 3;
    const fresh = added.added.map((style) => style.sha);
    desk.set({ styles: [...fresh, ...chosen().filter((sha) => !fresh.includes(sha))].slice(0, most) });
    draw();
    const { act } = added;
    if (act && act.action === "add-style" && act.photos.some((style) => fresh.includes(style.sha))) {
      desk.toast(t("style.added", { names: act.photos.map((style) => style.name).join(", ") }), "info", desk.takeBack(act));
    }
  }
  async function apply() {
    const columns = chosen();
    const byPhoto = new Map();
    for (const photo of rows()) {
      const wanted = columns.filter((style) => ticked.has(key(photo, style)));
      if (wanted.length) byPhoto.set(photo, wanted);
    }
    working = true;
    drawSide();
    try {
      for (const [photo, wanted] of byPhoto) {
        await desk.run("style_apply", { photo, version: desk.photos.get(photo).style_base, styles: wanted, strength: strength() });
        for (const style of wanted) ticked.delete(key(photo, style));
      }
      await loadMade();
      desk.toast(t("style.done"));
    } catch (error) {
      if (!error.told) throw error;
    } finally {
      working = false;
      desk.wake();
      draw();
    }
  }
  async function accept(result) {
    const { act } = await desk.perform("accept", { photo: result.photo, version: result.sha });
    const { name } = desk.photos.get(result.photo);
    desk.toast(t("retouch.accepted", { name }), "info", act && desk.takeBack(act));
  }
  find(".files").addEventListener("change", (event) => { addFiles([...event.target.files]); event.target.value = ""; });
  side.addEventListener("files", (event) => addFiles(event.detail.map((file) => file.blob || file)));
  find(".samples").addEventListener("click", () => desk.trySamples());
  desk.on("selection", () => { if (!root.hidden) show(); });
  desk.on("undone", async ({ action }) => {
    if (action === "add-style") await load();
    if (!root.hidden && action !== "decide") show();
  });
  desk.on("photos", () => { if (!root.hidden) drawSide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !root.hidden) large.hidden = true; });
  desk.mount(root, "style", { show });
})();
