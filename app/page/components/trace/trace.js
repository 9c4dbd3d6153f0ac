// Traçabilité: where does this picture come from? A tree from the originals to the result; verification; the legal export.
(() => {
  const { h, t } = desk;
  const root = element.querySelector(".trace");
  const find = (selector) => root.querySelector(selector);
  const side = find(".side");
  let shown = null, versions = [], books = [], verification = null, archive = null, working = "";

  async function show(sha = null) {
    const photo = desk.photos.get(desk.state.current);
    [versions, books] = await Promise.all([photo ? desk.call("versions", { photo: photo.sha }) : [], desk.call("books")]);
    const wanted = sha || photo?.current || books[0]?.sha;
    find(".empty").hidden = !!wanted;
    if (wanted) await tree(wanted);
    else drawSide();
  }
  async function tree(sha) {
    const answer = await desk.call("trace", { sha }).catch(() => null);
    if (answer) draw(answer);
  }
  function draw(answer) {
    shown = answer.tree.sha;
    find(".empty").hidden = true;
    desk.put(find(".tree"), branch(answer.tree, true),
      h("div", { class: "history" }, h("h2", {}, t("trace.history")), h("table", {}, h("tbody", {}, answer.history.map((event) => h("tr", {},
        h("td", {}, `n° ${event.seq}`), h("td", {}, when(event.time)), h("td", {}, h("b", {}, event.undoes ? t(`trace.undoes_${event.action}`) : t(`action.${event.action}`)), event.undoes ? ` (${t("trace.undoes", { seq: event.undoes })})` : "", event.detail ? ` · ${["judge", "decide"].includes(event.action) ? t("verdict." + event.detail) : event.detail}` : ""), h("td", {}, event.who, " ", h("span", { class: "muted", title: t("trace.declared_title") }, t("trace.declared"))), h("td", {}, event.model ? `${event.model} (${t("backend." + event.backend)})` : "")))))));
    const first = find(".tree > .branch");
    first.scrollLeft = first.scrollWidth;
    drawSide();
  }
  const when = (time) => new Date(time).toLocaleString(desk.lang === "fr" ? "fr-FR" : "en-GB", { dateStyle: "short", timeStyle: "short" });
  function branch(node, final = false) {
    return h("div", { class: node.sources.length > 4 ? "branch many" : "branch" },
      node.sources.length ? h("div", { class: "sources" }, node.sources.map((source) => branch(source))) : null,
      node.sources.length && node.steps.length ? h("div", { class: "arrow" }, node.steps.map((step) => [h("b", { title: `n° ${step.seq}` }, t(`action.${step.action}`)),
        step.model && step.backend !== "person" ? h("div", {}, step.model) : null, h("div", { title: t("trace.declared_title") }, `${when(step.time)} · ${step.who} (${t("trace.declared")})`)])) : null,
      h("div", { class: `node ${node.role}${final ? " final" : ""}`, "data-sha": node.sha },
        node.role === "book" ? h("div", {}, h("b", {}, "PDF")) : h("img", { src: node.role === "mask" ? desk.media.mask(node.sha) : desk.media.thumb(node.sha), alt: node.name }),
        h("div", {}, h("b", {}, t(`role.${node.role}`)), h("br"), node.name, h("br"), h("code", {}, `${node.sha.slice(0, 16)}…`), " ", h("a", { href: desk.media.file(node.sha, node.name || node.sha), download: "" }, "↓"))));
  }
  function drawSide() {
    const photo = desk.photos.get(desk.state.current);
    const results = photo ? [{ sha: photo.sha, name: photo.name }, ...versions] : [];
    desk.put(side, 
      h("h2", {}, t("trace.results")),
      results.length ? h("div", { class: "results" }, results.map((version) => h("button", { "aria-pressed": String(version.sha === shown), onclick: () => tree(version.sha) },
        h("img", { src: desk.media.thumb(version.sha), alt: "" }), h("span", {}, version.name, version.sha === photo.current ? h("b", {}, ` · ${t("retouch.current")}`) : "")))) : h("p", { class: "muted small" }, t("trace.pick_photo")),
      books.length ? h("div", { class: "results" }, h("h2", {}, t("trace.books")), books.map((book) => h("button", { "aria-pressed": String(book.sha === shown), onclick: () => tree(book.sha) }, h("span", {}, `PDF · ${book.title} · ${when(book.time)}`)))) : null,
      h("h2", {}, t("trace.check")),
      h("button", { class: "wide verify", disabled: !!working, onclick: verify }, working === "verify" ? h("span", { class: "spin" }) : "", " ", t("trace.verify")),
      verification ? h("div", { class: `card verification ${verification.holds ? "good" : "warn"}` },
        h("b", {}, t(verification.holds ? "trace.holds" : "trace.broken")), h("p", { class: "small" }, t("trace.counted", { events: desk.number(verification.events), files: desk.number(verification.files) })),
        h("ul", {}, verification.problems.map((problem) => h("li", { class: "small" }, problem)))) : null,
      h("button", { class: "main wide export", disabled: !!working, onclick: exportAll }, working === "export" ? h("span", { class: "spin" }) : "", " ", t("trace.export")),
      h("p", { class: "small muted", style: { marginTop: "6px" } }, t("trace.export_explain")),
      archive ? h("a", { class: "archive", href: archive.url, download: "" }, t("trace.download", { name: archive.name })) : null,
    );
  }
  async function working_(name, run) {
    working = name;
    drawSide();
    try { await run(); } catch (error) { if (!error.told) throw error; } finally { working = ""; drawSide(); }
  }
  const verify = () => working_("verify", async () => { verification = await desk.run("verify"); });
  const exportAll = () => working_("export", async () => { archive = await desk.run("export_audit"); });
  async function ask(files) {
    if (!files.length) return;
    const [sent] = await desk.send([files[0].blob || files[0]]);
    const answer = await desk.call("trace_file", { file: sent }).catch(() => null);
    if (answer) draw(answer);
  }
  find(".pick").addEventListener("click", () => find(".files").click());
  find(".files").addEventListener("change", (event) => { ask([...event.target.files]); event.target.value = ""; });
  find(".work").addEventListener("files", (event) => ask(event.detail));
  desk.on("current", () => { if (!root.hidden) show(); });
  desk.on("undone", () => { if (!root.hidden) show(); });
  desk.mount(root, "trace", { show: () => show() });
})();
