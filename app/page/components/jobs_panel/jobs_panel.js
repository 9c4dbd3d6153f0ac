// The jobs' panel: what runs, how far, how long still, what was refused and why; cancel, try again, take up again.
window.PaddockJobs = (() => {
  const summary = () => {
    const active = desk.jobs.filter((job) => job.active);
    const left = Math.max(0, ...active.map((job) => job.seconds_left || 0));
    const failed = desk.jobs.reduce((sum, job) => sum + job.failed, 0);
    if (!active.length) return { busy: false, text: failed ? desk.t(failed > 1 ? "jobs.problems" : "jobs.problem", { n: desk.number(failed) }) : desk.t("jobs.none") };
    return { busy: true, text: desk.t(active.length > 1 ? "jobs.many" : "jobs.one", { n: active.length }) + (left ? ` · ${desk.duration(left)}` : "") };
  };
  const ask = (method, id) => desk.call(method, { id }).then(desk.wake);
  const button = (job, method, key, params) =>
    desk.h("button", { "data-job": `${method}-${job.id}`, onclick: () => ask(method, job.id) }, desk.t(key, params));

  function actions(job) {
    if (job.active) return button(job, "cancel", "jobs.cancel");
    const undone = job.total - job.done - job.failed;
    if (job.batch && undone > 0) return button(job, "retry", "jobs.go_on", { n: desk.number(undone + job.failed) });
    if (job.batch && job.failed) return button(job, "retry", "jobs.retry", { n: desk.number(job.failed) });
    return job.batch && job.total ? null : desk.h("span", { class: "muted small state" }, desk.t(`jobs.state.${job.state}`));
  }
  function progress(job) {
    const left = job.seconds_left ? desk.t("jobs.left", { time: desk.duration(job.seconds_left) }) : "";
    const count = job.batch && job.total > 1 ? desk.t("jobs.count", { done: desk.number(job.done + job.failed), total: desk.number(job.total) }) : "";
    const said = job.state === "waiting" ? [desk.t("jobs.state.waiting"), count] : [desk.percent(job.fraction), count, job.doing, left];
    return [
      desk.h("div", { class: "bar", role: "progressbar", "aria-valuenow": Math.round(job.fraction * 100), "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": desk.t(`job.${job.kind}`) },
        desk.h("i", { style: { width: `${Math.round(job.fraction * 100)}%` } })),
      desk.h("div", { class: "muted small" }, said.filter(Boolean).join(" · ")),
    ];
  }
  function ended(job) {
    if (!job.batch || !job.total) return null;
    const parts = [desk.t("jobs.count", { done: desk.number(job.done), total: desk.number(job.total) })];
    if (job.failed) parts.push(desk.t(job.failed > 1 ? "jobs.problems" : "jobs.problem", { n: desk.number(job.failed) }));
    return desk.h("div", { class: "muted small" }, `${desk.t(`jobs.state.${job.state}`)} · ${parts.join(" · ")}`);
  }
  const row = (job) => desk.h("div", { class: "job", "data-state": job.state, "data-kind": job.kind },
    desk.h("div", { class: "row" },
      desk.h("span", {}, desk.t(`job.${job.kind}`), job.label ? ` · ${job.label}` : "", job.who ? desk.h("span", { class: "muted small" }, ` · ${job.who}`) : null),
      actions(job)),
    job.active ? progress(job) : ended(job),
    job.message && desk.h("p", { class: "small" }, job.message),
    job.notes.map((note) => desk.h("p", { class: "small note" }, note)),
    job.errors.length ? desk.h("ul", {}, errors(job).map((error) => desk.h("li", {}, error)),
      hidden(job)) : null);
  // The page is told the first refusals only; the others come when they are asked for, and stay until the list changes.
  const all = new Map();
  const errors = (job) => (all.get(job.id)?.length === job.failed ? all.get(job.id) : job.errors);
  function hidden(job) {
    const more = job.failed - errors(job).length;
    if (more <= 0) return null;
    const show = (event) => {
      const place = event.target.closest(".panel");
      desk.call("job_errors", { id: job.id }).then((list) => { all.set(job.id, list); redraw(place); });
    };
    return desk.h("li", {}, desk.h("button", { class: "link", "data-job": `errors-${job.id}`, onclick: show }, desk.t("jobs.more_errors", { n: desk.number(more) })));
  }

  function panel() {
    const jobs = [...desk.jobs].reverse();
    const over = jobs.some((job) => !job.active);
    return [
      desk.h("div", { class: "row" }, desk.h("h2", {}, desk.t("jobs.title")),
        over && desk.h("button", { class: "quiet", "data-job": "forget", onclick: () => desk.call("forget_jobs").then(desk.wake) }, desk.t("jobs.forget"))),
      ...(jobs.length ? jobs.map(row) : [desk.h("p", { class: "muted" }, desk.t("jobs.empty"))]),
    ];
  }
  // Draw again without taking the focus away from whoever uses the keyboard.
  function redraw(place) {
    const focused = place.contains(document.activeElement) ? document.activeElement.dataset.job : null;
    const top = place.scrollTop;
    desk.put(place, ...panel());
    place.scrollTop = top;
    if (focused) (place.querySelector(`[data-job="${CSS.escape(focused)}"]`) || place.querySelector("button"))?.focus();
  }
  return { summary, panel, redraw };
})();
