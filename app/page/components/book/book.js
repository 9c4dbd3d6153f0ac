// Le livre: chosen photos in order, double pages as they will be printed, one button to bind.
(() => {
  const { h, t } = desk;
  const root = element.querySelector(".book");
  const find = (selector) => root.querySelector(selector);
  const side = find(".side");
  let bound = null, working = false, timer = null, turn = 0;
  let last = null;  // {what: words, plates: as they were before}: what « Annuler » puts back

  const book = () => desk.state.book || { title: t("book.default_title"), subtitle: "", plates: [] };
  const plates = () => book().plates.filter((plate) => desk.photos.has(plate.photo));
  const change = (changes) => { desk.set({ book: { ...book(), ...changes } }); draw(); };
  // Words: the fields stay as they are, so that the click or the Tab key that ended the typing arrives.
  const word = (changes) => { desk.set({ book: { ...book(), ...changes } }); later(); };
  function later() {
    clearTimeout(timer);
    if (plates().length) timer = setTimeout(drawSpreads, 120);
  }
  function add(shas) {
    const have = new Set(plates().map((plate) => plate.photo));
    const fresh = shas.filter((sha) => !have.has(sha) && desk.photos.has(sha)).map((photo) => ({ photo, caption: "" }));
    if (!fresh.length) { desk.toast(t("book.nothing_new")); return; }
    changePlates([...plates(), ...fresh], t("book.did.add"));
  }
  function changePlates(list, what) {
    last = { what, plates: plates() };
    change({ plates: list });
  }
  function undo() {
    const { plates: before } = last;
    last = null;
    change({ plates: before });
  }
  const goodOnes = () => [...desk.photos.values()].filter((photo) => desk.verdict(photo) === "ok" || photo.corrected).map((photo) => photo.sha);

  function draw() {
    const list = plates();
    find(".empty").hidden = list.length > 0;
    find(".spreads").hidden = list.length === 0;
    drawSide();
    later();
  }
  async function drawSpreads() {
    const mine = ++turn;
    const layout = await desk.call("book_layout", { plates: plates() });
    if (mine !== turn) return;
    const leaf = (page, number) => {
      const node = h("div", { class: "leaf", style: { height: `${350 * layout.height / layout.width}px` } });
      for (const slot of page.slots) {
        const photo = desk.photos.get(plates()[slot.plate].photo);
        node.append(h("div", { class: "slot", title: photo.name, style: {
          left: `${100 * slot.x / layout.width}%`, top: `${100 * slot.y / layout.height}%`, width: `${100 * slot.width / layout.width}%`, height: `${100 * slot.height / layout.height}%` } },
          h("img", { src: desk.media.thumb(photo.current), alt: photo.name })));
      }
      if (page.kind === "cover") node.append(h("div", { class: "title" }, book().title));
      if (page.kind === "sources") node.append(h("div", { class: "text" }, t("book.sources_page")));
      if (page.kind !== "sources") node.append(h("span", { class: "number" }, String(number + 1)));
      return node;
    };
    const pages = [...layout.pages, { kind: "sources", slots: [] }];
    const spreads = [[leaf(pages[0], 0)]];
    for (let index = 1; index < pages.length; index += 2) spreads.push(pages.slice(index, index + 2).map((page, offset) => leaf(page, index + offset)));
    desk.put(find(".spreads"), ...spreads.map((leaves) => h("div", { class: "spread" }, leaves)));
    find(".spreads").dataset.pages = pages.length;
  }
  function drawSide() {
    const list = plates();
    const texts = [["title", "book.title"], ["subtitle", "book.subtitle"]];
    desk.put(side, 
      ...texts.map(([name, key]) => h("label", {}, t(key), h("input", { type: "text", name, value: book()[name], maxlength: "120", onchange: (event) => word({ [name]: event.target.value }) }))),
      h("div", {}, h("button", { class: "wide addsel", onclick: () => add(desk.state.selection) }, t("book.add_selection")),
        h("button", { class: "wide addok", onclick: () => add(goodOnes()) }, t("book.add_ok"))),
      h("h2", {}, t(list.length > 1 ? "book.plates_many" : "book.plates", { n: list.length })),
      h("ol", { class: "plates" }, list.map(plateRow)),
      last ? h("button", { class: "wide undo", onclick: undo }, t("book.undo_what", { what: last.what })) : null,
      h("button", { class: "main wide bind", disabled: !list.length || working, onclick: bind }, working ? h("span", { class: "spin" }) : "", " ", t("book.bind"), " ", h("small", {}, t("retouch.about", { time: desk.duration(2 + list.length * 0.6) }))),
      bound ? h("div", { class: "card good bound" }, h("b", {}, t("book.bound", { pages: bound.pages })), h("p", { class: "small" }, t("book.engine", { engine: bound.engine })),
        h("a", { href: desk.media.file(bound.sha, bound.name), target: "_blank", class: "pdf" }, t("book.open"))) : null,
      bound && bound.warnings.length ? h("div", { class: "card warn" }, bound.warnings.map((warning) => h("p", { class: "small" }, warning))) : null,
      h("p", { class: "small muted", style: { marginTop: "10px" } }, t("book.explain")),
    );
  }
  function plateRow(plate, index) {
    const photo = desk.photos.get(plate.photo);
    const row = h("li", { draggable: "true", "data-photo": plate.photo },
      h("img", { src: desk.media.thumb(photo.current), alt: photo.name, title: photo.name }),
      h("input", { type: "text", value: plate.caption, maxlength: "400", placeholder: t("book.caption"), "aria-label": `${t("book.caption")} · ${photo.name}`,
        onchange: (event) => word({ plates: plates().map((other) => (other.photo === plate.photo ? { ...other, caption: event.target.value } : other)) }) }),
      h("span", { class: "moves" },
        h("button", { "aria-label": t("book.up"), disabled: index === 0, onclick: () => move(index, index - 1) }, "▲"),
        h("button", { "aria-label": t("book.remove"), onclick: () => changePlates(plates().filter((other) => other.photo !== plate.photo), t("book.did.remove", { name: photo.name })) }, "✕"),
        h("button", { "aria-label": t("book.down"), disabled: index === plates().length - 1, onclick: () => move(index, index + 1) }, "▼")));
    row.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/x-plate", String(index)));
    row.addEventListener("dragover", (event) => { event.preventDefault(); row.classList.add("over"); });
    row.addEventListener("dragleave", () => row.classList.remove("over"));
    row.addEventListener("drop", (event) => {
      const from = event.dataTransfer.getData("text/x-plate");
      if (from !== "") { event.preventDefault(); event.stopPropagation(); move(Number(from), index); }
    });
    return row;
  }
  function move(from, to) {
    if (from === to) return;
    const list = [...plates()], moved = list[from].photo;
    list.splice(to, 0, ...list.splice(from, 1));
    changePlates(list, t("book.did.move", { name: desk.photos.get(moved).name }));
  }
  async function bind() {
    working = true;
    drawSide();
    try {
      bound = await desk.run("bind", { ...book(), plates: plates() });
      desk.toast(t("book.bound", { pages: bound.pages }));
    } catch (error) {
      if (!error.told) throw error;
    } finally {
      working = false;
      desk.wake();
      drawSide();
    }
  }
  find(".empty .addok").addEventListener("click", () => add(goodOnes()));
  find(".empty .addsel").addEventListener("click", () => add(desk.state.selection));
  desk.on("photos", () => { if (!root.hidden) draw(); });
  desk.mount(root, "book", { show: async () => { draw(); if (!bound) { bound = await desk.call("last_book"); drawSide(); } } });
})();
