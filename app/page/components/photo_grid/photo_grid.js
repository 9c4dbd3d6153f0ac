// The photo grid: thousands of photos, only those in view are in the document. Used by "Trier" and "Évaluer".
// PaddockGrid.create(scroller, {items(): [{sha, src, label, badge, corner}], onPick(sha, event), onOpen(sha), label})
window.PaddockGrid = {
  create(scroller, options) {
    const { h } = desk;
    const grid = h("div", { class: "grid", role: "listbox", "aria-multiselectable": "true", tabindex: "0" });
    (options.host || scroller).append(grid);
    const GAP = 10, WANTED = 155;
    let items = [], columns = 1, width = WANTED, height = 110, pending = false;

    function measure() {
      const room = grid.clientWidth || scroller.clientWidth - 32;
      columns = Math.max(1, Math.floor((room + GAP) / (WANTED + GAP)));
      width = (room - GAP * (columns - 1)) / columns;
      height = Math.round(width * 0.667);
      grid.style.height = `${Math.ceil(items.length / columns) * (height + GAP)}px`;
    }
    function draw() {
      measure();
      const top = scroller.scrollTop - grid.offsetTop - 300, bottom = top + scroller.clientHeight + 600;
      const first = Math.max(0, Math.floor(top / (height + GAP)) * columns);
      const last = Math.min(items.length, Math.ceil(bottom / (height + GAP)) * columns);
      const kept = new Map([...grid.children].map((node) => [node.dataset.key, node]));
      const shown = [];
      for (let index = first; index < last; index++) {
        const item = items[index];
        const key = `${item.sha} ${item.version || ""} ${item.state || ""}`;
        const node = kept.get(key) || tile(item, key);
        Object.assign(node.style, {
          left: `${(index % columns) * (width + GAP)}px`, top: `${Math.floor(index / columns) * (height + GAP)}px`,
          width: `${width}px`, height: `${height}px`,
        });
        const chosen = options.selected ? options.selected(item.sha) : false;
        node.setAttribute("aria-selected", String(chosen));
        node.classList.toggle("current", options.current ? options.current() === item.sha : false);
        shown.push(node);
      }
      grid.replaceChildren(...shown);
      const here = options.current && options.current();
      if (here && shown.some((node) => node.dataset.sha === here)) grid.setAttribute("aria-activedescendant", `tile-${here}`);
      else grid.removeAttribute("aria-activedescendant");
    }
    const tile = (item, key) => h("div", {
      class: "tile", role: "option", id: `tile-${item.sha}`, "data-key": key, "data-sha": item.sha, title: item.label, "aria-label": item.label,
      onclick: (event) => options.onPick && options.onPick(item.sha, event),
      ondblclick: () => options.onOpen && options.onOpen(item.sha),
    }, h("img", { src: item.src, alt: "", loading: "lazy", draggable: "false" }), item.badge ? item.badge() : null,
    item.corner ? h("span", { class: "corner" }, item.corner) : null, item.left ? h("span", { class: "corner left" }, item.left) : null);

    const later = () => { if (!pending) { pending = true; requestAnimationFrame(() => { pending = false; draw(); }); } };
    scroller.addEventListener("scroll", later);
    new ResizeObserver(later).observe(scroller);
    grid.addEventListener("keydown", (event) => {
      const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -items.length, End: items.length };
      if (!(event.key in moves) || !items.length || !options.onPick) return;
      event.preventDefault();
      const here = items.findIndex((item) => options.current && item.sha === options.current());
      api.go(Math.min(items.length - 1, Math.max(0, here < 0 ? 0 : here + moves[event.key])), event);
    });
    const api = {
      set(list) { items = list; if (options.label) grid.setAttribute("aria-label", options.label()); draw(); },
      redraw: later,
      focus() { grid.focus({ preventScroll: true }); },
      items: () => items,
      go(index, event = {}) {
        const item = items[index];
        if (!item) return;
        options.onPick(item.sha, event);
        api.reveal(item.sha);
      },
      reveal(sha) {
        const index = items.findIndex((item) => item.sha === sha);
        if (index < 0) return;
        const top = grid.offsetTop + Math.floor(index / columns) * (height + GAP);
        if (top < scroller.scrollTop + 60) scroller.scrollTop = top - 60;
        else if (top + height > scroller.scrollTop + scroller.clientHeight - 10) scroller.scrollTop = top + height - scroller.clientHeight + 20;
        later();
      },
      element: grid,
    };
    return api;
  },
};
