/* The tool rail beside the canvas: icons of our own, a word under each, one pressed at a time. */
(function (root) {
  'use strict';
  const parts = (root.PaddockMaskCanvas = root.PaddockMaskCanvas || {});
  const ICONS = {
    words: '<path d="M2 16.5 6.7 4h.6L12 16.5M3.7 12.2h6.6"/><circle cx="15.2" cy="13.4" r="3"/><path d="M18.2 10.2v6.3"/>',
    click: '<circle cx="10" cy="10" r="6.2"/><path d="M10 1.5v5M10 13.5v5M1.5 10h5M13.5 10h5"/>',
    box: '<path d="M3 7V4h3M14 4h3v3M17 13v3h-3M6 16H3v-3M9 4h2M9 16h2M3 9.2v1.6M17 9.2v1.6"/>',
    brush: '<path d="M17.4 2.6c-3 1.4-6.3 4.4-8.3 7.3l2 2c2.9-2 5.5-5.3 6.3-9.3z"/><path d="M8.3 11.1c-2.6-.2-3.5 1.4-3.7 3.1-.1 1.1-.8 2-2 2.4 2.9 1.2 7.5.8 7.3-3.2"/>',
    eraser: '<path d="m7.3 16.5-4-4a1.3 1.3 0 0 1 0-1.8l7.6-7.6a1.3 1.3 0 0 1 1.8 0l4 4a1.3 1.3 0 0 1 0 1.8l-7.6 7.6zM7 7l6 6M7.3 16.5H17"/>',
    undo: '<path d="M7 3.5 3 7.5l4 4"/><path d="M3.3 7.5H12a4.5 4.5 0 0 1 0 9H7"/>',
    redo: '<path d="m13 3.5 4 4-4 4"/><path d="M16.7 7.5H8a4.5 4.5 0 0 0 0 9h5"/>',
    hide: '<path d="M1.8 10S4.8 4.5 10 4.5 18.2 10 18.2 10 15.2 15.5 10 15.5 1.8 10 1.8 10z"/><circle cx="10" cy="10" r="2.5"/>',
    show: '<path d="M1.8 10S4.8 4.5 10 4.5 18.2 10 18.2 10 15.2 15.5 10 15.5 1.8 10 1.8 10z"/><path d="m3.5 16.5 13-13"/>',
    zoom: '<circle cx="8.7" cy="8.7" r="5.7"/><path d="m13 13 4.7 4.7M6.2 8.7h5M8.7 6.2v5"/>',
  };
  const KEYS = { box: 'R', brush: 'B', eraser: 'E', undo: 'Ctrl+Z', redo: 'Ctrl+Y', hide: 'M' };
  const SPELLED = { undo: 'Control+Z', redo: 'Control+Y' };
  const ALL = ['words', 'click', 'box', 'brush', 'eraser', 'undo', 'redo', 'hide', 'zoom'];
  const ACTS = { undo: (c) => c.undo(), redo: (c) => c.redo(), hide: (c) => c.toggleMask() };

  function rail(element, controller, tools, t) {
    const box = document.createElement('div'), buttons = {};
    box.className = 'pmc-rail';
    box.setAttribute('role', 'toolbar');
    box.setAttribute('aria-orientation', 'vertical');
    for (const name of tools || ALL) {
      const b = (buttons[name] = document.createElement('button'));
      b.type = 'button';
      b.className = 'pmc-tool';
      b.dataset.tool = name;
      b.innerHTML = '<svg viewBox="0 0 20 20" aria-hidden="true"></svg><span></span>';
      if (KEYS[name]) b.setAttribute('aria-keyshortcuts', SPELLED[name] || KEYS[name]);
      b.addEventListener('click', () => (ACTS[name] || (() => controller.setTool(name)))(controller));
      box.appendChild(b);
    }
    element.appendChild(box);

    function refresh(state) {
      box.setAttribute('aria-label', t('canvas.tools'));
      for (const name of Object.keys(buttons)) {
        const b = buttons[name], shown = name === 'hide' && !state.maskShown ? 'show' : name;
        const word = t('canvas.tool.' + shown), icon = b.firstChild, step = { undo: state.undoes, redo: state.redoes }[name];
        const label = step ? t(`canvas.${name}_what`, { step: t('canvas.step.' + step) }) : word;
        if (b.dataset.icon !== shown) { icon.innerHTML = ICONS[shown]; b.dataset.icon = shown; }
        b.lastChild.textContent = word;
        if (name === 'undo' || name === 'redo') b.setAttribute('aria-label', label);
        b.title = KEYS[name] ? `${label} (${KEYS[name]})` : label;
        if (name === 'undo') b.disabled = !state.canUndo;
        else if (name === 'redo') b.disabled = !state.canRedo;
        else if (name !== 'hide') b.setAttribute('aria-pressed', String(state.tool === name));
      }
    }

    const stop = controller.on(refresh);
    return { element: box, relabel: () => refresh(controller.state()), destroy: () => { stop(); box.remove(); } };
  }

  parts.rail = rail;
})(window);
