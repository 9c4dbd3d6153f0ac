// Évaluer: a labelled folder and a model; the rate of conformity, the matrix, the mistakes.
(() => {
  const { h, t } = desk;
  const root = element.querySelector(".evaluate");
  const find = (selector) => root.querySelector(selector);
  const side = find(".side");
  let folder = "", model = "default", uploaded = null, report = null, progress = null;

  const decimals = (value) => value.toLocaleString(desk.lang === "fr" ? "fr-FR" : "en-GB", { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  function drawSide() {
    const models = desk.info.classifiers?.[desk.lang] || [];
    desk.put(side, 
      h("h2", {}, t("evaluate.folder")),
      h("p", { class: "small muted" }, t("evaluate.folder_explain")),
      h("button", { class: "wide pick", onclick: () => find(".folderfiles").click() }, t("evaluate.pick")),
      h("button", { class: "wide samples", onclick: () => { uploaded = null; folder = desk.info.evaluation_samples; drawSide(); } }, t("evaluate.samples")),
      PaddockShare.isGuest() && h("p", { class: "small muted" }, t("evaluate.guest")),
      h("label", { class: "small", for: "pk-folder", style: { display: "block", marginTop: "10px" } }, t("evaluate.path")),
      h("input", { id: "pk-folder", type: "text", value: uploaded ? t("evaluate.uploaded", { n: uploaded.length }) : folder, spellcheck: "false", readonly: PaddockShare.isGuest(), oninput: (event) => { uploaded = null; folder = event.target.value; } }),
      h("h2", {}, t("evaluate.model")),
      h("select", { "aria-label": t("evaluate.model"), onchange: (event) => { model = event.target.value; } }, models.map((item) => h("option", { value: item.id, selected: item.id === model }, item.title))),
      h("button", { class: "main wide run", disabled: !!progress, onclick: run }, progress ? h("span", { class: "spin" }) : "", " ", t("evaluate.run")),
      h("div", { class: "going" }, going()),
    );
  }
  // Drawn again alone, so that choices beside it stay open.
  const going = () => progress && progress.fraction !== undefined ? h("div", {}, h("div", { class: "bar" }, h("i", { style: { width: `${progress.fraction * 100}%` } })), h("p", { class: "small muted" }, progress.doing || "", progress.seconds_left ? " · " + t("jobs.left", { time: desk.duration(progress.seconds_left) }) : ""),
        h("button", { onclick: () => desk.call("cancel", { id: progress.id }) }, t("jobs.cancel"))) : null;
  const step = (job) => { progress = job; desk.put(side.querySelector(".going"), going()); };
  const run = () => wait(() => desk.run("evaluate", uploaded ? { files: uploaded, model } : { folder, model }, step));
  async function wait(work) {
    progress = {};
    drawSide();
    try {
      report = await work();
      drawReport();
    } catch (error) {
      if (!error.told) throw error;
    } finally {
      progress = null;
      drawSide();
    }
  }
  function drawReport() {
    find(".empty").hidden = !!report;
    if (!report) { desk.put(find(".report")); return; }
    const name = (label) => t(`verdict.${label}`);
    desk.put(find(".report"), 
      h("div", { class: "top" },
        h("div", {}, h("div", { class: "rate", "data-accuracy": report.accuracy }, desk.percent(report.accuracy, 1)), h("p", {}, h("b", {}, t("evaluate.rate"))),
          h("p", { class: "small muted" }, t("evaluate.counted", { photos: desk.number(report.photos), unreadable: desk.number(report.unreadable), seconds: desk.number(Math.round(report.seconds * 10) / 10) })),
          h("p", { class: "small muted" }, t("evaluate.details", { f1: decimals(report.macro_f1), ece: decimals(report.ece), all: desk.percent(report.accuracy_all, 1) })),
          h("p", { class: "small muted" }, t("sort.answered", { backend: t(`backend.${report.backend}`), model: report.model }))),
        h("div", {}, h("table", { class: "matrix" },
          h("thead", {}, h("tr", {}, h("th", {}, t("evaluate.matrix")), report.classes.map((label) => h("th", {}, name(label))), h("th", {}, t("evaluate.recall")))),
          h("tbody", {}, report.confusion.map((row, i) => h("tr", {}, h("th", {}, name(report.classes[i])),
            row.map((count, j) => h("td", { class: i === j ? "good" : count ? "bad" : "" }, desk.number(count))),
            h("td", {}, desk.percent(report.per_class[report.classes[i]].recall))))))),
      ),
      ...report.warnings.map((warning) => h("p", { class: "card warn small" }, warning)),
      h("h2", {}, t("evaluate.mistakes", { n: desk.number(report.mistakes.length) })),
      h("div", { class: "mistakes" }, report.mistakes.slice(0, 200).map((mistake) => h("div", { class: "mistake" }, h("img", { src: mistake.url, alt: mistake.name, loading: "lazy" }),
        h("div", {}, mistake.name, h("br"), h("span", { class: "muted" }, t("evaluate.expected")), " ", h("span", { class: `verdict ${mistake.expected}` }, name(mistake.expected)), h("br"),
          h("span", { class: "muted" }, t("evaluate.given")), " ", h("span", { class: `verdict ${mistake.verdict}` }, name(mistake.verdict)), ` ${desk.percent(mistake.confidence)}`)))),
    );
  }
  find(".folderfiles").addEventListener("change", async (event) => {
    const files = [...event.target.files];
    event.target.value = "";
    const list = [];
    try {
      for (let start = 0; start < files.length; start += 20) {
        list.push(...(await desk.send(files.slice(start, start + 20).map((file) => ({ blob: file, relative: file.webkitRelativePath })))));
        side.querySelector(".pick").textContent = t("import.sending", { n: `${list.length} / ${files.length}` });
      }
      uploaded = list;
    } catch (error) {
      if (!error.told) { desk.toast(t("import.not_sent"), "error"); throw error; }
    } finally { drawSide(); }
  });
  // An evaluation that this person started before a reload goes on being shown, and so does its report.
  desk.on("ready", () => {
    const mine = desk.jobs.findLast((job) => job.kind === "evaluate" && job.who === desk.person() && (job.active || job.state === "done"));
    if (mine && !progress && !report) wait(() => desk.follow(mine.id, step));
  });
  // Nothing can be done in this step but in its right column: it is open on a small screen too.
  desk.mount(root, "evaluate", { folded: false, show: () => { drawSide(); drawReport(); } });
})();
