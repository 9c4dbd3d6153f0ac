// The tray: every photo of the workspace in one strip that stays while the steps change; only what is in view is built.
(() => {
  const { h, t } = desk;
  const root = element.querySelector(".tray");
  const strip = root.querySelector(".strip");
  const STEP = 112, MARGIN = 14;
  let order = [];

  function cell(sha, index) {
    const photo = desk.photos.get(sha);
    const verdict = desk.verdict(photo);
    const marks = [h("span", { class: `mark ${verdict}`, title: t(`verdict.${verdict}`) }, desk.SIGNS[verdict])];
    if (photo.corrected) marks.push(h("span", { class: "mark", title: t("mark.corrected") }, t("mark.short.corrected")));
    if (photo.styled) marks.push(h("span", { class: "mark", title: t("mark.styled") }, t("mark.short.styled")));
    if (photo.in_book) marks.push(h("span", { class: "mark", title: t("mark.in_book") }, t("mark.short.in_book")));
    const selected = desk.state.selection.includes(sha);
    return h("div", {
      class: `cell${desk.state.current === sha ? " current" : ""}`, role: "option", "aria-selected": String(selected), id: `tray-${sha.slice(0, 12)}`,
      "aria-label": `${photo.name}, ${t(`verdict.${verdict}`)}`, title: photo.name, "data-sha": sha, style: { left: `${MARGIN + index * STEP}px` },
      onclick: (event) => desk.select(sha, { toggle: event.ctrlKey || event.metaKey, extend: event.shiftKey, within: order }),
    }, h("img", { src: desk.media.thumb(photo.current), alt: "", loading: "lazy", draggable: "false" }), h("span", { class: "marks" }, marks));
  }
  function draw() {
    const first = Math.max(0, Math.floor((root.scrollLeft - 400) / STEP));
    const last = Math.min(order.length, Math.ceil((root.scrollLeft + root.clientWidth + 400) / STEP));
    desk.put(strip, ...order.slice(first, last).map((sha, index) => cell(sha, first + index)));
    strip.style.width = `${MARGIN * 2 + order.length * STEP}px`;
    root.querySelector(".none").hidden = order.length > 0;
    strip.hidden = order.length === 0;
  }
  function reveal() {
    const index = order.indexOf(desk.state.current);
    if (index < 0) return;
    const left = MARGIN + index * STEP;
    if (left < root.scrollLeft + 20 || left + STEP > root.scrollLeft + root.clientWidth - 20) root.scrollLeft = left - root.clientWidth / 2 + STEP / 2;
  }
  let pending = false;
  const later = () => { if (!pending) { pending = true; requestAnimationFrame(() => { pending = false; draw(); }); } };
  root.addEventListener("scroll", later);
  root.addEventListener("wheel", (event) => { if (!event.deltaX) { root.scrollLeft += event.deltaY; event.preventDefault(); } }, { passive: false });
  root.addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move || !order.length) return;
    event.preventDefault();
    const index = Math.min(order.length - 1, Math.max(0, order.indexOf(desk.state.current) + move));
    desk.select(order[index], { extend: event.shiftKey, within: order });
  });
  new ResizeObserver(later).observe(root);
  desk.on("photos", () => { order = [...desk.photos.keys()]; later(); });
  desk.on("selection", later);
  desk.on("current", () => { reveal(); later(); });
  desk.on("lang", () => { desk.fill(root); later(); });
  desk.on("ready", () => { desk.fill(root); order = [...desk.photos.keys()]; draw(); reveal(); });
})();
