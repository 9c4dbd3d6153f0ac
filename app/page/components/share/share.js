// « Partager »: who else can reach this page. At this machine: address, password, QR code; for a guest: the way out.
window.PaddockShare = (() => {
  const LOCAL = ["127.0.0.1", "localhost"];
  let shown = null, timer = null;

  const { h, t } = desk;
  const isGuest = () => desk.info.sharing && !desk.info.sharing.local;
  // The word in the frame: none on a page that is this machine's alone.
  function pill() {
    const { mode, login } = desk.info.sharing || {};
    if (!login) return "";
    return isGuest() ? t("share.pill.guest") : mode === "local" ? "" : t("share.pill.shared");
  }
  // Nodes of the panel; they fill themselves, and again while a public link is awaited.
  function panel() {
    shown = h("div", { class: "share" }, h("p", { class: "muted" }, "…"));
    refresh(shown);
    return [h("h2", {}, t("share.title")), shown];
  }
  async function refresh(node) {
    clearTimeout(timer);
    const told = await desk.call("sharing", {}, { quiet: true });
    if (node !== shown) return;
    desk.put(node, ...(told.local ? owner(told) : guest()), told.login ? leave() : null);
    if (told.state === "waiting") timer = setTimeout(() => node.isConnected && refresh(node), 1500);
  }
  function owner(told) {
    return [
      h("p", {}, t(`share.mode.${told.mode}`)),
      told.mode === "local" && h("p", { class: "small muted" }, t("share.how")),
      told.problem && h("p", { class: "card warn", role: "alert" }, told.problem),
      told.state === "waiting" && h("p", {}, h("span", { class: "spin", "aria-hidden": "true" }), " ", t("share.waiting")),
      told.address && line("share.address", told.address),
      told.password && !told.problem && line("share.password", told.password),
      told.qr && h("div", { class: "code" }, h("img", { class: "qr", src: told.qr, alt: t("share.qr"), width: 150, height: 150 }), h("p", { class: "small muted" }, t("share.qr"))),
      told.expires_at && h("p", { class: "small" }, t("share.until", { day: day(told.expires_at) })),
      told.mode !== "local" && h("p", { class: "small muted" }, t(told.mode === "lan" ? "share.lan_note" : "share.link_note")),
      h("div", { class: "ways" }, ["lan", "share", "local"].filter((mode) => mode !== told.mode || told.problem).map((mode) =>
        h("button", { "data-mode": mode, class: mode === "lan" ? "main" : "", onclick: (event) => reopen(mode, event.currentTarget) }, t(`share.open.${mode}`)))),
    ];
  }
  // The page closes for a moment and opens again, shared as asked; whoever sits here comes in by the new owner's key.
  async function reopen(mode, button) {
    const node = button.closest(".share"), ways = [...node.querySelectorAll(".ways button")];
    for (const way of ways) way.disabled = true;
    const answer = await desk.call("share", { mode }).catch((error) => { for (const way of ways) way.disabled = false; throw error; });
    clearTimeout(timer);
    const { door } = answer;
    desk.put(node, h("p", {}, h("span", { class: "spin", "aria-hidden": "true" }), " ", t("share.reopening")));
    desk.leave();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (let tries = 0; tries < 120; tries++) {
      try { if ((await fetch("static/fonts/", { cache: "no-store" })).status) break; } catch (error) { console.debug(error); }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    location.assign(door);
  }
  const guest = () => [h("p", {}, t(LOCAL.includes(location.hostname) ? "share.guest_here" : "share.guest"))];
  const line = (key, value) => h("div", { class: "row" }, h("span", { class: "muted" }, t(key)), h("b", { class: "told" }, value),
    navigator.clipboard && h("button", { onclick: () => navigator.clipboard.writeText(value).then(() => desk.toast(t("share.copied"))) }, t("share.copy")));
  const leave = () => h("form", { method: "post", action: "deconnexion" }, h("button", { type: "submit", class: "leave" }, t("share.leave")));
  const day = (iso) => new Date(iso).toLocaleString(desk.lang === "fr" ? "fr-FR" : "en-GB", { dateStyle: "long", timeStyle: "short" });
  return { panel, pill, isGuest };
})();
