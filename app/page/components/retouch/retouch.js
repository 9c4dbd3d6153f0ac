// Retoucher: words, a box or the brush make a mask; erase or replace; compare; accept. The original is never lost.
(() => {
  const { h, t } = desk;
  const root = element.querySelector(".retouch");
  const find = (selector) => root.querySelector(selector);
  const side = find(".side"), words = find("#pk-words");
  const POSITION = ["words", "box", "brush", "eraser", "undo", "redo", "hide", "zoom"];
  let photo = null, base = null, versions = [], selected = { area: 0, share: 0 }, result = null, running = null, comparing = false;

  const canvas = PaddockMaskCanvas.create(find(".canvas"), {
    t: desk.t, lang: () => desk.lang, tools: ["words", "box", "brush", "eraser", "zoom"],
    onChange: (now) => { const had = selected.area > 0; selected = now; if (had !== now.area > 0 || !result) drawSide(); },
    onBox: (box) => fromBox(box),
    onTool: (tool) => { if (tool === "words") words.focus(); },
    onError: (error) => desk.toast(error.text, "error"),
  });
  const rail = PaddockMaskCanvas.rail(find(".rail"), canvas, POSITION, desk.t);
  // The answers that the mask grew from are kept with its steps: the record names every one that was not undone.
  const provenance = () => {
    const answers = canvas.answers();
    return { proposals: answers.map((answer) => answer.mask), words: [...new Set(answers.map((answer) => answer.words).filter(Boolean))].join(", ") };
  };
  const draftKey = () => `paddock-mask:${desk.info.workspace_id}:${base}`;

  // What is worked on: the selected photo, in its accepted version unless another was chosen here.
  async function open(version = null) {
    const current = desk.photos.get(desk.state.current);
    find(".empty").hidden = !!current;
    if (!current) { photo = base = null; drawSide(); return; }
    const wanted = version || current.current;
    if (photo === current.sha && base === wanted && !result) { drawSide(); return; }
    photo = current.sha;
    base = wanted;
    result = null;
    comparing = false;
    const asked = photo;
    const [opened, listed] = await Promise.all([
      canvas.open({ photoUrl: desk.media.proxy(base), draftKey: draftKey() }),
      desk.call("versions", { photo }),
    ]);
    if (asked !== photo || !opened) return;
    versions = listed;
    drawSide();
  }

  async function busy(key, work) {
    if (running) return null;
    find(".wait").hidden = false;
    const say = (job) => {
      running = job;
      const left = job && job.seconds_left ? ` · ${t("jobs.left", { time: desk.duration(job.seconds_left) })}` : "";
      find(".wait .what").textContent = t(key) + (job && job.fraction > 0.02 ? ` · ${desk.percent(job.fraction)}` : "") + left;
    };
    running = { id: null };
    say(null);
    running = { id: null };
    drawSide();
    try {
      return await work(say);
    } catch (error) {
      if (!error.told) throw error;
      return null;
    } finally {
      running = null;
      find(".wait").hidden = true;
      drawSide();
    }
  }
  async function useProposal(found, still, what, mode = "replace") {
    if (!still()) return;
    await canvas.setBase({ [found.heat ? "heatUrl" : "maskUrl"]: found.heat || found.mask_url, mode, what, answer: found });
    drawSide();
  }
  // What was asked for one photo must never land on another that was opened meanwhile.
  const asked = () => { const here = [photo, base]; return () => photo === here[0] && base === here[1]; };
  async function ask(text, backend) {
    const request = text.trim();
    if (!photo) return;
    if (!request) { desk.toast(t("retouch.say")); words.focus(); return; }
    words.value = request;
    if (result) await leaveResult();
    const still = asked();
    await busy("retouch.searching", async (say) => {
      const found = await desk.run("select_words", { photo, version: base, words: request, backend: backend || "embedded" }, say);
      await useProposal({ ...found, words: request }, still, "words");
    });
  }
  async function fromBox(box) {
    if (result) await leaveResult();
    const still = asked();
    const { naturalWidth: width, naturalHeight: height } = await size();
    await busy("retouch.cutting", async (say) => {
      const found = await desk.run("select_box", { photo, version: base, box: [box.left / width, box.top / height, box.right / width, box.bottom / height] }, say);
      await useProposal(found, still, "box", "add");
      canvas.setTool("brush");
    });
  }
  const size = () => new Promise((resolve) => { const image = new Image(); image.onload = () => resolve(image); image.src = desk.media.proxy(base); });
  async function refine() {
    const strokes = await Promise.resolve(canvas.exportStrokes());
    const still = asked();
    await busy("retouch.cutting", async (say) => {
      const found = await desk.run("refine", { photo, version: base, add: await strokes.add, remove: await strokes.remove, start: await canvas.exportMask() }, say);
      await useProposal(found, still, "refine");
    });
  }
  async function leaveResult() {
    result = null;
    comparing = false;
    await canvas.showResult(null);
  }
  async function correct(method, extra = {}) {
    const still = asked(), { name } = desk.photos.get(photo);
    await busy(method === "remove" ? "retouch.removing" : "retouch.replacing", async (say) => {
      const start = performance.now();
      const made = await desk.run(method, { photo, version: base, mask: await canvas.exportMask(), ...provenance(), ...extra }, say);
      if (!still()) { desk.toast(t("retouch.ready", { name })); desk.wake(); return; }
      result = made;
      if (method === "remove") desk.info.remove_seconds = (performance.now() - start) / 1000;
      await canvas.showResult(desk.media.proxy(made.sha));
      versions = await desk.call("versions", { photo });
      desk.wake();
    });
  }
  async function accept() {
    const { act } = await desk.perform("accept", { photo, version: result.sha });
    canvas.discardDraft(draftKey());
    words.value = "";
    told(act, "retouch.accepted");
    base = null;
    await open();
  }
  const told = (act, key) => desk.toast(t(key, { name: desk.photos.get(photo).name }), "info", act && desk.takeBack(act));
  desk.on("undone", ({ action, photos }) => {
    if (action === "accept" && photos.some((one) => one.sha === photo)) { base = null; if (!root.hidden) open(); }
  });

  function drawSide() {
    find(".words").hidden = !!result;
    if (!photo) { desk.put(side, h("p", { class: "muted" }, t("retouch.side.none"))); return; }
    const state = desk.photos.get(photo);
    const full = (name) => (desk.info.models || []).some((model) => model.id === name && model.present);
    const answer = canvas.answers().at(-1);
    const blank = !selected.area || running;
    const heat = canvas.state().hasHeat;
    desk.put(side, 
      h("h2", {}, t("retouch.selection")),
      h("p", { class: "share small muted", "data-share": String(selected.share) }, selected.area ? t("retouch.share", { share: desk.percent(selected.share, 1) }) : t("retouch.none_selected")),
      heat ? h("label", { class: "small" }, t("retouch.threshold"), h("input", {
        type: "range", min: "2", max: "98", value: String(Math.round((canvas.state().threshold ?? 0.5) * 100)), oninput: (event) => canvas.setThreshold(event.target.value / 100) })) : null,
      answer ? h("div", { class: "card small" },
        answer.proposal ? h("b", {}, t("retouch.proposal"), " ") : null,
        answer.words && answer.understood ? t("retouch.understood", { words: answer.words, understood: answer.understood }) + " " : "",
        t(answer.zones > 1 ? "retouch.zones" : "retouch.zone", { n: answer.zones }), " ",
        t("retouch.answered", { backend: t(`backend.${answer.backend}`), model: answer.model })) : null,
      full("clipseg") ? h("button", { class: "wide ask-full", disabled: running || !words.value, onclick: () => ask(words.value, "full") }, t("retouch.ask_full")) : null,
      h("div", { class: "two" },
        h("button", { disabled: blank, onclick: refine, title: t("retouch.refine_title") }, t("retouch.refine")),
        h("button", { disabled: blank, onclick: () => canvas.clear() }, t("retouch.clear"))),
      h("div", { class: "two" },
        h("button", { disabled: running, onclick: () => canvas.invert() }, t("retouch.invert")),
        h("button", { disabled: blank, onclick: saveMask }, t("retouch.save_mask"))),
      h("h2", {}, t("retouch.correct")),
      h("button", { class: "main wide remove", disabled: blank || !!result, onclick: () => correct("remove") }, t("retouch.remove"), " ", h("small", {}, t("retouch.about", { time: desk.duration(desk.info.remove_seconds || 5) }))),
      full("sd2-inpainting") ? replaceForm(blank) : null,
      result ? resultCard() : null,
      h("h2", {}, t("retouch.versions")),
      h("div", { class: "versions" }, [{ sha: photo, name: state.name }, ...versions].map((version) => h("button", {
        "aria-pressed": String(version.sha === (result ? result.sha : base)), title: version.name, "aria-label": version.name, onclick: () => { base = null; open(version.sha); } },
        h("img", { src: desk.media.thumb(version.sha), alt: "" }), version.sha === state.current ? h("span", { class: "now" }, t("retouch.current")) : null))),
      base !== state.current && !result ? h("button", { class: "wide", onclick: () => acceptVersion() }, t("retouch.make_current")) : null,
      h("a", { class: "small", href: desk.media.file(base, state.name), download: "" }, t("retouch.download")),
    );
  }
  async function acceptVersion() {
    const { act } = await desk.perform("accept", { photo, version: base });
    told(act, base === photo ? "undo.told_original" : "undo.told_accepted");
    drawSide();
  }
  const replaceForm = (blank) => h("div", { class: "card" },
    h("label", { class: "small", for: "pk-wish" }, t("retouch.wish")), h("textarea", { id: "pk-wish", placeholder: t("retouch.wish_example") }),
    h("button", { class: "wide replace", disabled: blank || !!result, onclick: () => correct("replace", { prompt: root.querySelector("#pk-wish").value }) }, t("retouch.replace")));
  const resultCard = () => h("div", { class: `card ${result.changed_outside === 0 ? "good" : "warn"} result` },
    h("b", {}, t("retouch.outside", { n: desk.number(result.changed_outside) })),
    h("p", { class: "small" }, t("retouch.inside", { n: desk.number(result.changed_inside) })),
    h("p", { class: "small" }, t("retouch.answered", { backend: t(`backend.${result.backend}`), model: result.model })),
    h("button", { class: "wide compare", "aria-pressed": String(comparing), onclick: () => { comparing = !comparing; canvas.compare(comparing); drawSide(); } }, t("retouch.compare")),
    h("div", { class: "two" },
      h("button", { class: "main accept", onclick: accept }, t("retouch.accept")),
      h("button", { class: "again", onclick: async () => { await leaveResult(); drawSide(); } }, t("retouch.again"))));
  async function saveMask() {
    const made = await desk.run("mask_file", { photo, version: base, mask: await canvas.exportMask(), ...provenance() });
    h("a", { href: desk.media.file(made.sha, made.name), download: "" }).click();
  }
  function drawWords() {
    desk.put(find(".words"), ...(desk.info.known_words?.[desk.lang] || []).map((word) => h("button", { onclick: () => ask(word) }, word)));
  }

  // The tools' keys work wherever the focus is on this step, except while typing.
  document.addEventListener("keydown", (event) => {
    if (root.hidden || !photo || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || find(".canvas").contains(event.target)) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
      event.preventDefault();
      if (key === "y" || event.shiftKey) canvas.redo(); else canvas.undo();
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey) {
      const tool = { b: "brush", e: "eraser", r: "box" }[key];
      if (tool) canvas.setTool(tool);
      else if (key === "m") canvas.toggleMask();
      else if (key === "o" && !event.repeat) canvas.peek(true);
    }
  });
  document.addEventListener("keyup", (event) => { if (event.key.toLowerCase() === "o" && !root.hidden) canvas.peek(false); });
  // While a stroke is drawn, nothing lies over the photo.
  const stroking = (on) => root.classList.toggle("stroking", on);
  find(".canvas").addEventListener("pointerdown", () => stroking(true));
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => stroking(false));
  find(".ask").addEventListener("submit", (event) => { event.preventDefault(); ask(words.value); });
  find(".stop").addEventListener("click", () => { if (running && running.id) desk.call("cancel", { id: running.id }); });
  find(".samples").addEventListener("click", () => desk.trySamples());
  desk.on("current", () => { if (!root.hidden) open(); });
  desk.on("photos", () => { if (!root.hidden && photo === null) open(); else if (!root.hidden && !running) drawSide(); });
  // A version that is ready after a reload, or that a colleague made of the same photo, is shown too.
  const making = () => desk.jobs.filter((job) => ["remove", "replace", "style"].includes(job.kind) && job.state === "done").map((job) => job.id).join();
  let made = "";
  desk.on("jobs", async () => {
    if (made === (made = making()) || root.hidden || !photo || running) return;
    const still = asked(), listed = await desk.call("versions", { photo }, { quiet: true });
    if (still()) { versions = listed; drawSide(); }
  });
  desk.mount(root, "retouch", { show: open, texts: () => { canvas.relabel(); rail.relabel(); drawWords(); } });
})();
