// « Qui travaille ? »: a name asked at the first visit, shown in the frame; and the frame's « Annuler ».
(() => {
  const { h, t } = desk;
  const dialog = element.querySelector(".who"), field = dialog.querySelector("input"), missing = dialog.querySelector(".missing");
  const frame = document.querySelector(".pk.frame"), badge = frame.querySelector(".person"), button = frame.querySelector(".undo");
  const LATER = "paddock:person-later";  // per tab: « Plus tard » asks again at the next visit, not at the next reload

  async function ask() {
    const name = desk.person();
    const { who, proposal, most } = await desk.call("who");
    desk.fill(dialog);
    dialog.querySelector("h2").textContent = t(name ? "who.change" : "who.title");
    dialog.querySelector(".begin").textContent = t(name ? "who.continue" : "who.start");
    const later = dialog.querySelector(".later");
    later.textContent = name ? t("who.keep", { who: name }) : t("who.later");
    later.title = name ? "" : t("who.later_title", { who });
    missing.hidden = true;
    field.maxLength = most;
    field.value = name || proposal;
    if (!dialog.open) dialog.showModal();
    field.focus();
    field.select();
  }
  function leave() {
    if (!desk.person()) sessionStorage.setItem(LATER, "1");
    dialog.close();
  }
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); leave(); });  // Escape
  dialog.addEventListener("keydown", (event) => event.stopPropagation());  // 1, 2, 3 and Z are letters of a name here
  dialog.querySelector(".later").addEventListener("click", leave);
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = field.value.trim().replace(/\s+/g, " ");
    missing.hidden = !!name;
    if (!name) { field.focus(); return; }
    const changed = name !== desk.person();
    desk.declare(name);
    dialog.close();
    if (changed) desk.toast(t("who.hello", { who: name }));
  });

  const initials = (name) => {
    const words = name.split(/[\s-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
    const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words;
    return picked.map((word) => [...word].find((char) => /[\p{L}\p{N}]/u.test(char))).join("").toLocaleUpperCase();
  };
  function drawPerson() {
    const name = desk.person();
    badge.classList.toggle("nobody", !name);
    desk.put(badge, h("span", { class: "round", "aria-hidden": "true" }, name ? initials(name) || "?" : "?"), h("span", { class: "full" }, name || t("who.nobody")));
    badge.title = name ? t("who.button", { who: name }) : t("who.nobody");
    badge.setAttribute("aria-label", badge.title);
  }

  const ARROW = '<svg width="17" height="17" viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"><path d="M7 3.5 3 7.5l4 4"/><path d="M3.3 7.5H12a4.5 4.5 0 0 1 0 9H7"/></svg>';
  function drawUndo() {
    const words = desk.act ? t("undo.what", { act: desk.actWords(desk.act) }) : t("undo.button");
    button.disabled = !desk.act;
    button.title = desk.act ? words : t("undo.nothing");
    button.setAttribute("aria-label", words);
    button.innerHTML = ARROW;
    button.append(h("span", { class: "short" }, t("undo.button")), h("span", { class: "full" }, words));
  }
  badge.addEventListener("click", ask);
  button.addEventListener("click", () => desk.undo());
  desk.on("person", drawPerson);
  desk.on("act", drawUndo);
  desk.on("lang", () => { desk.fill(dialog); drawPerson(); drawUndo(); });
  desk.on("ready", () => {
    drawPerson();
    drawUndo();
    if (!desk.person() && !sessionStorage.getItem(LATER)) ask();
  });
})();
