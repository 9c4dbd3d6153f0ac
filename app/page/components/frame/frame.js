// The frame: name, workspace, steps in the order of the work, jobs, models, language, help; toasts and file drop.
(() => {
  const { h, t } = desk;
  const root = element.querySelector(".frame");
  const find = (selector) => root.querySelector(selector);
  const panel = find(".panel");
  let opener = null;

  const STEPS = ["sort", "retouch", "style", "book", "trace"];
  const WORKSHOP = ["evaluate", "machine"];

  function drawSteps() {
    const nav = find(".steps");
    desk.put(nav, 
      ...STEPS.map((step, index) => h("button", {
        "data-step": step, "aria-current": desk.state.step === step ? "step" : null,
        onclick: () => desk.set({ step }),
      }, h("b", {}, String(index + 1)), t(`step.${step}`))),
      h("button", {
        class: "workshop", "aria-haspopup": "true", "aria-current": WORKSHOP.includes(desk.state.step) ? "step" : null,
        onclick: (event) => open(event.currentTarget, workshop(), "menu"),
      }, `${t("step.workshop")} ▾`),
    );
  }
  const workshop = () => [
    ...WORKSHOP.map((step) => h("button", { "data-step": step, onclick: () => { close(); desk.set({ step }); } }, t(`step.${step}`))),
    h("button", { class: "share-menu", onclick: () => { close(); open(find(".workshop"), PaddockShare.panel()); } }, t("share.menu")),
  ];
  function drawShared() {
    find(".shared").textContent = PaddockShare.pill();
    find(".shared").hidden = !PaddockShare.pill();
  }

  function open(button, content, kind = "") {
    if (opener === button) { close(); return; }
    close();
    opener = button;
    button.setAttribute("aria-expanded", "true");
    panel.className = `panel ${kind}`;
    desk.put(panel, ...content);
    panel.hidden = false;
    if (kind === "menu") {
      const box = button.getBoundingClientRect();
      panel.style.left = `${box.left}px`;
      panel.style.right = "auto";
    } else {
      panel.style.left = "auto";
      panel.style.right = "12px";
    }
    (panel.querySelector("button") || panel).focus?.();
  }
  function close() {
    if (opener) opener.setAttribute("aria-expanded", "false");
    opener = null;
    panel.hidden = true;
  }
  document.addEventListener("pointerdown", (event) => {
    if (opener && !panel.contains(event.target) && !opener.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && opener) { const back = opener; close(); back.focus(); }
  });

  function drawJobs() {
    const { busy, text } = PaddockJobs.summary();
    const button = find(".jobs");
    button.classList.toggle("busy", busy);
    desk.put(button, busy ? h("span", { class: "spin", "aria-hidden": "true" }) : "", ` ${text}`);
    if (opener === button) PaddockJobs.redraw(panel);
  }

  function drawModels() {
    const models = desk.info.models || [];
    const full = models.some((model) => model.backend === "full" && model.present);
    find(".models").textContent = t(full ? "models.full" : "models.embedded");
  }
  async function modelsPanel(button) {
    open(button, [h("p", { class: "muted" }, "…")]);
    const models = await desk.call("models");
    desk.info.models = models;
    desk.put(panel, 
      h("h2", {}, t("models.title")), h("p", { class: "small muted" }, t("models.explain")),
      h("table", {}, h("tbody", {}, models.map((model) => h("tr", {},
        h("td", {}, h("b", {}, model.title), h("br"), h("span", { class: "muted" }, model.use)),
        h("td", {}, t(`models.backend.${model.backend}`)),
        h("td", {}, t(`models.state.${model.state}`)))))),
      desk.info.models_dir ? h("p", { class: "small muted" }, t("models.folder", { folder: desk.info.models_dir })) : h("p", { class: "small muted" }, t("models.no_folder")),
    );
    drawModels();
  }
  const helpPanel = () => [
    h("h2", {}, t("help.title")),
    h("table", {}, h("tbody", {}, [["1 2 3", "help.decide"], ["Z", "help.undo"], ["← → ↑ ↓", "help.move"], [t("help.space_key"), "help.large"],
      ["B", "help.brush"], ["E", "help.eraser"], ["R", "help.box"], ["Ctrl Z", "help.undo_stroke"], ["O", "help.original"], ["M", "help.mask"]]
      .map(([keys, key]) => h("tr", {}, h("td", {}, h("kbd", {}, keys)), h("td", {}, t(key)))))),
    h("p", { class: "small muted" }, t("help.safe")),
  ];

  function toast({ message, kind, action }) {
    const node = h("div", { class: `toast ${kind}` }, h("span", {}, message),
      action && h("button", { onclick: () => { action.run(); node.remove(); } }, action.label),
      h("button", { "aria-label": t("frame.close"), onclick: () => node.remove() }, "✕"));
    node.undoes = action ? action.seq : undefined;
    find(".toasts").append(node);
    while (find(".toasts").children.length > 2) find(".toasts").firstChild.remove();
    setTimeout(() => node.remove(), kind === "error" ? 10000 : 5000);
  }

  // Files dropped anywhere become photos of the workspace; folders are walked.
  async function filesOf(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
    if (!entries.length) return [...transfer.files];
    const found = [];
    async function walk(entry, path) {
      if (entry.isFile) {
        const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
        found.push({ blob: file, name: file.name, relative: path + file.name });
      } else {
        const reader = entry.createReader();
        for (;;) {
          const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
          if (!some.length) break;
          for (const child of some) await walk(child, `${path}${entry.name}/`);
        }
      }
    }
    for (const entry of entries) await walk(entry, "");
    return found;
  }
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  document.addEventListener("dragenter", (event) => { if (hasFiles(event) && ++depth === 1) find(".drop").hidden = false; });
  document.addEventListener("dragleave", (event) => { if (hasFiles(event) && --depth <= 0) { depth = 0; find(".drop").hidden = true; } });
  document.addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
  document.addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    find(".drop").hidden = true;
    const zone = event.target.closest?.("[data-drop]");
    const files = await filesOf(event.dataTransfer);
    if (zone) zone.dispatchEvent(new CustomEvent("files", { detail: files }));
    else desk.importFiles(files);
  });
  // Twenty files at a time: the first are in while the last are still being sent. A lost browser costs the unsent ones only.
  desk.importFiles = async (files) => {
    if (!files.length) return;
    if (files.length > 1) desk.toast(t("import.sending", { n: desk.number(files.length) }));
    desk.set({ step: "sort" });
    let job = null;
    try {
      for (let start = 0; start < files.length; start += 20) {
        const sent = await desk.send(files.slice(start, start + 20));
        const last = start + 20 >= files.length;
        ({ job } = await (job ? desk.call("import_more", { job, files: sent, last }) : desk.call("import", { files: sent, more: !last, expected: files.length })));
        desk.wake();
      }
    } catch (error) {
      if (job) desk.call("import_more", { job, files: [], last: true }, { quiet: true }).catch(console.warn);
      if (!error.told) desk.toast(t("import.not_sent"), "error");
      throw error;
    }
    await desk.follow(job).then(desk.tellImport);
  };
  desk.tellImport = (result) => {
    const parts = [t(result.added > 1 ? "import.added_many" : "import.added_one", { n: desk.number(result.added) })];
    if (result.known) parts.push(t("import.known", { n: result.known }));
    if (result.errors) parts.push(t("import.errors", { n: result.errors }));
    desk.toast(parts.join(" · "));
    desk.wake();
  };
  desk.trySamples = () => { desk.set({ step: "sort" }); return desk.run("import_samples").then(desk.tellImport); };

  find(".jobs").addEventListener("click", (event) => open(event.currentTarget, PaddockJobs.panel()));
  find(".shared").addEventListener("click", (event) => open(event.currentTarget, PaddockShare.panel()));
  find(".models").addEventListener("click", (event) => modelsPanel(event.currentTarget));
  find(".help").addEventListener("click", (event) => open(event.currentTarget, helpPanel()));
  for (const button of root.querySelectorAll("[data-lang]")) {
    button.addEventListener("click", () => { document.documentElement.lang = button.dataset.lang; desk.set({ lang: button.dataset.lang }); });
  }
  function refresh() {
    desk.fill(root);
    find(".workspace").textContent = desk.info.workspace || "";
    for (const button of root.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === desk.lang));
    drawSteps(); drawShared(); drawJobs(); drawModels();
  }
  // Said for as long as it is so; a click leads to what can be done.
  desk.on("space", (left) => {
    find(".space").hidden = !left;
    if (left) desk.put(find(".space"), t("machine.space_low", { free: left }), " ", h("button", { class: "link", onclick: () => desk.set({ step: "machine" }) }, t("step.machine")));
  });
  desk.on("step", drawSteps);
  desk.on("jobs", drawJobs);
  desk.on("toast", toast);
  // What has been taken back is no longer offered.
  desk.on("undone", ({ seq }) => { for (const node of [...find(".toasts").children]) if (node.undoes === seq) node.remove(); });
  desk.on("lang", () => { close(); refresh(); });
  let offline = false;
  desk.on("online", (online) => {
    if (!online && !offline) desk.toast(t("error.connection"), "error");
    offline = !online;
  });
  desk.on("ready", refresh);
  desk.on("ready", () => { if (desk.info.clock) desk.toast(desk.info.clock, "error"); });
  desk.start(server, upload);
})();
