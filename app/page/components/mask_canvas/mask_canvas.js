/* The mask canvas: a photo, a mask from words, a box or a file, and the hand's strokes over it.
   PaddockMaskCanvas.create(element, options) -> controller; the page talks to the controller only. */
(function (root) {
  'use strict';
  const parts = (root.PaddockMaskCanvas = root.PaddockMaskCanvas || {});
  const DRAFT_MS = 400, CHANGE_MS = 100, KEPT_PHOTOS = 4, SMALLEST = 2, LARGEST = 400;
  const TOOLS = ['words', 'click', 'box', 'brush', 'eraser', 'zoom'];
  const nothing = () => {};
  const DEFAULTS = { t: (key) => key, lang: () => document.documentElement.lang || 'fr', tool: 'brush', brush: 24, tools: TOOLS,
    onChange: nothing, onBox: nothing, onPoint: nothing, onBrush: nothing, onTool: nothing, onError: nothing };

  function create(element, given) {
    const options = { ...DEFAULTS, ...given }, t = options.t, listeners = new Set(), kept = new Map();
    let layers = null, draftKey = null, opening = 0, answers = Promise.resolve(), frame = 0, draftTimer = 0, changeTimer = 0, hasResult = false;
    let shownBeforeResult = true, discarded = false;
    const c = { options, tools: options.tools, tool: options.tool, brush: options.brush, ready: false, lastPaintMs: 0 };
    const view = new parts.MaskView(element, () => { requestPaint(); showControls(); });
    const input = parts.bindInput(c, view);
    const fail = (name, error) => options.onError({ name, text: t('canvas.error.' + name), detail: String(error || '') });

    /* ---- painting: once a frame, and only what changed ---- */
    function requestPaint() {
      if (!frame) frame = root.requestAnimationFrame(() => {
        frame = 0;
        const start = performance.now();
        view.paint();
        c.lastPaintMs = performance.now() - start;
      });
    }

    function state() {
      return { tool: c.tool, brush: c.brush, canUndo: !!layers && layers.canUndo, canRedo: !!layers && layers.canRedo,
        undoes: layers ? layers.undoes : '', redoes: layers ? layers.redoes : '',
        maskShown: view.maskShown, comparing: view.split !== null, hasResult, hasHeat: !!layers && layers.hasHeat,
        threshold: layers ? layers.threshold : null, zoom: view.view.scale, ready: c.ready };
    }

    function tell() { const s = state(); for (const f of listeners) f(s); }

    function changed() {
      discarded = false;
      requestPaint();
      tell();
      if (!changeTimer) changeTimer = root.setTimeout(() => {
        changeTimer = 0;
        if (layers) options.onChange({ area: layers.area, share: layers.area / (layers.width * layers.height) });
      }, CHANGE_MS);
      root.clearTimeout(draftTimer);
      draftTimer = root.setTimeout(save, DRAFT_MS);
    }

    /* ---- drafts ---- */
    function save() {
      if (input.busy()) { draftTimer = root.setTimeout(save, DRAFT_MS); return; }
      flush();
    }

    function flush() {
      if (!draftTimer) return;
      root.clearTimeout(draftTimer);
      draftTimer = 0;
      if (!draftKey || !layers) return;
      try { parts.writeDraft(draftKey, layers); } catch (error) { fail('draft', error); }
    }

    /* Photos seen lately keep their layers and their undo; older ones come back from their draft. */
    function keep() {
      if (!draftKey || !layers || discarded || !(layers.canUndo || layers.canRedo)) return;
      kept.delete(draftKey);
      kept.set(draftKey, { layers, imageData: view.imageData });
      if (kept.size > KEPT_PHOTOS) kept.delete(kept.keys().next().value);
    }

    c.open = async function ({ photoUrl, heatUrl, maskUrl, threshold, draftKey: key }) {
      const turn = ++opening;
      input.cancel();
      flush();
      keep();
      c.ready = false;
      view.root.setAttribute('aria-busy', 'true');
      let image, found, restored = false;
      try { image = await parts.loadImage(photoUrl); }
      catch (error) {
        if (turn === opening) { layers = draftKey = null; view.empty(); showControls(); tell(); fail('photo', error); }
        return null;
      }
      const width = image.naturalWidth, height = image.naturalHeight, known = key && kept.get(key);
      if (known && known.layers.width === width && known.layers.height === height) { found = known; restored = true; }
      else {
        const imageData = new ImageData(width, height);
        found = { imageData, layers: new parts.MaskLayers(width, height, new Uint32Array(imageData.data.buffer)) };
        try { restored = !!key && await parts.readDraft(key, found.layers); } catch (error) { fail('draft', error); }
        if (!restored && threshold !== undefined) found.layers.setThreshold(threshold);
        if (!restored && (heatUrl || maskUrl)) {
          const url = heatUrl || maskUrl;
          try {
            found.layers.setBase({ data: await parts.loadPlane(url, width, height), heat: !!heatUrl, url }, 'replace', false);
          } catch (error) { fail('mask', error); }
        }
      }
      if (turn !== opening) return null;
      layers = found.layers;
      draftKey = key || null;
      discarded = false;
      hasResult = false;
      view.result.removeAttribute('src');
      view.outline = null;
      view.split = null;
      view.maskShown = true;
      c.ready = true;
      view.setPhoto(image, layers, found.imageData);
      view.root.removeAttribute('aria-busy');
      view.refreshLayers();
      input.cursor();
      showControls();
      requestPaint();
      tell();
      options.onChange({ area: layers.area, share: layers.area / (width * height) });
      return { width, height, restored };
    };

    /* Answers are taken in the order they were given, so that two questions added at once are both kept; one that
       arrives after the photo was changed is left out. A stroke under way goes on over the new base. */
    c.setBase = function (answer) {
      const target = layers;
      answers = answers.then(() => take(answer, target));
      return answers;
    };

    async function take({ heatUrl, maskUrl, mode, what, answer }, target) {
      if (!target || target !== layers) return false;
      const url = heatUrl || maskUrl;
      let data;
      try { data = await parts.loadPlane(url, target.width, target.height); }
      catch (error) { fail('mask', error); return false; }
      if (target !== layers) return false;
      target.setBase({ data, heat: !!heatUrl, url }, mode, true, what, answer);
      c.showMask();
      changed();
      return true;
    }

    c.setThreshold = (value) => { if (layers) { layers.setThreshold(value); changed(); } };
    c.discardDraft = (key) => {
      const name = key || draftKey;
      if (name === draftKey) { root.clearTimeout(draftTimer); draftTimer = 0; discarded = true; }
      if (name) { parts.dropDraft(name); kept.delete(name); }
    };

    /* ---- strokes and steps ---- */
    c.beginStroke = () => { if (view.split !== null) c.compare(false); c.showMask(); view.outline = null; layers.beginStroke(); };
    c.strokeTo = (from, to, value) => { layers.paint(from.x, from.y, to.x, to.y, c.brush, value); requestPaint(); };
    c.endStroke = () => { layers.endStroke(); changed(); };
    c.cancelStroke = () => { layers.cancelStroke(); requestPaint(); };
    for (const name of ['undo', 'redo']) c[name] = () => { if (layers && layers[name]()) { c.showMask(); changed(); } };
    for (const name of ['clear', 'invert']) c[name] = () => { if (layers) { input.cancel(); layers[name](); c.showMask(); changed(); } };

    c.setTool = function (tool) {
      if (!c.tools.includes(tool)) return;
      input.cancel();
      c.tool = tool;
      input.cursor();
      view.followRing({ erasing: tool === 'eraser' });
      showControls();
      tell();
      options.onTool(tool);
    };

    c.setBrush = function (radius) {
      c.brush = Math.min(LARGEST, Math.max(SMALLEST, Math.round(radius)));
      view.followRing({ radius: c.brush });
      showControls();
      tell();
      options.onBrush(c.brush);
    };
    c.stepBrush = (way) => c.setBrush(way > 0 ? Math.max(c.brush + 1, c.brush * 1.12) : Math.min(c.brush - 1, c.brush / 1.12));

    /* ---- mask, result, comparison ---- */
    c.showMask = (shown = true) => {
      if (view.maskShown === shown) return;
      view.maskShown = shown;
      view.refreshLayers();
      requestPaint();
      tell();
    };
    c.hideMask = () => c.showMask(false);
    c.toggleMask = () => c.showMask(!view.maskShown);
    c.peek = (on) => { if (view.peeking !== !!on) { view.peeking = !!on; view.refreshLayers(); } };

    /* The corrected photo takes the original's place and the mask steps back; `resultMask` outlines what was changed
       when the mask is shown again. showResult(null) returns to the original. */
    c.showResult = async function (url, resultMask) {
      const target = layers;
      if (!target) return false;
      if (!url) {
        if (hasResult) view.maskShown = shownBeforeResult;
        hasResult = false;
        view.result.removeAttribute('src');
        view.split = view.outline = null;
      } else {
        let image, outline = null;
        try {
          image = await parts.loadImage(url);
          if (resultMask) outline = (await parts.loadPlane(resultMask, target.width, target.height)).map((v) => (v >= 128 ? 1 : 0));
        } catch (error) { fail('photo', error); return false; }
        if (target !== layers) return false;
        if (!hasResult) shownBeforeResult = view.maskShown;
        hasResult = true;
        view.result.src = image.src;
        view.outline = outline;
        view.maskShown = false;
      }
      view.edgeStale = true;
      view.refreshLayers();
      requestPaint();
      tell();
      return true;
    };

    c.compare = (on) => {
      view.split = on && hasResult ? (view.split === null ? 50 : view.split) : null;
      view.refreshLayers();
      tell();
    };
    c.setSplit = (percent) => {
      view.split = Math.min(100, Math.max(0, percent));
      view.refreshLayers();
    };

    /* ---- what leaves the canvas ---- */
    const exported = (kind, grey) => {
      if (!layers) return null;
      layers.refresh();
      return (kind === 'blob' ? parts.planeBlob : parts.planeUrl)(layers.width, layers.height, grey);
    };
    c.exportMask = (kind) => exported(kind, (i) => layers.final[i] * 255);
    c.exportStrokes = () => ({ add: exported('', (i) => (layers.hand[i] > 0 ? 255 : 0)),
      remove: exported('', (i) => (layers.hand[i] < 0 ? 255 : 0)) });
    c.maskArea = () => (layers ? layers.area : 0);
    c.isEmpty = () => c.maskArea() === 0;
    c.answers = () => (layers ? layers.state.answers : []);  // the accounts given to setBase that the mask rests on
    c.state = state;
    c.on = (f) => { listeners.add(f); f(state()); return () => listeners.delete(f); };

    /* ---- zoom and the small controls ---- */
    c.zoomed = () => view.view.scale > view.view.fit * 1.001;
    c.fit = () => view.fit();
    c.zoomBy = (factor) => view.zoomBy(factor);
    const range = view.brush.querySelector('input'), RATIO = Math.log(LARGEST / SMALLEST);
    range.addEventListener('input', () => c.setBrush(SMALLEST * Math.exp(range.value / 100 * RATIO)));
    view.zoom.addEventListener('click', (e) => {
      const to = e.target.dataset.zoom;
      if (to) { if (to === 'fit') c.fit(); else c.zoomBy(to === 'in' ? 1.5 : 1 / 1.5); }
    });

    function showControls() {
      const number = (n) => n.toLocaleString(options.lang());
      view.brush.hidden = !c.ready || !['brush', 'eraser'].includes(c.tool);
      view.zoom.hidden = !c.ready || !(c.tool === 'zoom' || c.zoomed());
      const place = String(Math.round(Math.log(c.brush / SMALLEST) / RATIO * 100));
      if (document.activeElement !== range) range.value = place;
      view.brush.querySelector('output').textContent = number(2 * c.brush) + ' px';
      view.zoom.querySelector('output').textContent = number(Math.round(view.view.scale * 100)) + ' %';
    }

    c.relabel = function () {
      view.surface.setAttribute('aria-label', t('canvas.label'));
      view.divider.setAttribute('aria-label', t('canvas.compare'));
      view.divider.children[0].textContent = t('canvas.before');
      view.divider.children[1].textContent = t('canvas.after');
      view.brush.children[0].textContent = t('canvas.brush_size');
      for (const b of view.zoom.querySelectorAll('button')) b.setAttribute('aria-label', t('canvas.zoom.' + b.dataset.zoom));
      view.zoom.querySelector('[data-zoom=fit]').textContent = t('canvas.zoom.fit');
      showControls();
    };

    const leave = () => flush();
    root.addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', leave);
    c.destroy = () => {
      flush();
      root.cancelAnimationFrame(frame);
      root.clearTimeout(changeTimer);
      root.removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', leave);
      view.destroy();
      listeners.clear();
    };
    c.relabel();
    input.cursor();
    return c;
  }

  parts.create = create;
})(window);
