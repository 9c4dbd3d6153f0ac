// Cette machine: what this computer has and lacks, what it can do and in how much time; the deep check; the backup.
(() => {
  const { h, t } = desk;
  const root = element.querySelector(".machine");
  const find = (selector) => root.querySelector(selector);
  const side = find(".side");
  let found = null, foundIn = "", looking = false, checks = null, working = "", progress = null, disk = "", folder = "", done = null;

  const local = () => desk.info.sharing?.local !== false;
  async function look() {
    if (looking || !local()) { draw(); return; }
    looking = true;
    const lang = desk.lang;
    draw();
    try { found = await desk.call("machine"); foundIn = lang; } catch (error) { if (!error.told) throw error; } finally { looking = false; draw(); }
    if (found && foundIn !== desk.lang) { found = null; await look(); }  // the language changed meanwhile
  }
  const row = (fact) => h("div", { class: "fact", "data-fact": fact.id || fact.step, "data-state": fact.state },
    h("span", { class: `state ${fact.state}` }, `${fact.sign} ${fact.state_word}`), h("b", {}, fact.title), h("span", {}, fact.text));
  // Worded here, so that they stay when the language changes.
  const checked = (check) => row({
    step: check.step, state: check.works ? "good" : "missing", sign: check.works ? "✓" : "✕", state_word: t(check.works ? "machine.state.good" : "machine.state.missing"),
    title: t(`machine.step.${check.step}`), text: check.works ? t("machine.deep_works", { time: seconds(check.loading + check.seconds) }) : t("machine.deep_fails", { why: check.why }),
  });
  const seconds = (value) => `${desk.number(Math.max(0.1, Math.round(10 * value) / 10))} s`;
  const panel = (title, ...content) => h("section", { class: "panel" }, h("h2", {}, title), ...content);
  function verdict() {
    if (!found.ready) return t(found.missing > 1 ? "machine.not_ready" : "machine.not_ready_one", { n: desk.number(found.missing) });
    return found.notes ? t(found.notes > 1 ? "machine.ready_notes" : "machine.ready_note", { n: desk.number(found.notes) }) : t("machine.ready");
  }
  function figures() {
    return panel(t("machine.estimates"),
      h("table", { class: "figures" },
        h("thead", {}, h("tr", {}, h("th", {}, t("machine.col.what")), h("th", {}, t("machine.col.time")), h("th", {}, t("machine.col.basis")))),
        h("tbody", {}, found.estimates.map((item) => h("tr", { "data-kind": item.kind, class: item.lacks ? "absent" : "" },
          h("td", {}, item.title), h("td", {}, item.time, item.first ? h("small", {}, ` ${item.first}`) : ""),
          h("td", { class: "muted" }, [item.lacks, item.from].filter(Boolean).join(" · ")))))),
      h("p", { class: "from small muted" }, found.source));
  }
  function draw() {
    find(".empty").hidden = !!found || !local();
    if (!local()) desk.put(find(".report"), h("p", { class: "card" }, t("machine.backup_away")));
    else if (!found) desk.put(find(".report"));
    else {
      const parts = [...found.groups].sort((a, b) => bad(b) - bad(a));
      desk.put(find(".report"), h("h1", { "data-ready": String(found.ready) }, verdict()),
        checks && panel(t("machine.deep"), checks.map(checked)),
        parts.filter((part) => bad(part)).map(group), figures(), parts.filter((part) => !bad(part)).map(group));
    }
    drawSide();
  }
  // What is missing comes first; the rest keeps its order.
  const bad = (part) => Number(part.facts.some((fact) => fact.state === "missing"));
  const group = (part) => panel(t(`machine.group.${part.group}`), part.facts.map(row));

  function drawSide() {
    if (!found || !local()) { desk.put(side); return; }
    desk.put(side,
      h("h2", {}, t("machine.group.space")),
      found.bars.map((bar) => h("div", { "data-bar": bar.id }, h("div", { class: "room" }, h("span", {}, bar.title), h("span", { class: "muted" }, t("machine.space", { free: bar.free }))),
        h("div", { class: "bar", role: "img", "aria-label": `${bar.title} : ${desk.percent(bar.used)}` }, h("i", { class: bar.state, style: { width: `${Math.round(bar.used * 100)}%` } })))),
      h("button", { class: "wide again", disabled: looking, onclick: look }, looking ? h("span", { class: "spin" }) : "", " ", t("machine.again")),
      h("h2", {}, t("machine.deep")),
      h("p", { class: "small muted" }, t("machine.deep_explain")),
      h("button", { class: "wide deep", disabled: !!working, onclick: deep }, working === "check" ? h("span", { class: "spin" }) : "", " ", t("machine.deep")),
      checks ? h("p", { class: `card small ${checks.every((check) => check.works) ? "good" : "warn"}` }, t(checks.every((check) => check.works) ? "machine.deep_good" : "machine.deep_bad")) : null,
      working === "check" && h("div", { class: "going" }, bar()),
      h("h2", {}, t("machine.backup")),
      h("p", { class: "small muted last" }, lastBackup()),
      h("p", { class: "small muted" }, t("machine.backup_explain")),
      h("label", { for: "pk-backup-disk" }, t("machine.backup_to")),
      h("select", { id: "pk-backup-disk", onchange: (event) => { disk = event.target.value; } }, found.backup.disks.map((item) => h("option", { value: item.path, selected: item.path === disk },
        t(item.same ? "machine.backup_same" : "machine.backup_free", item)))),
      h("label", { for: "pk-backup-folder" }, t("machine.backup_folder")),
      h("input", { id: "pk-backup-folder", type: "text", value: folder, spellcheck: "false", oninput: (event) => { folder = event.target.value; } }),
      h("button", { class: "main wide backup", disabled: !!working, onclick: backup }, working === "backup" ? h("span", { class: "spin" }) : "", " ", t("machine.backup_start")),
      working === "backup" && h("div", { class: "going" }, bar()),
      done ? h("p", { class: `card small ${done.problems.length ? "warn" : "good"}` }, t("machine.backup_done", done), done.problems.map((problem) => h("span", {}, h("br"), problem))) : null,
    );
  }
  const bar = () => progress && progress.fraction !== undefined && h("div", {}, h("div", { class: "bar" }, h("i", { style: { width: `${Math.round(progress.fraction * 100)}%` } })),
    h("p", { class: "small muted" }, progress.doing || "", progress.seconds_left ? ` · ${t("jobs.left", { time: desk.duration(progress.seconds_left) })}` : ""),
    h("button", { onclick: () => desk.call("cancel", { id: progress.id }) }, t("jobs.cancel")));
  function lastBackup() {
    const last = found.backup.last;
    if (!last) return t("machine.backup_never");
    const when = new Date(last.made).toLocaleString(desk.lang === "fr" ? "fr-FR" : "en-GB", { dateStyle: "short", timeStyle: "short" });
    return t("machine.backup_last", { when, where: last.where });
  }
  async function work(name, run) {
    working = name;
    progress = {};
    drawSide();
    try { await run(); } catch (error) { if (!error.told) throw error; } finally { working = ""; progress = null; draw(); }
  }
  // Drawn again alone, so that a list that is open and a path being typed beside it stay.
  const follow = (job) => {
    progress = job;
    const going = side.querySelector(".going");
    if (going) desk.put(going, bar()); else drawSide();
  };
  const deep = () => work("check", async () => { checks = null; checks = await desk.run("machine_check", {}, follow); });
  const backup = () => work("backup", async () => {
    done = null;
    disk = find("#pk-backup-disk").value;
    done = await desk.run("machine_backup", { disk, folder }, follow);
    if (found) found.backup = done.backup;
    desk.toast(t("machine.backup_done", done), done.problems.length ? "error" : "info");
  });
  // What was started before a reload goes on being shown.
  desk.on("ready", () => {
    const mine = local() && desk.jobs.findLast((job) => job.active && (job.kind === "check" || job.kind === "backup"));
    if (!mine) return;
    work(mine.kind, async () => {
      const result = await desk.follow(mine.id, follow);
      if (mine.kind === "check") checks = result;
      else { done = result; if (found) found.backup = done.backup; }
    });
  });
  desk.mount(root, "machine", { show: () => { if (!found || foundIn !== desk.lang) { found = null; look(); } else draw(); } });
})();
